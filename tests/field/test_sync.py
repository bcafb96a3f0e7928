"""Operations of the phone: each does its work once, is answered for ever, and harms nothing when it is refused."""

import asyncio

import msgspec

from app.domain.commissioning import Operation
from app.domain.facts import FactKind
from app.domain.model import DeployState, ParkingRestriction
from app.domain.people import SYSTEM, Cpo, ReleaseOn
from app.domain.stations import ChargeStation, PatchChargeStation, PostChargeStation
from app.ports import Change, Ports, Put
from tests.conftest import ABC, GARAGE, TWIN, YARD
from tests.field.conftest import Phone, Phones

NEW_HOME = "22222222-0000-4000-8000-000000000001"
HOME = {"cpo_id": ABC, "name": "x", "address": "x", "city": "x", "postal_code": "1", "country": "NLD"}
DUTCH = {"language": "nl", "text": "Tweede rij, rechts van de wasstraat"}


async def stock_station(ports: Ports, station_id: str = "UTR-1", state: DeployState = DeployState.STOCK) -> None:
    post = PostChargeStation(
        charge_station_id=station_id,
        location_id=GARAGE,
        deploy_state=state,
        default_charge_station_tariff_id="T-AC",
        charge_station_template_id=TWIN,
    )
    await ports.platforms.of(await abc(ports)).create_station(SYSTEM, post)


async def abc(ports: Ports) -> Cpo:
    found = await ports.store.get(Cpo, ABC)
    assert found is not None
    return found[0]


async def station(ports: Ports, station_id: str = "UTR-1") -> ChargeStation:
    body = await ports.platforms.of(await abc(ports)).station(SYSTEM, station_id)
    return msgspec.json.decode(body, type=ChargeStation)


async def patch(ports: Ports, body: dict[str, object]) -> None:
    """As a CRM does over the platform API, past the phone."""
    change = msgspec.convert(body, PatchChargeStation)
    await ports.platforms.of(await abc(ports)).patch_station(SYSTEM, str(body["charge_station_id"]), change)


async def begin(phone: Phone, station_id: str = "UTR-1", commissioning: str = "c-0000-1") -> None:
    await phone.ok("begin", commissioning, station_id=station_id, cpo_id=ABC, source="scan")


async def ready_to_hand_over(phone: Phone, commissioning: str = "c-0000-1") -> None:
    for check in ("location", "hardware", "texts", "online", "tests"):
        await phone.ok("waive_check", commissioning, check=check, reason="not part of this test")


# --- The good way ----------------------------------------------------------------------------------------------------


async def test_an_unknown_station_is_created_when_location_and_model_are_known(phone: Phone, ports: Ports) -> None:
    await begin(phone, "NEW 7|A")
    await phone.ok("choose_location", location_id=YARD)
    assert (await phone.view())["station"] is None
    await phone.ok("apply_template", template_id=TWIN)
    made = await station(ports, "NEW 7|A")
    assert (made.location_id, made.deploy_state, len(made.evses)) == (YARD, DeployState.STOCK, 2)
    assert made.default_charge_station_tariff_id == "T-AC", "tariff comes from the CPO, not from the installer"
    view = await phone.view()
    states = {check["key"]: check["state"] for check in view["checks"]}
    assert states == {"location": "done", "hardware": "done", "texts": "open", "online": "open", "tests": "open"}
    assert view["station"]["charge_station_id"] == "NEW 7|A"
    assert view["location"]["name"] == "Utrecht bus depot"


async def test_the_model_may_be_chosen_before_the_location(phone: Phone, ports: Ports) -> None:
    await begin(phone, "NEW-8")
    await phone.ok("apply_template", template_id=TWIN)
    assert (await phone.check("hardware"))["state"] == "open", "nothing is shown as done that was not done"
    await phone.ok("choose_location", location_id=YARD)
    assert (await phone.check("hardware"))["state"] == "done"
    assert len((await station(ports, "NEW-8")).evses) == 2


