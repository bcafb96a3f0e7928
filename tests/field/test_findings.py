"""Differences on the phone: what is found, and each way to resolve it."""

from typing import Any

import msgspec
import pytest

from app.actions.labels import make_label
from app.domain.commissioning import Commissioning
from app.domain.facts import FactKind
from app.domain.live import Boot, ConnectorState, Live, Registration
from app.domain.people import SYSTEM, Actor, Cpo
from app.domain.trials import Trial, TrialKind, TrialState
from app.ports import Change, Ports, Put, PutLive
from tests.conftest import ABC, YARD, twin
from tests.fakes import FakeClock
from tests.field.conftest import Phone, Phones
from tests.field.test_sync import begin, ready_to_hand_over, stock_station


async def says(ports: Ports, clock: FakeClock, *connectors: str, serial: str | None = None) -> None:
    """As the OCPP listener would leave the station's live row."""
    row = await ports.store.station("UTR-1")
    assert row is not None
    live = Live(
        charge_station_id="UTR-1",
        registration=Registration.ACCEPTED,
        online_since=clock.now(),
        boot=Boot(charge_point_vendor="Alfen", charge_point_serial_number=serial),
        connectors={key: ConnectorState(status="Available", at=clock.now()) for key in ("0", *connectors)},
    )
    put = PutLive(
        charge_station_id="UTR-1",
        body=msgspec.json.encode(live),
        online=True,
        changed=clock.now(),
        shown=row.shown,
        shown_evses=row.shown_evses,
        rev=row.live_rev,
    )
    await ports.store.commit(Change(writes=(put,)))


async def found(phone: Phone) -> dict[str, dict[str, Any]]:
    return {finding["id"]: finding for finding in (await phone.view())["findings"]}


@pytest.fixture
async def working(phone: Phone, ports: Ports) -> Phone:
    await stock_station(ports)
    await begin(phone)
    return phone


async def test_the_serial_of_the_plate_is_compared_and_the_stations_own_can_be_taken(
    working: Phone, ports: Ports, clock: FakeClock
) -> None:
    await working.ok("set_serial", serial=" ACE0123456 ")
    assert await found(working) == {}
    await says(ports, clock, "1", "2", serial="ACE0123457")
    serial = (await found(working))["serial"]
    assert (serial["expected"], serial["found"], serial["severity"]) == ("ACE0123456", "ACE0123457", "severe")
    assert serial["ways"] == ["take_serial", "accept"]
    await working.ok("take_serial")
    assert await found(working) == {}
    assert (await working.refused("take_serial"))["code"] == "invalid_field"
    told = [f.data for f in await ports.store.facts(kind=FactKind.SERIAL_SET)]
    assert [(data["serial"], data["source"]) for data in told] == [("ACE0123456", "plate"), ("ACE0123457", "station")]


async def test_a_difference_is_accepted_with_a_reason_by_somebody_at_a_time(
    working: Phone, phones: Phones, ports: Ports, clock: FakeClock
) -> None:
    await says(ports, clock, "1", "2", "3")
    assert (await found(working))["connector_extra"]["accepted"] is None
    seen = {"finding": "connector_extra", "found": "3"}
    assert (await working.refused("accept_finding", **seen, reason=" "))["code"] == "missing_field"
    ben = await phones.of("ben")
    assert (await ben.refused("accept_finding", **seen, reason="mine"))["code"] == "not_yours"
    other = await working.refused("accept_finding", finding="connector_extra", found="4", reason="why not")
    assert (other["code"], other["detail"]["theirs"]) == ("changed_meanwhile", "3")
    await working.ok("accept_finding", **seen, reason="a service socket inside")
    accepted = (await found(working))["connector_extra"]["accepted"]
    assert (accepted["by"]["name"], accepted["reason"]) == ("Anna", "a service socket inside")
    await says(ports, clock, "1", "2", "3", "4")
    assert (await found(working))["connector_extra"]["accepted"] is None, "what was accepted was another thing"
    unknown = await working.refused("accept_finding", finding="vendor", found=None, reason="x")
    assert unknown["code"] == "invalid_field"


async def test_another_model_resolves_what_followed_from_the_old_one(
    working: Phone, ports: Ports, clock: FakeClock
) -> None:
    await says(ports, clock, "1")
    clock.forward(minutes=2)
    assert list(await found(working)) == ["connector_missing"]
    await ports.platforms.of(await abc(ports)).save_template(SYSTEM, twin("single", sockets=1))
    await working.ok("apply_template", template_id="single")
    assert await found(working) == {}


