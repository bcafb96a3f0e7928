"""Stations that nobody knows, at the desk: seen on board, list and station page, and adopted with a confirmation."""

from httpx import AsyncClient

from app.desk.words_en import ENGLISH
from app.domain.facts import FactKind
from app.domain.live import AuthOutcome, Boot, Knock, StationPassword
from app.domain.model import ProtocolVersion
from app.domain.people import Actor, keyed_digest
from app.platforms.host import OcppHost
from app.ports import Attempt, Connection, Ports
from tests.conftest import XYZ
from tests.desk.conftest import Desk, Work, sign_in
from tests.fakes import FakeClock

TYPED, REAL = "UTR-DEPOT-081", "UTR-DEPOT-018"


async def knock(ports: Ports, identity: str = REAL, password: str | None = "a-password-of-its-own") -> Knock:
    host = OcppHost(ports.store, ports.clock, ports.ids, ports.digest_key, True)
    attempt = Attempt(
        identity=identity,
        raw_path=f"/ocpp/{identity}",
        address="203.0.113.7",
        endpoint=f"wss://x/ocpp/{identity}",
        subprotocols=("ocpp1.6",),
        credentials=f"{identity}:{password}".encode() if password else None,
        tls=True,
    )
    found = await ports.store.get(Knock, await host.knocked(attempt, await host.admit(attempt)))
    assert found is not None
    return found[0]


async def set_up(work: Work) -> None:
    await work.begin(TYPED)
    await work.locate()
    await work.template()


async def test_a_stranger_is_on_the_board_the_list_and_the_page_of_the_station_that_it_may_be(
    ports: Ports, sue_desk: Desk, work: Work
) -> None:
    await set_up(work)
    page = await sue_desk.page("/desk/station", id=TYPED)
    assert ENGLISH.adoption["no_strangers"] in page.one("strangers").text
    seen = await knock(ports)
    board = (await sue_desk.page("/desk")).one("stray")
    assert board.attributes["data-station"] == REAL
    assert TYPED in board.text and ENGLISH.differs["swapped"] in board.text
    row = (await sue_desk.page("/desk/connections")).one("knock")
    assert REAL in row.text and TYPED in row.text and ENGLISH.auths["offered"] in row.text and "wss" in row.text
    page = await sue_desk.page("/desk/station", id=TYPED)
    assert page.one("stranger").attributes["data-station"] == REAL
    assert seen.credentials_digest is not None
    for path in ("/desk", "/desk/connections", f"/desk/station?id={TYPED}"):
        assert seen.credentials_digest not in (await sue_desk.get(path)).text


async def test_it_is_adopted_after_a_page_that_says_what_happens(ports: Ports, sue_desk: Desk, work: Work) -> None:
    await set_up(work)
    await knock(ports, TYPED, "not-the-one-we-set")
    seen = await knock(ports)
    page = await sue_desk.page("/desk/adopt", knock=seen.id)
    [choice] = [each for each in page.tags("input") if each.attributes.get("name") == "work"]
    assert "checked" in choice.attributes, "its id is nearly the one that was typed"
    assert ENGLISH.adoption["password_taken"] in page.one("stranger").text
    answer = await sue_desk.post(f"/desk/adopt?knock={seen.id}", {"work": choice.attributes["value"]})
    assert answer.status_code == 303 and answer.headers["Location"] == f"/desk/station?id={REAL}"
    page = await sue_desk.page("/desk/station", id=REAL)
    assert TYPED in page.one("adopted").text and "Sue" in page.one("adopted").text
    [listed] = (await sue_desk.page("/desk/connections", q=REAL)).all("knock")
    shown, earlier = sorted(page.all("knock"), key=lambda row: TYPED in row.text)
    assert TYPED in earlier.text and ENGLISH.knocks[earlier.attributes["data-reason"]] in earlier.text
    for row in (listed, shown):
        assert ENGLISH.adoption["known_now_advice"] in row.text and "scan" not in row.text, "it is known by now"
    assert f'href="/desk/station?id={REAL}"' in (await sue_desk.get("/desk/connections/list")).text
    [told] = [each for each in page.all("fact") if each.attributes["data-kind"] == "station_adopted"]
    assert TYPED in told.text and REAL in told.text and "taken" not in told.text
    password = await ports.store.get(StationPassword, REAL)
    assert password is not None
    assert password[0].digest == keyed_digest(ports.digest_key, f"{REAL}:a-password-of-its-own")
    assert await ports.store.station(TYPED) is None
    [fact, _] = await ports.store.facts(kind=FactKind.STATION_ADOPTED)
    assert fact.person_id == "sue"


async def test_its_history_is_one_and_its_old_page_leads_to_the_new_one(
    ports: Ports, sue_desk: Desk, work: Work
) -> None:
    await set_up(work)
    await sue_desk.post(f"/desk/adopt?knock={(await knock(ports)).id}", {"work": "c-1"})
    page = await sue_desk.page("/desk/station", id=REAL)
    kinds = [each.attributes["data-kind"] for each in page.all("fact")]
    assert kinds[0] == "station_adopted" and kinds[-1] == "commissioning_begun"
    assert kinds.count("station_adopted") == 1 and "location_chosen" in kinds
    old = await sue_desk.get("/desk/station", id=TYPED)
    assert (old.status_code, old.headers["Location"]) == (303, f"/desk/station?id={REAL}")
    part = await sue_desk.get("/desk/station/live", id=TYPED)
    assert part.headers["HX-Redirect"] == f"/desk/station?id={REAL}"
    assert (await sue_desk.get("/desk/station", id="NEVER-HEARD-OF")).status_code == 404


