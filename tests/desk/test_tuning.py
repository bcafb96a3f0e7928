"""How one station's connection is watched: the form of support."""

from app.domain.facts import FactKind
from app.domain.live import StationTuning
from app.ports import Ports
from tests.desk.conftest import Desk, Page, Work

STATION = "UTR-DEPOT-018"
URL = f"/desk/station/tuning?id={STATION}"


async def described(work: Work) -> None:
    await work.begin(STATION)
    await work.locate()
    await work.template()


async def stored(ports: Ports) -> StationTuning | None:
    found = await ports.store.get(StationTuning, STATION)
    return found[0] if found else None


def typed(page: Page) -> dict[str, str]:
    fields = [each.attributes for each in page.tags("input")]
    return {each["name"]: each["value"] for each in fields if each["name"].endswith("_seconds")}


async def test_support_gives_one_station_its_own_times(ports: Ports, sue_desk: Desk, work: Work) -> None:
    await described(work)
    page = await sue_desk.page(f"/desk/station?id={STATION}")
    assert page.one("tuning").attributes["href"] == URL
    page = await sue_desk.page(URL)
    assert typed(page) == {"ping_seconds": "", "pong_seconds": "", "close_seconds": ""}
    assert "within 45 seconds" in page.one("tuning-bound").text
    await sue_desk.post(URL, {"ping_seconds": "25", "pong_seconds": "0", "close_seconds": ""})
    assert "Connection times of the station changed" in (await sue_desk.get(f"/desk/station?id={STATION}")).text
    tuning = await stored(ports)
    assert tuning == StationTuning(charge_station_id=STATION, ping_seconds=25, pong_seconds=0)
    page = await sue_desk.page(URL)
    assert typed(page) == {"ping_seconds": "25", "pong_seconds": "0", "close_seconds": ""}
    assert "within 905 seconds" in page.one("tuning-bound").text, "three heartbeats and the goodbye"
    [fact] = await ports.store.facts(kind=FactKind.STATION_TUNED)
    assert (fact.person_id, fact.charge_station_id) == ("sue", STATION)
    assert fact.data == {"ping_seconds": 25, "pong_seconds": 0, "close_seconds": None}
    assert "Connection times of the station changed" in (await sue_desk.get(f"/desk/station?id={STATION}")).text
    await sue_desk.post(URL, {"ping_seconds": "", "pong_seconds": "", "close_seconds": ""})
    assert await stored(ports) == StationTuning(charge_station_id=STATION)


async def test_what_no_station_wants_stays_in_the_form_with_its_reason(
    ports: Ports, sue_desk: Desk, work: Work
) -> None:
    await described(work)
    for name, value in (
        ("ping_seconds", "0"),
        ("ping_seconds", "soon"),
        ("close_seconds", "nan"),
        ("pong_seconds", "-1"),
    ):
        answer = await sue_desk.post(URL, {"ping_seconds": "", "pong_seconds": "", "close_seconds": "", name: value})
        page = Page(answer.text)
        assert answer.status_code == 422 and "seconds" in page.one(f"error-{name}").text
        assert typed(page)[name] == value
    assert await stored(ports) is None


async def test_a_station_of_another_cpo_is_none(sue_desk: Desk) -> None:
    assert (await sue_desk.get("/desk/station/tuning?id=NOT-HERE")).status_code == 404
    assert (await sue_desk.post("/desk/station/tuning?id=NOT-HERE", {"ping_seconds": "9"})).status_code == 404