async def test_swapped_sockets_get_each_others_words_and_label_and_the_wiring_stays(
    working: Phone, ports: Ports, clock: FakeClock
) -> None:
    left, right = [{"language": "nl", "text": "Links"}], [{"language": "nl", "text": "Rechts"}]
    await working.ok("describe_evse", evse_sequence_numbers=[1], directions=left, parking_restrictions=["EV_ONLY"])
    await working.ok("describe_evse", evse_sequence_numbers=[2], directions=right, none_checked=True)
    before = (await working.view())["station"]["evses"]
    await mixed_up(ports, clock)
    assert (await found(working))["swapped:1:2"]["ways"] == ["swap", "accept"]
    await working.ok("swap_sockets", evses=[2, 1])
    view = await working.view()
    first, second = view["station"]["evses"]
    assert (first["directions"], second["directions"]) == (right, left)
    assert (first["parking_restrictions"], second["parking_restrictions"]) == ([], ["EV_ONLY"])
    assert [first["evse_id"], second["evse_id"]] == [before[1]["evse_id"], before[0]["evse_id"]]
    assert [first["uid"], second["uid"]] == [before[0]["uid"], before[1]["uid"]]
    assert [first["connectors"], second["connectors"]] == [before[0]["connectors"], before[1]["connectors"]]
    assert (view["none_checked"], await found(working)) == ([1], {})
    assert (await working.check("texts"))["state"] == "done"
    await working.ok("swap_sockets", evses=[1, 2])
    again = (await working.view())["station"]["evses"]
    assert [(e["directions"], e["evse_id"]) for e in again] == [(e["directions"], e["evse_id"]) for e in before]
    for evses in ([1, 1], [1, 9]):
        assert (await working.refused("swap_sockets", evses=evses))["code"] == "invalid_field"


async def test_what_is_stuck_beside_a_socket_still_leads_to_it_after_a_swap(
    working: Phone, ports: Ports, sue: Actor
) -> None:
    label = await make_label(ports, sue, charge_station_id="UTR-1", evse_sequence_number=1, cpo_id=ABC)
    whole = await make_label(ports, sue, charge_station_id="UTR-1", cpo_id=ABC)
    stuck = (await working.view())["station"]["evses"][0]["evse_id"]

    async def leads_to(text: str) -> int | None:
        return (await working.get("/lookup", text=text)).json()["evse_sequence_number"]

    assert [await leads_to(text) for text in (label.code, stuck, whole.code)] == [1, 1, None]
    await working.ok("swap_sockets", evses=[1, 2])
    assert [await leads_to(text) for text in (label.code, stuck, whole.code)] == [2, 2, None]
    await working.ok("abandon")
    assert [await leads_to(text) for text in (label.code, stuck)] == [1, 1]


async def test_not_my_station_takes_a_swap_back(working: Phone, ports: Ports) -> None:
    before = (await working.view())["station"]["evses"]
    await working.ok("swap_sockets", evses=[1, 2])
    await working.ok("abandon")
    platform = ports.platforms.of(await abc(ports))
    station = msgspec.json.decode(await platform.station(SYSTEM, "UTR-1"))
    assert [evse["evse_id"] for evse in station["evses"]] == [evse["evse_id"] for evse in before]


async def test_without_sockets_there_is_nothing_to_swap(phone: Phone) -> None:
    await phone.ok("begin", station_id="NEW-1", cpo_id=ABC)
    await phone.ok("choose_location", location_id=YARD)
    assert (await phone.refused("swap_sockets", evses=[1, 2]))["code"] == "hardware_first"


async def test_what_is_unresolved_goes_along_with_the_hand_over_or_stops_it_by_policy(
    working: Phone, ports: Ports, clock: FakeClock
) -> None:
    await says(ports, clock, "1", "2", "3")
    await ready_to_hand_over(working)
    await policy(ports, findings_block=True)
    assert (await working.view())["tests"]["findings_block"] is True
    refused = await working.refused("hand_over")
    assert (refused["code"], refused["detail"]["findings"]) == ("findings_open", ["connector_extra"])
    await policy(ports, findings_block=False)
    await working.ok("hand_over")
    (fact,) = await ports.store.facts(kind=FactKind.HANDED_OVER)
    assert fact.data["findings"] == ["connector_extra"]


async def test_a_policy_is_satisfied_by_a_finding_that_somebody_accepted(
    working: Phone, ports: Ports, clock: FakeClock
) -> None:
    await says(ports, clock, "1", "2", "3")
    await ready_to_hand_over(working)
    await policy(ports, findings_block=True)
    await working.ok("accept_finding", finding="connector_extra", found="3", reason="a service socket")
    await working.ok("hand_over")


async def abc(ports: Ports) -> Cpo:
    found = await ports.store.get(Cpo, ABC)
    assert found is not None
    return found[0]


async def policy(ports: Ports, **changes: Any) -> None:
    found = await ports.store.get(Cpo, ABC)
    assert found is not None
    await ports.store.commit(Change(writes=(Put(msgspec.structs.replace(found[0], **changes), found[1]),)))


async def mixed_up(ports: Ports, clock: FakeClock) -> None:
    """The first socket was plugged in, and the second reacted."""
    found = await ports.store.get(Commissioning, "c-0000-1")
    assert found is not None
    now = clock.now()
    trial = Trial(
        id="t-1",
        kind=TrialKind.WHICH,
        state=TrialState.FAILED,
        outcome="other_socket",
        started=now,
        deadline=now,
        ended=now,
        evse=1,
        detail={"reacted": {"evse": 2}},
    )
    await ports.store.commit(Change(writes=(Put(msgspec.structs.replace(found[0], trials=[trial]), found[1]),)))