async def test_nobody_is_chosen_for_it_and_a_refusal_stands_beside_it(
    ports: Ports, sue_desk: Desk, work: Work, anna: Actor
) -> None:
    seen = await knock(ports)
    assert (await sue_desk.page("/desk/adopt", knock=seen.id)).one("adopt-nobody")
    await set_up(work)
    await Work(ports, anna, "c-2").begin("SOMETHING-ELSE-ENTIRELY")
    none = await sue_desk.post(f"/desk/adopt?knock={seen.id}", {})
    assert none.status_code == 422 and ENGLISH.errors["missing_field"] in none.text
    unknown = await sue_desk.post(f"/desk/adopt?knock={seen.id}", {"work": "c-9"})
    assert unknown.status_code == 404 and ENGLISH.errors["unknown_commissioning"] in unknown.text
    await sue_desk.post(f"/desk/adopt?knock={seen.id}", {"work": "c-1"})
    gone = await sue_desk.post(f"/desk/adopt?knock={seen.id}", {"work": "c-2"})
    assert gone.status_code == 404 and await ports.store.station(REAL) is not None


async def test_strangers_of_another_cpo_are_not_there(
    ports: Ports, client: AsyncClient, sue_desk: Desk, work: Work
) -> None:
    await Work(ports, Actor(role=work.actor.role, person_id="carl", cpo_ids=frozenset({XYZ})), "c-carl").begin(
        "XYZ-900", XYZ
    )
    theirs = await knock(ports, "XYZ-901")
    assert (await sue_desk.page("/desk")).all("stray") == []
    assert (await sue_desk.page("/desk/connections")).all("knock") == []
    assert (await sue_desk.get("/desk/adopt", knock=theirs.id)).status_code == 404
    answer = await sue_desk.post(f"/desk/adopt?knock={theirs.id}", {"work": "c-carl"})
    assert answer.status_code == 404


async def test_those_that_were_let_in_have_a_list_of_their_own(
    ports: Ports, sue_desk: Desk, work: Work, clock: FakeClock
) -> None:
    await set_up(work)
    host = OcppHost(ports.store, ports.clock, ports.ids, ports.digest_key, True)
    attempt = Attempt(identity=TYPED, raw_path=f"/ocpp/{TYPED}/", address="203.0.113.7", endpoint="ws://x")
    for number in range(3):
        connection = Connection(
            id=f"s-{number}",
            charge_station_id=TYPED,
            address="203.0.113.7",
            endpoint="ws://x",
            protocol_version=ProtocolVersion.OCPP16,
            attempt=attempt,
            auth=AuthOutcome.RIGHT,
        )
        await host.connected(connection)
        clock.forward(minutes=1)
    assert (await sue_desk.page("/desk/connections")).all("knock") == []
    rows = (await sue_desk.page("/desk/connections", show="accepted")).all("knock")
    assert len(rows) == 3 and {row.attributes["data-reason"] for row in rows} == {"accepted"}
    assert f"/ocpp/{TYPED}/" in rows[0].text and ENGLISH.auths["right"] in rows[0].text


async def test_the_desk_speaks_dutch_about_it(ports: Ports, client: AsyncClient, work: Work) -> None:
    await set_up(work)
    seen = await knock(ports, password=None)
    desk = await sign_in(ports, client, "sue", "nl")
    page = await desk.page("/desk/adopt", knock=seen.id)
    assert "Van wie is dit station?" in page.tags("h1")[0].text and "stel er een in" in page.one("stranger").text


async def test_one_that_is_held_waiting_says_what_it_is_and_how_it_spelt_itself(
    ports: Ports, sue_desk: Desk, work: Work
) -> None:
    await set_up(work)
    host = OcppHost(ports.store, ports.clock, ports.ids, ports.digest_key, True)
    attempt = Attempt(
        identity=f"{REAL} ",
        raw_path=f"/ocpp/{REAL}%20",
        address="203.0.113.7",
        endpoint="ws://x",
        subprotocols=("ocpp2.0.1",),
        tls=False,
    )
    held = await host.knocked(attempt, await host.admit(attempt), held=True)
    await host.held_booted(
        held,
        Boot(charge_point_vendor="Alfen BV", charge_point_model="NG910", charge_point_serial_number="ACE0123456"),
    )
    row = (await sue_desk.page("/desk/connections", show="unknown")).one("knock")
    assert ENGLISH.adoption["held"] in row.text and ENGLISH.adoption["held_advice"] in row.text
    assert "Alfen BV NG910" in row.text and "ACE0123456" in row.text and "ocpp2.0.1" in row.text
    assert f"{ENGLISH.adoption['spelt']} {REAL}" in row.text and ENGLISH.axes["plain"] in row.text
    assert ENGLISH.auths["none"] in row.text
    page = await sue_desk.page("/desk/adopt", knock=held)
    assert (
        "Alfen BV NG910" in page.one("stranger").text and ENGLISH.adoption["password_none"] in page.one("stranger").text
    )
    assert "Alfen BV" in (await sue_desk.page("/desk/station", id=TYPED)).one("stranger").text
