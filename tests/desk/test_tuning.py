"""How one station's connection is watched: the form of support."""

import pytest

from app.desk.words_en import ENGLISH
from app.domain.facts import FactKind
from app.domain.live import AuthOutcome, StationTuning
from app.domain.model import ProtocolVersion
from app.domain.profiles import Profile
from app.platforms.host import OcppHost
from app.ports import Attempt, Connection, Ports
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
    assert "Connection settings of the station changed" in (await sue_desk.get(f"/desk/station?id={STATION}")).text
    tuning = await stored(ports)
    assert tuning == StationTuning(charge_station_id=STATION, ping_seconds=25, pong_seconds=0)
    page = await sue_desk.page(URL)
    assert typed(page) == {"ping_seconds": "25", "pong_seconds": "0", "close_seconds": ""}
    assert "within 905 seconds" in page.one("tuning-bound").text, "three heartbeats and the goodbye"
    [fact] = await ports.store.facts(kind=FactKind.STATION_TUNED)
    assert (fact.person_id, fact.charge_station_id) == ("sue", STATION)
    assert fact.data == {"ping_seconds": 25, "pong_seconds": 0, "close_seconds": None, "security_profile": None}
    assert "Connection settings of the station changed" in (await sue_desk.get(f"/desk/station?id={STATION}")).text
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


async def come(ports: Ports, auth: AuthOutcome, *, tls: bool) -> None:
    host = OcppHost(ports.store, ports.clock, ports.ids, ports.digest_key, Profile.OPEN)
    attempt = Attempt(identity=STATION, raw_path=f"/ocpp/{STATION}", address="203.0.113.7", endpoint="ws://x", tls=tls)
    connection = Connection(
        id="s-1",
        charge_station_id=STATION,
        address="203.0.113.7",
        endpoint="ws://x",
        protocol_version=ProtocolVersion.OCPP16,
        attempt=attempt,
        auth=auth,
    )
    await host.connected(connection)


@pytest.mark.parametrize(
    ("auth", "tls", "came"),
    [(AuthOutcome.RIGHT, True, "2"), (AuthOutcome.RIGHT, False, "1"), (AuthOutcome.WRONG, True, "0")],
)
async def test_the_page_says_which_profile_the_station_came_with(
    ports: Ports, sue_desk: Desk, work: Work, auth: AuthOutcome, tls: bool, came: str
) -> None:
    await described(work)
    assert ENGLISH.tuning["never_came"] in (await sue_desk.page(URL)).one("tuning-came").text
    await come(ports, auth, tls=tls)
    assert ENGLISH.profiles[came] in (await sue_desk.page(URL)).one("tuning-came").text
    page = await sue_desk.page(f"/desk/station?id={STATION}")
    assert (page.one("profile").attributes["data-asked"], page.one("profile").attributes["data-came"]) == ("1", came)
    assert (ENGLISH.axes["below"] in page.one("profile").text) is (came == "0")


async def test_a_station_has_a_security_profile_of_its_own_and_the_door_asks_for_it(
    ports: Ports, sue_desk: Desk, work: Work
) -> None:
    await described(work)
    await come(ports, AuthOutcome.RIGHT, tls=False)
    times = {"ping_seconds": "", "pong_seconds": "", "close_seconds": ""}
    answer = await sue_desk.post(URL, times | {"security_profile": "2"})
    assert answer.status_code == 303
    assert await stored(ports) == StationTuning(charge_station_id=STATION, security_profile=2)
    page = await sue_desk.page(URL)
    [chosen] = [each for each in page.tags("option") if "selected" in each.attributes]
    assert chosen.attributes["value"] == "2" and page.one("tuning-below")
    page = await sue_desk.page(f"/desk/station?id={STATION}")
    assert page.one("profile").attributes["data-asked"] == "2" and ENGLISH.axes["below"] in page.one("profile").text
    told = next(each for each in page.all("fact") if each.attributes["data-kind"] == "station_tuned")
    assert ENGLISH.profiles["2"] in told.text
    host = OcppHost(ports.store, ports.clock, ports.ids, ports.digest_key, Profile.OPEN)
    plain = Attempt(identity=STATION, raw_path=f"/ocpp/{STATION}", address="203.0.113.7", endpoint="ws://x", tls=False)
    assert (await host.admit(plain)).reason.value == "no_tls"
    for wrong in ("3", "high"):
        refused = await sue_desk.post(URL, times | {"security_profile": wrong})
        assert refused.status_code == 422
        assert ENGLISH.field_errors["security_profile"] in Page(refused.text).one("error-security_profile").text
    await sue_desk.post(URL, times | {"security_profile": ""})
    assert await stored(ports) == StationTuning(charge_station_id=STATION)
