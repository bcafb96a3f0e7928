"""The page of one station: checklist, picture, texts, connectivity, attempts, history, and what support may do."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar

from app.actions.commissionings import abandon, hand_over
from app.actions.intents import HandOver, Nothing
from app.bus import Bus
from app.desk.picture import Bay, Plug, draw
from app.desk.routes import router
from app.desk.station import told_once
from app.desk.words_en import ENGLISH
from app.domain import commissioning as rules
from app.domain import trial_rules
from app.domain.checks import CheckState
from app.domain.commissioning import Commissioning
from app.domain.facts import Fact, FactKind
from app.domain.findings import Accepted
from app.domain.live import Boot, ConnectorState, Knock, KnockReason, Live, Registration, StationPassword
from app.domain.model import EvseStatus
from app.domain.people import Actor, Cpo, Person, ReleaseOn, Subscription
from app.domain.trial_rules import Ending
from app.domain.trials import Outcome, Trial, TrialKind, TrialState
from app.platforms.heard import put_live
from app.ports import Change, Ports, Put
from app.settings import Settings
from tests.conftest import ABC, XYZ
from tests.desk.conftest import Desk, Page, Work, sign_in
from tests.fakes import FakeClock, FakeCommands

STATION = "UTR-DEPOT-018"
URL = f"/desk/station?id={STATION}"


@pytest.fixture
async def described(work: Work) -> Work:
    await work.begin(STATION)
    await work.locate(late=timedelta(minutes=4))
    await work.template()
    await work.describe(1, text="Left of the <gate>")
    return work


async def bring_online(ports: Ports, clock: FakeClock) -> None:
    row = await ports.store.station(STATION)
    assert row is not None
    now = clock.now()
    live = Live(
        charge_station_id=STATION,
        registration=Registration.ACCEPTED,
        boot=Boot(charge_point_vendor="Alfen", charge_point_model="Eve", charge_point_serial_number="ACE1"),
        booted=now,
        connection_id="c-1",
        online_since=now,
        seen=now,
        spoke=now,
        connectors={"1": ConnectorState(status="Charging", at=now), "2": ConnectorState(status="Faulted", at=now)},
    )
    fact = Fact(kind=FactKind.STATION_CONNECTED, at=now, cpo_id=ABC, charge_station_id=STATION)
    await ports.store.commit(put_live(row, live, now).plus(Change(facts=(fact,))))


async def settle(ports: Ports, *keys: str) -> None:
    current, rev = (await ports.store.find(Commissioning, charge_station_id=STATION))[0]
    for key in keys:
        current = rules.settle(current, key, CheckState.DONE, ports.clock.now(), by="anna")
    await ports.store.commit(Change(writes=(Put(current, rev),)))


async def knock(ports: Ports, reason: KnockReason, identity: str = STATION, **more: str | None) -> None:
    record = Knock(
        id=ports.ids.uuid(),
        at=ports.clock.now(),
        identity=identity,
        raw_path=f"/ocpp/{identity}",
        address="95.128.10.19",
        reason=reason,
        subprotocols=["ocpp1.6"],
        **more,
    )
    await ports.store.commit(Change(writes=(Put(record),)))


async def test_the_checklist_says_state_person_and_what_is_missing(sue_desk: Desk, described: Work) -> None:
    page = await sue_desk.page(URL)
    states = {key: page.one(f"check-{key}").attributes["data-state"] for key in ("location", "hardware", "texts")}
    assert states == {"location": "done", "hardware": "done", "texts": "open"}
    assert "Anna" in page.one("check-location").text and "Utrecht bus depot" in page.one("check-location").text
    assert "Twin AC 22 kW" in page.one("check-hardware").text
    assert "Socket 2" in page.one("check-texts").text


async def test_history_tells_each_step_once(sue_desk: Desk, described: Work) -> None:
    kinds = [line.attributes["data-kind"] for line in (await sue_desk.page(URL)).all("fact")]
    assert "evses_described" in kinds and "station_changed" not in kinds


def test_a_change_that_nothing_else_tells_stays_in_history(clock: FakeClock) -> None:
    changed = Fact(kind=FactKind.STATION_CHANGED, at=clock.now(), operation_id="a")
    other = Fact(kind=FactKind.PASSWORD_SET, at=clock.now() + timedelta(seconds=1), operation_id="b")
    assert told_once([other, changed]) == [other, changed]
    assert told_once([msgspec.structs.replace(other, operation_id="a"), changed])[1:] == []


async def test_the_picture_has_a_bay_for_each_evse_and_the_texts_stand_below(sue_desk: Desk, described: Work) -> None:
    page = await sue_desk.page(URL)
    assert "Type 2" in page.one("bay-1").text and "22 kW" in page.one("bay-2").text
    assert "Left of the <gate>" in page.one("evse-1").text
    assert "No limits, checked" in page.one("evse-1").text
    assert "Not written yet" in page.one("evse-2").text


async def test_connectivity_is_what_the_station_says(
    ports: Ports, clock: FakeClock, sue_desk: Desk, described: Work
) -> None:
    page = await sue_desk.page(URL)
    assert page.one("connectivity").attributes["data-state"] == "offline"
    assert "has never been online" in page.one("connectivity").text
    await bring_online(ports, clock)
    clock.forward(minutes=4)
    page = await sue_desk.page(URL)
    told = page.one("connectivity").text
    assert page.one("connectivity").attributes["data-state"] == "online"
    assert "4 min ago" in told and "ACE1" in told and "Connector 2: fault" in told
    assert "Charging" in page.one("bay-1").text and "Out of order" in page.one("bay-2").text


async def test_refused_attempts_stand_with_reason_and_advice_and_move_the_card(
    ports: Ports, sue_desk: Desk, described: Work
) -> None:
    for _ in range(3):
        await knock(ports, KnockReason.WRONG_PASSWORD, charge_station_id=STATION, cpo_id=ABC)
    page = await sue_desk.page(URL)
    assert len(page.all("knock")) == 3
    assert ENGLISH.knock_advice["wrong_password"] in page.one("knocks").text
    board = await sue_desk.page("/desk")
    card = board.one("card-c-1")
    assert card.attributes["data-station"] == STATION and card.attributes["data-why"] == "refused"
    assert "Wrong password, 3 attempts" in card.text
    assert STATION in board.one("col-help").text


async def test_unknown_stations_show_on_board_and_list_with_the_nearest_id_in_scope(
    ports: Ports, sue_desk: Desk, described: Work
) -> None:
    await knock(ports, KnockReason.UNKNOWN_ID, "UTR-DEPOT-O18", nearest=STATION)
    board = await sue_desk.page("/desk")
    assert board.one("stray").attributes["data-station"] == "UTR-DEPOT-O18"
    assert STATION in board.one("stray").text
    attempts = await sue_desk.page("/desk/connections", show="unknown")
    assert "UTR-DEPOT-O18" in attempts.one("knock").text and STATION in attempts.one("knock").text


async def test_the_nearest_id_of_another_cpo_stays_hidden(ports: Ports, client: AsyncClient, described: Work) -> None:
    sue, rev = await ports.store.get(Person, "sue") or (None, 0)
    assert sue is not None
    await ports.store.commit(Change(writes=(Put(msgspec.structs.replace(sue, cpo_ids=[XYZ]), rev),)))
    desk = await sign_in(ports, client, "sue")
    await knock(ports, KnockReason.UNKNOWN_ID, "UTR-DEPOT-O18", nearest=STATION)
    for path in ("/desk", "/desk/connections"):
        page = await desk.get(path)
        assert "UTR-DEPOT-O18" in page.text and STATION not in page.text


async def test_history_says_who_what_when_which_device_and_what_was_made_without_signal(
    clock: FakeClock, sue_desk: Desk, described: Work, ports: Ports
) -> None:
    await sign_in(ports, sue_desk.client, "anna")
    clock.forward(minutes=2)
    page = await sue_desk.page(URL)
    facts = {fact.attributes["data-kind"]: " ".join(fact.text.split()) for fact in page.all("fact")}
    assert "09:00:00" in facts["location_chosen"]
    assert "Location chosen: Utrecht bus depot" in facts["location_chosen"]
    assert "Anna" in facts["location_chosen"] and "2 min ago" in facts["location_chosen"]
    assert "made 08:56 without signal" in facts["location_chosen"]
    assert "without signal" not in facts["commissioning_begun"]
    assert "Socket 1" in facts["evses_described"]


async def test_the_device_of_a_fact_is_named(ports: Ports, sue_desk: Desk, described: Work) -> None:
    answer = await sue_desk.post(f"/desk/station/password?id={STATION}")
    assert answer.status_code == 200
    page = await sue_desk.page(URL)
    told = next(fact.text for fact in page.all("fact") if fact.attributes["data-kind"] == "password_set")
    assert "Sue" in told and "Firefox, Linux" in told


async def test_release_by_support_puts_the_station_in_production_once(
    ports: Ports, sue_desk: Desk, described: Work
) -> None:
    cpo, rev = await ports.store.get(Cpo, ABC) or (None, 0)
    assert cpo is not None
    await ports.store.commit(Change(writes=(Put(msgspec.structs.replace(cpo, release_on=ReleaseOn.SUPPORT), rev),)))
    early = await sue_desk.post(f"/desk/station/release?id={STATION}")
    assert early.status_code == 409
    await settle(ports, "texts", "online", "tests")
    await hand_over(ports, described.actor, described.doing("hand_over"), HandOver())
    assert STATION in (await sue_desk.page("/desk")).one("col-ready").text
    assert (await sue_desk.page(URL)).one("release")
    answer = await sue_desk.post(f"/desk/station/release?id={STATION}")
    assert answer.status_code == 303
    row = await ports.store.station(STATION)
    assert row is not None and row.deploy_state == "Production"
    sue_desk.headers["Cookie"] += "; " + answer.headers["set-cookie"].split(";")[0]
    page = await sue_desk.page(URL)
    assert STATION in page.one("notice").text
    assert not page.all("release")
    assert STATION in (await sue_desk.page("/desk")).one("col-done").text


async def test_a_new_password_is_shown_once_stored_as_a_digest_and_ends_the_old_connection(
    ports: Ports, sue_desk: Desk, described: Work, commands: FakeCommands
) -> None:
    from_page = await sue_desk.post(f"/desk/station/password?id={STATION}")
    password = Page(from_page.text).one("station-password").text
    assert len(password) == 20 and password.isalnum()
    stored = await ports.store.get(StationPassword, STATION)
    assert stored is not None and password not in str(stored)
    assert password not in (await sue_desk.get(URL)).text
    assert commands.sent == []
    await ports.store.commit(
        Change(writes=(Put(msgspec.structs.replace(stored[0], used=ports.clock.now()), stored[1]),))
    )
    assert "cut off" in (await sue_desk.get(URL)).text
    await sue_desk.post(f"/desk/station/password?id={STATION}")
    assert commands.sent == [("disconnect password_changed", STATION)]


async def test_differences_stand_on_the_page_with_the_reason_of_who_accepted_them(
    ports: Ports, sue_desk: Desk, described: Work
) -> None:
    current, rev = (await ports.store.find(Commissioning, charge_station_id=STATION))[0]
    swapped = Trial(
        id="t-1",
        kind=TrialKind.WHICH,
        state=TrialState.FAILED,
        outcome="other_socket",
        cause="swapped",
        started=ports.clock.now(),
        deadline=ports.clock.now(),
        ended=ports.clock.now(),
        evse=1,
        detail={"reacted": {"evse": 2}},
        evidence=[{"at": "2026-03-02T08:00:00Z", "what": "frame", "text": '[2,"1","StatusNotification",{}]'}],
    )
    found = msgspec.structs.replace(current, trials=[swapped])
    await ports.store.commit(Change(writes=(Put(found, rev),)))
    page = await sue_desk.page(URL)
    assert page.one("finding").attributes["data-kind"] == "swapped"
    assert ENGLISH.causes["swapped"] in page.one("trial-cause").text
    assert "StatusNotification" in page.one("trial").text
    line = Accepted(finding="swapped:1:2", found="2", reason="the labels follow", by="anna", at=ports.clock.now())
    await ports.store.commit(Change(writes=(Put(msgspec.structs.replace(found, accepted=[line]), rev + 1),)))
    assert "Anna: the labels follow" in (await sue_desk.page(URL)).one("finding").text


async def test_trials_and_their_outcome_in_words(ports: Ports, sue_desk: Desk, described: Work) -> None:
    current, rev = (await ports.store.find(Commissioning, charge_station_id=STATION))[0]
    now = ports.clock.now()
    trial = Trial(id="t-1", kind=TrialKind.REBOOT, started=now, deadline=now, by="anna")
    ended = trial_rules.end(
        trial_rules.start(current, trial, now), "t-1", Ending(outcome=Outcome.DID_NOT_RETURN), trial_rules.Policy(), now
    )
    await ports.store.commit(Change(writes=(Put(ended, rev),)))
    page = await sue_desk.page(URL)
    assert page.one("trial").attributes["data-state"] == "failed"
    assert ENGLISH.outcomes["did_not_return"] in page.one("trial").text
    assert ENGLISH.outcomes["did_not_return"] in page.one("check-tests").text


class FakeVirtual:
    def __init__(self) -> None:
        self.on: set[str] = set()

    async def switch_on(self, charge_station_id: str, actor: Actor) -> None:
        self.by = actor.person_id
        self.on.add(charge_station_id)

    async def switch_off(self, charge_station_id: str) -> None:
        self.on.discard(charge_station_id)

    async def plug_in(self, charge_station_id: str, connector_id: int, id_tag: str) -> None:
        return None

    def running(self) -> Iterable[str]:
        return self.on


async def test_a_commissioning_that_was_given_back_says_so_and_shows_nothing_as_current(
    sue_desk: Desk, described: Work
) -> None:
    await abandon(described.ports, described.actor, described.doing("abandon"), Nothing())
    page = await sue_desk.page(URL)
    assert "Given back by Anna" in page.one("given-back").text
    assert not page.all("check-location") and not page.all("check-hardware")
    text = (await sue_desk.get(URL)).text
    assert ENGLISH.rung_next["never"] not in text and ENGLISH.not_created_yet not in text
    assert not (await sue_desk.page("/desk")).all("card-c-1")


async def test_what_a_key_did_is_told_with_its_name_and_never_its_id(
    ports: Ports, sue_desk: Desk, described: Work
) -> None:
    now = ports.clock.now()
    named = Subscription(id="key-1", key_digest="d1", name="Our CRM", cpo_ids=[ABC], modules={}, created=now)
    facts = [
        Fact(
            kind=FactKind.STATION_CREATED, at=now, cpo_id=ABC, charge_station_id=STATION, data={"subscription_id": key}
        )
        for key in ("key-1", "key-2")
    ]
    await ports.store.commit(Change(writes=(Put(named),), facts=tuple(facts)))
    told = (await sue_desk.page(URL)).one("history").text
    assert "Our CRM" in told and "API access" in told and "key-" not in told


async def test_history_has_energy_with_its_unit_and_words_for_reasons_and_passwords(
    ports: Ports, sue_desk: Desk, described: Work
) -> None:
    stopped = {"transaction_id": 7, "connector_id": "1", "energy_wh": 500, "reason": "Local"}
    written = {"command": "change_configuration", "key": "AuthorizationKey", "result": "accepted"}
    for kind, data in ((FactKind.TRANSACTION_STOPPED, stopped), (FactKind.COMMAND_ENDED, written)):
        fact = Fact(kind=kind, at=ports.clock.now(), cpo_id=ABC, charge_station_id=STATION, data=data)
        await ports.store.commit(Change(facts=(fact,)))
    told = (await sue_desk.page(URL)).one("history").text
    assert "Charging stopped: Socket 1 · 500 Wh · at the station" in told
    assert "Command ended: New password · Accepted by the station" in told and "AuthorizationKey" not in told


async def test_the_virtual_station_is_switched_in_the_demo_only(
    ports: Ports, bus: Bus, sue_desk: Desk, described: Work
) -> None:
    assert not (await sue_desk.page(URL)).all("virtual-on")
    assert (await sue_desk.post(f"/desk/station/virtual?id={STATION}", {"on": "1"})).status_code == 404
    virtual = FakeVirtual()
    app = Litestar([router(replace(ports, virtual=virtual), bus, Settings())])
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://testserver.local") as client:
        desk = Desk(client)
        desk.headers = sue_desk.headers
        assert "password of its own" in (await desk.page(URL)).one("virtual-hint").text
        assert (await desk.page(URL)).one("virtual-on")
        assert (await desk.post(f"/desk/station/virtual?id={STATION}", {"on": "1"})).status_code == 303
        assert virtual.on == {STATION} and virtual.by == "sue"
        page = await desk.page(URL)
        assert page.one("virtual-off") and not page.all("virtual-hint")
        await desk.post(f"/desk/station/virtual?id={STATION}", {"on": "0"})
        assert virtual.on == set()
        found = await ports.store.get(Cpo, ABC)
        assert found is not None
        there = msgspec.structs.replace(found[0], platform="acceptance")
        await ports.store.commit(Change(writes=(Put(there, found[1]),)))
        assert not (await desk.page(URL)).all("virtual-on"), "its password is the platform's"


async def test_the_board_filters_by_text_person_and_cpo(
    ports: Ports, ada_desk: Desk, described: Work, ben: Actor
) -> None:
    await Work(ports, ben, "c-2").begin("GAR-1")
    for query, found in (
        ({"q": "depot-018"}, {"c-1"}),
        ({"q": "industrieweg"}, {"c-1"}),
        ({"q": "BEN"}, {"c-2"}),
        ({"person": "anna"}, {"c-1"}),
        ({"cpo": ABC}, {"c-1", "c-2"}),
        ({"cpo": "XYZ Power"}, set()),
    ):
        page = await ada_desk.page("/desk/board", **query)
        cards = {e.attributes["data-test"].removeprefix("card-") for e in page.tags("article")}
        assert cards == found, query


async def test_pictures_escape_and_draw_cables_and_sockets_apart() -> None:
    plugs = (Plug(standard="<x>", cable=True, power="22 kW"), Plug(standard="CCS2", cable=False, power=""))
    svg = draw([Bay(number=1, plugs=plugs, status=EvseStatus.OUTOFORDER)], ENGLISH.evse_status, 'a "title"')
    assert "&lt;x&gt;" in svg and "<x>" not in svg and "&#34;title&#34;" in svg
    assert svg.count('class="wire"') == 1 and svg.count('class="ring"') == 1
    assert "! Out of order" in svg
