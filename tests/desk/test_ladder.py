"""Why a station is or is not online, on its page and on its card: the rung, the four axes, and what was proved."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from httpx import AsyncClient

from app.desk.words_en import ENGLISH
from app.desk.words_nl import DUTCH
from app.domain.commissioning import Commissioning
from app.domain.findings import FindingKind
from app.domain.live import Boot, ConnectorState, KnockReason, Live, OfflineReason, Registration
from app.domain.trials import Trial, TrialKind, TrialState
from app.platforms.heard import put_live
from app.ports import Change, Ports, Put
from tests.conftest import ABC
from tests.desk.conftest import Desk, Page, Work, sign_in
from tests.desk.test_station import knock
from tests.fakes import FakeClock

STATION = "UTR-DEPOT-018"
URL = f"/desk/station?id={STATION}"


@pytest.fixture
async def there(work: Work) -> Work:
    await work.begin(STATION)
    await work.locate()
    await work.template()
    return work


async def hear(ports: Ports, **said: Any) -> None:
    row = await ports.store.station(STATION)
    assert row is not None
    now = ports.clock.now()
    online: dict[str, Any] = {"connection_id": "s-1", "online_since": now, "seen": now, "spoke": now}
    live = Live(charge_station_id=STATION, **{"registration": Registration.ACCEPTED, "booted": now, **online, **said})
    await ports.store.commit(put_live(row, live, now))


def state(page: Page, axis: str) -> str:
    return page.one(f"axis-{axis}").attributes["data-state"]


ENDED: dict[str, Any] = {"connection_id": None, "offline_reason": OfflineReason.PING_FAILED}


@pytest.mark.parametrize(
    ("said", "rung", "socket", "registration", "ear"),
    [
        ({"registration": Registration.PENDING}, "pending", "open", "pending", "unknown"),
        ({"registration": Registration.REJECTED}, "rejected", "open", "rejected", "unknown"),
        ({"spoke": None}, "silent", "open", "accepted", "unknown"),
        ({"deaf_since": "now", "ear": "now"}, "deaf", "open", "accepted", "deaf"),
        ({"ear": "now"}, "online", "open", "accepted", "hears"),
        ({**ENDED, "offline_since": "now", "ear": "now"}, "lost", "none", "accepted", "hears"),
    ],
)
async def test_the_four_axes_are_told_apart_under_the_one_rung(
    ports: Ports, sue_desk: Desk, there: Work, said: dict[str, Any], rung: str, socket: str, registration: str, ear: str
) -> None:
    now = ports.clock.now()
    await hear(ports, **{name: now if value == "now" else value for name, value in said.items()})
    page = await sue_desk.page(URL)
    assert page.one("rung").attributes["data-rung"] == rung
    assert ENGLISH.rungs[rung] in page.one("rung").text
    assert (state(page, "socket"), state(page, "registration"), state(page, "ear")) == (socket, registration, ear)
    assert bool(page.all("next-step")) is (rung != "online")
    assert "within 45 s" in page.one("bound").text


async def test_a_lost_one_says_how_and_since_when_and_what_to_do(
    ports: Ports, clock: FakeClock, sue_desk: Desk, there: Work
) -> None:
    await hear(ports, **ENDED, offline_since=clock.now())
    clock.forward(minutes=7)
    page = await sue_desk.page(URL)
    assert ENGLISH.offline["ping_failed"] in page.one("rung").text.lower() and "7 min ago" in page.one("rung").text
    assert page.one("next-step").text == ENGLISH.offline_next["ping_failed"]
    card = (await sue_desk.page("/desk")).one("card-c-1")
    assert card.attributes["data-why"] == "lost" and ENGLISH.offline["ping_failed"] in card.text


async def test_a_refused_one_has_the_reason_and_its_advice(ports: Ports, sue_desk: Desk, there: Work) -> None:
    await knock(ports, KnockReason.HEX_PASSWORD, charge_station_id=STATION, cpo_id=ABC)
    page = await sue_desk.page(URL)
    assert page.one("rung").attributes["data-rung"] == "refused"
    assert ENGLISH.knocks["hex_password"] in page.one("rung").text
    assert page.one("next-step").text == ENGLISH.knock_advice["hex_password"]


async def test_what_its_sockets_said_last_is_unknown_while_it_is_offline(
    ports: Ports, clock: FakeClock, sue_desk: Desk, there: Work
) -> None:
    connectors = {"1": ConnectorState(status="Charging", at=clock.now())}
    await hear(ports, connectors=connectors)
    socket = (await sue_desk.page(URL)).one("connector-1")
    assert socket.attributes["data-reads"] == "CHARGING" and ENGLISH.axes["unknown_since"] not in socket.text
    await hear(ports, **ENDED, offline_since=clock.now(), connectors=connectors)
    clock.forward(minutes=9)
    socket = (await sue_desk.page(URL)).one("connector-1")
    assert socket.attributes["data-reads"] == "UNKNOWN"
    assert "charging" in socket.text and "9 min ago" in socket.text and ENGLISH.axes["unknown_since"] in socket.text


async def test_a_card_about_something_else_says_how_the_station_stands(
    ports: Ports, clock: FakeClock, sue_desk: Desk, work: Work
) -> None:
    await work.begin(STATION)
    assert not (await sue_desk.page("/desk")).all("reach"), "nobody expects a call yet"
    await work.locate()
    await work.template()
    current, rev = (await ports.store.find(Commissioning, charge_station_id=STATION))[0]
    for check in current.checks:
        if check.key == "online":
            check.state, check.at = type(check.state).DONE, clock.now()
    await ports.store.commit(Change(writes=(Put(current, rev),)))
    await hear(ports, **ENDED, offline_since=clock.now())
    card = (await sue_desk.page("/desk")).one("card-c-1")
    assert card.attributes["data-why"] == "next_check"
    reach = (await sue_desk.page("/desk")).one("reach")
    assert reach.attributes["data-rung"] == "lost"
    assert f"{ENGLISH.rungs['lost']} No sign of life any more." in reach.text


async def test_a_clock_that_is_off_is_told_in_time_and_direction(
    ports: Ports, clock: FakeClock, sue_desk: Desk, there: Work
) -> None:
    await hear(ports, skew_seconds=-7500)
    page = await sue_desk.page(URL)
    assert page.one("clock").text == "2 h behind"
    [finding] = page.all("finding")
    assert finding.attributes["data-kind"] == "clock" and "2 h behind" in finding.text and "7500" not in finding.text
    await hear(ports, skew_seconds=-12)
    assert (await sue_desk.page(URL)).one("clock").text == ENGLISH.axes["clock_right"]


async def proved(ports: Ports, trial: Trial) -> None:
    current, rev = (await ports.store.find(Commissioning, charge_station_id=STATION))[0]
    await ports.store.commit(Change(writes=(Put(msgspec.structs.replace(current, trials=[trial]), rev),)))


async def test_a_difference_has_what_was_expected_what_was_found_and_the_ways_out(
    ports: Ports, clock: FakeClock, sue_desk: Desk, there: Work
) -> None:
    await hear(ports, boot=Boot(charge_point_serial_number="ACE-2"))
    current, rev = (await ports.store.find(Commissioning, charge_station_id=STATION))[0]
    await ports.store.commit(Change(writes=(Put(msgspec.structs.replace(current, new_serial="ACE-1"), rev),)))
    finding = (await sue_desk.page(URL)).one("finding")
    assert finding.attributes["data-kind"] == FindingKind.SERIAL.value
    assert "expected ACE-1" in finding.text and "found ACE-2" in finding.text
    assert ENGLISH.ways["take_serial"] in finding.text and ENGLISH.ways["accept"] in finding.text


async def test_a_test_shows_each_socket_its_cause_and_every_message(
    ports: Ports, clock: FakeClock, sue_desk: Desk, there: Work, client: AsyncClient
) -> None:
    now = clock.now()
    rows = [
        {"connector": "1", "state": "reported", "status": "Available", "error_code": "NoError", "kind": "same"},
        {
            "connector": "2",
            "state": "reported",
            "status": "Available",
            "kind": "differs",
            "expected_kind": "IEC_62196_T2 SOCKET",
            "told_kind": "IEC_62196_T2 CABLE",
        },
    ]
    evidence = [
        {"at": "2026-03-02T08:00:00Z", "what": "frame", "text": '[2,"7","GetConfiguration",{}]'},
        {"at": "2026-03-02T08:00:01Z", "what": "rejected"},
        {"at": "2026-03-02T08:00:02Z", "what": "energy", "text": "40"},
    ]
    trial = Trial(
        id="t-1",
        kind=TrialKind.SOCKETS,
        state=TrialState.FAILED,
        outcome="kind_differs",
        cause="other_model",
        started=now,
        deadline=now,
        ended=now + timedelta(seconds=12),
        by="anna",
        detail={"expected": 2, "told": 3, "rows": rows},
        evidence=evidence,
    )
    await proved(ports, trial)
    page = await sue_desk.page(URL)
    assert ENGLISH.causes["other_model"] in page.one("trial-cause").text
    assert "took 12 s" in page.one("trial-facts").text and "3 sockets, the model has 2" in page.one("trial-facts").text
    first, second = page.all("trial-row")
    assert "Connector 1" in first.text and "available" in first.text and "NoError" not in first.text
    assert "cable Type 2 instead of socket Type 2" in second.text
    frame, refused, energy = page.all("step")
    assert '[2,"7","GetConfiguration",{}]' in frame.text and "09:00:00" in frame.text, "in the desk's own time"
    assert ENGLISH.command_results["rejected"] in refused.text and "40 Wh" in energy.text
    assert page.one("evidence").tag == "details" and "open" not in page.one("evidence").attributes
    dutch = await (await sign_in(ports, client, "sue", "nl")).page(URL)
    assert "in plaats van" in dutch.all("trial-row")[1].text and DUTCH.causes["other_model"] in dutch.one("trial").text


async def test_a_test_of_the_configuration_has_a_line_for_each_key(
    ports: Ports, clock: FakeClock, sue_desk: Desk, there: Work
) -> None:
    lines = [
        {"key": "HeartbeatInterval", "expected": "1 to 3600", "value": "300", "state": "ok"},
        {"key": "MaxCurrent", "expected": "32", "value": "16", "state": "wrong"},
    ]
    now = clock.now()
    trial = Trial(
        id="t-1",
        kind=TrialKind.CONFIGURATION,
        state=TrialState.FAILED,
        started=now,
        deadline=now,
        ended=now,
        detail={"how": "check", "lines": lines},
    )
    await proved(ports, trial)
    right, wrong = (await sue_desk.page(URL)).all("trial-row")
    assert "HeartbeatInterval" in right.text and ENGLISH.rows["ok"] in right.text and "expected" not in right.text
    assert ENGLISH.rows["wrong"] in wrong.text and "16" in wrong.text and "expected 32" in wrong.text


@pytest.mark.parametrize(("how", "title"), [("remote", "Charge started by us"), ("card", "Charge with a card")])
async def test_a_charge_is_titled_by_who_started_it(
    ports: Ports, clock: FakeClock, sue_desk: Desk, there: Work, how: str, title: str
) -> None:
    now = clock.now()
    trial = Trial(
        id="t-1",
        kind=TrialKind.CHARGE,
        state=TrialState.PASSED,
        outcome="charged",
        started=now,
        deadline=now,
        ended=now,
        by="anna",
        detail={"how": how},
    )
    await proved(ports, trial)
    assert (await sue_desk.page(URL)).one("trial-title").text == title


async def test_its_attempts_are_there_with_what_they_sent_also_while_it_is_online(
    ports: Ports, clock: FakeClock, sue_desk: Desk, there: Work
) -> None:
    await knock(ports, KnockReason.WRONG_PASSWORD, charge_station_id=STATION, cpo_id=ABC, auth="wrong")
    await hear(ports)
    row = (await sue_desk.page(URL)).one("knock")
    assert row.attributes["data-reason"] == "wrong_password"
    assert ENGLISH.auths["wrong"] in row.text and ENGLISH.axes["plain"] in row.text and "95.128.10.19" in row.text
    both = await sue_desk.page("/desk/connections", q=STATION, show="all")
    assert [each.attributes["data-reason"] for each in both.all("knock")] == ["wrong_password"]