async def test_a_stock_station_moves_to_its_location_and_is_described(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    await phone.ok("choose_location", location_id=YARD)
    await phone.ok("apply_template", template_id=TWIN)
    await phone.ok("describe_evse", evse_sequence_numbers=[1], directions=[DUTCH], parking_restrictions=["ev_only"])
    assert (await phone.check("texts"))["detail"] == {"missing": [2]}
    await phone.ok(
        "describe_evse", evse_sequence_numbers=[2], directions=[DUTCH], parking_restrictions=[], none_checked=True
    )
    now = await station(ports)
    assert now.location_id == YARD
    assert now.evses[0].parking_restrictions == [ParkingRestriction.EV_ONLY]
    assert [e.directions[0].text for e in now.evses if e.directions] == [DUTCH["text"]] * 2
    assert (await phone.check("texts"))["state"] == "done"
    assert (await phone.view())["none_checked"] == [2]


async def test_a_new_model_keeps_the_texts_of_sockets_that_survive(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    await phone.ok("describe_evse", evse_sequence_numbers=[1, 2], directions=[DUTCH], parking_restrictions=["PLUGGED"])
    await phone.ok("apply_template", template_id=TWIN)
    assert all(evse.directions for evse in (await station(ports)).evses)
    assert (await phone.check("texts"))["state"] == "done"


async def test_a_location_made_on_the_phone_is_unpublished_and_keeps_its_id(phone: Phone, ports: Ports) -> None:
    await begin(phone, "NEW-9")
    home = {
        "id": NEW_HOME,
        "cpo_id": ABC,
        "name": "Dorpsstraat 3",
        "address": "Dorpsstraat 3",
        "city": "Houten",
        "postal_code": "3991BX",
        "country": "NLD",
        "publish": True,
    }
    await phone.ok("create_location", None, location=home)
    await phone.ok("choose_location", location_id=NEW_HOME)
    view = await phone.view()
    assert (view["location"]["id"], view["location"]["publish"]) == (NEW_HOME, False)


async def test_hand_over_releases_where_the_cpo_says_so(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    await ready_to_hand_over(phone)
    await phone.ok("hand_over", note="Key in the box")
    view = await phone.view()
    assert (view["state"], view["note"], view["released"] is not None) == ("handed_over", "Key in the box", True)
    assert (await station(ports)).deploy_state is DeployState.PRODUCTION
    kinds = [fact.kind for fact in await ports.store.facts(commissioning_id="c-0000-1")]
    assert FactKind.HANDED_OVER in kinds and FactKind.STATION_RELEASED in kinds


async def test_hand_over_leaves_the_release_to_support_where_the_cpo_says_so(phone: Phone, ports: Ports) -> None:
    found = await ports.store.get(Cpo, ABC)
    assert found is not None
    careful = msgspec.structs.replace(found[0], release_on=ReleaseOn.SUPPORT)
    await ports.store.commit(Change(writes=(Put(careful, found[1]),)))
    await stock_station(ports)
    await begin(phone)
    await ready_to_hand_over(phone)
    await phone.ok("hand_over")
    assert (await phone.view())["released"] is None
    assert (await station(ports)).deploy_state is DeployState.STOCK


async def test_nothing_is_handed_over_that_is_not_there(phone: Phone) -> None:
    await begin(phone, "NEW-1")
    await ready_to_hand_over(phone)
    assert (await phone.refused("hand_over"))["code"] == "location_first"
    await phone.ok("choose_location", location_id=YARD)
    assert (await phone.refused("hand_over"))["code"] == "hardware_first"
    await phone.ok("apply_template", template_id=TWIN)
    await phone.ok("hand_over")


async def test_hand_over_with_open_checks_names_them(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    await phone.ok("waive_check", check="tests", reason="no load bank")
    refused = await phone.refused("hand_over")
    assert refused["code"] == "checks_open"
    assert refused["detail"]["checks"] == ["location", "hardware", "texts", "online"]
    assert (await phone.view())["state"] == "open"


async def test_parking_and_resuming(phone: Phone) -> None:
    await begin(phone, "NEW-1")
    await phone.ok("park", reason="power", note="Grid on Thursday", until="2026-03-05")
    assert (await phone.view())["parked"] == {"reason": "power", "note": "Grid on Thursday", "until": "2026-03-05"}
    await phone.ok("resume")
    assert (await phone.view())["parked"] is None


# --- Two people ------------------------------------------------------------------------------------------------------


async def test_a_commissioning_begun_by_somebody_else_is_continued_with_a_fact(phones: Phones, ports: Ports) -> None:
    anna, ben = await phones.of("anna"), await phones.of("ben")
    await stock_station(ports)
    await begin(anna)
    refused = await ben.refused("begin", "c-0000-2", station_id="UTR-1", cpo_id=ABC)
    assert refused["code"] == "begun_by_other"
    assert refused["detail"]["commissioning_id"] == "c-0000-1"
    assert (refused["detail"]["begun_by"], refused["detail"]["total"]) == ("anna", 5)
    assert (await ben.refused("waive_check", check="tests", reason="x"))["code"] == "not_yours"
    await ben.ok("continue")
    assert (await ben.view())["mine"] is True
    assert (await anna.refused("waive_check", check="tests", reason="x"))["code"] == "not_yours"
    facts = await ports.store.facts(commissioning_id="c-0000-1")
    taken = next(f for f in facts if f.kind is FactKind.COMMISSIONING_CONTINUED)
    assert (taken.person_id, taken.data["from_person"]) == ("ben", "anna")


async def test_a_stale_phone_cannot_overwrite_newer_texts_in_silence(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    newer = [{"language": "nl", "text": "Naast de slagboom"}]
    await patch(ports, {"charge_station_id": "UTR-1", "evses": [{"evse_sequence_number": 1, "directions": newer}]})
    refused = await phone.refused(
        "describe_evse", evse_sequence_numbers=[1], directions=[DUTCH], base={"1": {"directions": []}}
    )
    assert refused["code"] == "changed_meanwhile"
    assert refused["detail"]["field"] == "directions"
    assert (refused["detail"]["yours"], refused["detail"]["theirs"]) == ([DUTCH], newer)
    assert msgspec.to_builtins((await station(ports)).evses[0].directions) == newer
    await phone.ok("describe_evse", evse_sequence_numbers=[1], directions=[DUTCH], base={"1": {"directions": newer}})


async def test_the_same_answer_twice_is_no_conflict(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    await phone.ok("describe_evse", evse_sequence_numbers=[1], directions=[DUTCH], base={"1": {"directions": []}})
    await phone.ok("describe_evse", evse_sequence_numbers=[1], directions=[DUTCH], base={"1": {"directions": []}})


async def test_a_location_changed_by_somebody_else_is_shown_not_overwritten(phones: Phones, ports: Ports) -> None:
    anna, ben = await phones.of("anna"), await phones.of("ben")
    await begin(anna, "NEW-1")
    await anna.ok("choose_location", location_id=YARD)
    await ben.ok("continue")
    refused = await ben.refused("choose_location", location_id=GARAGE, base=None)
    assert (refused["code"], refused["detail"]["theirs"]) == ("changed_meanwhile", YARD)
    await ben.ok("choose_location", location_id=GARAGE, base=YARD)


# --- Exactly once ----------------------------------------------------------------------------------------------------


async def test_the_same_operation_twice_is_done_once_and_answered_the_same(phone: Phone, ports: Ports) -> None:
    begin_it = phone.operation("begin", station_id="NEW-1", cpo_id=ABC)
    waive = phone.operation("waive_check", check="tests", reason="no load bank")
    first = await phone.do(begin_it, waive)
    again = await phone.do(begin_it, waive)
    assert first == again
    facts = await ports.store.facts(commissioning_id="c-0000-1")
    assert [f.kind for f in facts] == [FactKind.COMMISSIONING_BEGUN, FactKind.CHECK_WAIVED]
    assert len(await ports.store.find(Operation, commissioning_id="c-0000-1")) == 2


async def test_a_refusal_is_remembered_too(phone: Phone, ports: Ports) -> None:
    hand_over = phone.operation("hand_over")
    await begin(phone, "NEW-1")
    (first,) = await phone.do(hand_over)
    await ready_to_hand_over(phone)
    (again,) = await phone.do(hand_over)
    assert first == again and again["code"] == "checks_open"


async def test_an_id_reused_with_another_body_is_refused_and_does_nothing(phone: Phone, ports: Ports) -> None:
    await begin(phone, "NEW-1")
    waive = phone.operation("waive_check", check="tests", reason="no load bank")
    await phone.do(waive)
    other = waive | {"body": {"check": "online", "reason": "no load bank"}}
    (answer,) = await phone.do(other)
    assert (answer["state"], answer["code"]) == ("refused", "operation_reused")
    assert (await phone.check("online"))["state"] == "open"
    (stored,) = await phone.do(waive)
    assert stored["state"] == "accepted", "the first answer stands"


async def test_an_id_of_somebody_else_is_not_answered(phones: Phones) -> None:
    anna, ben = await phones.of("anna"), await phones.of("ben")
    wanted = anna.operation("begin", station_id="NEW-1", cpo_id=ABC)
    await anna.do(wanted)
    (answer,) = await ben.do(wanted)
    assert answer["code"] == "operation_reused"


async def test_the_same_operation_sent_twice_at_once_is_done_once(phone: Phone, ports: Ports) -> None:
    await begin(phone, "NEW-1")
    await phone.ok("choose_location", location_id=YARD)
    create = phone.operation("apply_template", template_id=TWIN)
    answers = await asyncio.gather(*(phone.do(create) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    kinds = [f.kind for f in await ports.store.facts(commissioning_id="c-0000-1")]
    assert kinds.count(FactKind.TEMPLATE_CHOSEN) == 1


async def test_different_operations_at_once_all_count(phone: Phone) -> None:
    await begin(phone, "NEW-1")
    checks = ["location", "hardware", "texts", "online", "tests"]
    waives = [phone.operation("waive_check", check=check, reason="at once") for check in checks]
    await asyncio.gather(*(phone.do(waive) for waive in waives))
    assert {c["key"] for c in (await phone.view())["checks"] if c["state"] == "waived"} == set(checks)


async def test_a_sync_cut_off_in_the_middle_is_simply_sent_again(phone: Phone, ports: Ports) -> None:
    operations = [
        phone.operation("begin", station_id="NEW-1", cpo_id=ABC),
        phone.operation("choose_location", location_id=YARD),
        phone.operation("apply_template", template_id=TWIN),
    ]
    await phone.do(*operations[:2])
    results = await phone.do(*operations)
    assert [r["state"] for r in results] == ["accepted"] * 3
    assert len(await ports.store.find(Operation, commissioning_id="c-0000-1")) == 3


async def test_a_refused_operation_does_not_stop_those_behind_it(phone: Phone) -> None:
    await begin(phone, "NEW-1")
    results = await phone.do(
        phone.operation("apply_template", template_id="no-such"),
        phone.operation("waive_check", check="tests", reason="still done"),
    )
    assert [(r["state"], r["code"]) for r in results] == [("refused", "unknown_template"), ("accepted", None)]
