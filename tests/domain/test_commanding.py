"""What may be sent to which station when, and what the installer's word on it is worth."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from app.domain.commanding import (
    CONSENT,
    CommandRequest,
    RequestState,
    answered,
    asks_holder,
    connectors_in_use,
    ended,
    evses_in_use,
    is_secret,
    require_no_trial,
    require_possible,
    require_turn,
    result_of,
    shown_command,
    shown_outcome,
    sound,
    target_of,
    under_way,
    word_of,
)
from app.domain.commands import (
    ChangeConfiguration,
    Command,
    CommandOutcome,
    CommandState,
    ConfigurationKey,
    GetConfiguration,
    Message,
    Reset,
    Start,
    Stop,
    Trigger,
    Unlock,
)
from app.domain.commissioning import Commissioning
from app.domain.errors import (
    CommandRunning,
    InvalidField,
    NotYours,
    RequestOver,
    StationInUse,
    StationOffline,
    TooManyCommands,
    TrialRunning,
)
from app.domain.live import ConnectorState, Transaction
from app.domain.model import Connector, Evse, EvseStatus
from app.domain.trials import Trial, TrialKind

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
EVERY = (
    Reset(),
    Trigger(Message.STATUS),
    GetConfiguration(),
    ChangeConfiguration("HeartbeatInterval", "60"),
    Unlock("1"),
    Unlock("2"),
    Start("1", "CARD"),
    Stop(7),
)


def connector(status: str, at: datetime = NOW) -> ConnectorState:
    return ConnectorState(status=status, at=at)


def transaction(connector_id: str = "1", started: datetime = NOW, stopped: datetime | None = None) -> Transaction:
    return Transaction(
        id=7,
        charge_station_id="UTR-1",
        connector_id=connector_id,
        id_tag="CARD",
        started=started,
        meter_start=0,
        stopped=stopped,
    )


def request(state: RequestState = RequestState.WAITING, **fields: object) -> CommandRequest:
    made = CommandRequest(
        id="r-1",
        cpo_id="ABC",
        charge_station_id="UTR-1",
        commissioning_id="c-1",
        command=Reset(),
        state=state,
        asked=NOW,
        expires=NOW + CONSENT,
        deadline=NOW + CONSENT + timedelta(seconds=30),
    )
    return replace(made, **fields)


def commissioning(person_id: str = "anna", *trials: Trial) -> Commissioning:
    return Commissioning(
        id="c-1",
        cpo_id="ABC",
        charge_station_id="UTR-1",
        begun=NOW,
        begun_by="anna",
        person_id=person_id,
        trials=list(trials),
        changed=NOW,
    )


@pytest.mark.parametrize("command", EVERY, ids=str)
def test_a_station_that_is_away_gets_nothing(command: Command) -> None:
    with pytest.raises(StationOffline):
        require_possible(command, online=False, in_use=set())


@pytest.mark.parametrize("command", EVERY, ids=str)
def test_a_station_in_use_gets_only_what_ends_that_use(command: Command) -> None:
    if command in (Stop(7), Unlock("1")):
        require_possible(command, online=True, in_use={"1"})
    else:
        with pytest.raises(StationInUse):
            require_possible(command, online=True, in_use={"1"})


@pytest.mark.parametrize("command", EVERY, ids=str)
def test_a_free_station_that_is_there_gets_all(command: Command) -> None:
    require_possible(command, online=True, in_use=set())


@pytest.mark.parametrize("status", ["Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"])
def test_a_connector_says_itself_that_it_is_in_use(status: str) -> None:
    assert connectors_in_use({"1": connector("Available"), "2": connector(status)}, []) == {"2"}


@pytest.mark.parametrize("status", ["Available", "Preparing", "Occupied", "Reserved", "Unavailable", "Faulted"])
def test_a_plug_alone_is_no_use(status: str) -> None:
    assert connectors_in_use({"1": connector(status)}, []) == set()


def test_a_transaction_that_is_not_over_is_use_whatever_the_connector_said_before() -> None:
    earlier = NOW - timedelta(minutes=1)
    assert connectors_in_use({"1": connector("Available", earlier)}, [transaction()]) == {"1"}
    assert connectors_in_use({}, [transaction("2.1")]) == {"2.1"}
    assert connectors_in_use({}, [transaction(stopped=NOW)]) == set()


def test_a_transaction_whose_end_was_never_told_is_over_once_its_connector_is_free() -> None:
    later = NOW + timedelta(minutes=1)
    assert connectors_in_use({"1": connector("Available", later)}, [transaction()]) == set()
    assert connectors_in_use({"1": connector("Preparing", later)}, [transaction()]) == {"1"}


def test_a_transaction_whose_card_was_refused_is_no_use() -> None:
    assert connectors_in_use({}, [replace(transaction(), accepted=False)]) == set()


def test_all_connectors_of_a_vendors_evse_that_charges_are_in_use() -> None:
    busy = Evse(uid="1", status=EvseStatus.CHARGING, connectors=[Connector(id="1"), Connector(id="2")])
    free = Evse(uid="2", status=EvseStatus.AVAILABLE, connectors=[Connector(id="3")])
    assert evses_in_use([busy, free]) == {"1", "2"}
    assert evses_in_use([Evse(uid="3", status=EvseStatus.CHARGING)])


def test_one_at_a_time() -> None:
    for state in (RequestState.WAITING, RequestState.ALLOWED):
        with pytest.raises(CommandRunning):
            require_turn([request(state)], NOW)
    require_turn([request(RequestState.DONE)], NOW)


def test_one_whose_end_was_lost_does_not_close_the_station_for_ever() -> None:
    require_turn([request(RequestState.ALLOWED)], NOW + CONSENT + timedelta(seconds=61))


def test_six_in_a_minute_and_then_it_says_how_long_to_wait() -> None:
    lately = [request(RequestState.DONE, asked=NOW + timedelta(seconds=second)) for second in range(6)]
    require_turn(lately[:5], NOW + timedelta(seconds=10))
    with pytest.raises(TooManyCommands) as refused:
        require_turn(lately, NOW + timedelta(seconds=10))
    assert refused.value.detail == {"retry_after": 50}
    require_turn(lately, NOW + timedelta(seconds=60))


def test_a_running_test_of_the_installer_is_not_disturbed() -> None:
    trial = Trial(id="t-1", kind=TrialKind.REBOOT, started=NOW, deadline=NOW + timedelta(seconds=60))
    with pytest.raises(TrialRunning):
        require_no_trial(commissioning("anna", trial), NOW)
    require_no_trial(commissioning("anna", trial), NOW + timedelta(seconds=91))
    require_no_trial(None, NOW)


def test_the_holder_is_asked_unless_it_is_the_holder_who_asks() -> None:
    assert asks_holder(commissioning("anna"), "sue") and asks_holder(commissioning("anna"), None)
    assert not asks_holder(commissioning("anna"), "anna") and not asks_holder(None, "sue")


def test_a_yes_in_time_lets_it_go_once() -> None:
    allowed = answered(request(), commissioning(), True, "anna", NOW + timedelta(seconds=59))
    assert (allowed.state, allowed.answered_by, allowed.sent) == (RequestState.ALLOWED, "anna", None)
    sent = under_way(allowed, NOW + timedelta(seconds=59))
    assert sent is not None and sent.sent == NOW + timedelta(seconds=59)
    assert under_way(sent, NOW + timedelta(seconds=59)) is None


def test_a_no_ends_it_unsent() -> None:
    refused = answered(request(), commissioning(), False, "anna", NOW)
    assert (refused.state, refused.ended, result_of(refused)) == (RequestState.REFUSED, NOW, "refused")
    assert under_way(refused, NOW) is None


def test_after_its_time_no_word_counts_and_nothing_goes() -> None:
    with pytest.raises(RequestOver):
        answered(request(), commissioning(), True, "anna", NOW + CONSENT)
    allowed = answered(request(), commissioning(), True, "anna", NOW + timedelta(seconds=59))
    assert under_way(allowed, NOW + CONSENT) is None


@pytest.mark.parametrize("state", [each for each in RequestState if each is not RequestState.WAITING])
def test_what_has_an_answer_gets_no_other(state: RequestState) -> None:
    with pytest.raises(RequestOver):
        answered(request(state), commissioning(), True, "anna", NOW)


def test_only_who_holds_the_commissioning_now_answers() -> None:
    with pytest.raises(NotYours):
        answered(request(), commissioning("ben"), True, "anna", NOW)


def test_there_is_one_outcome() -> None:
    outcome = CommandOutcome(state=CommandState.REJECTED, status="Rejected")
    done = ended(request(RequestState.ALLOWED), RequestState.DONE, NOW, outcome)
    assert result_of(done) == "rejected"
    assert ended(done, RequestState.INTERRUPTED, NOW) is done


def test_the_stations_password_is_not_changed_this_way() -> None:
    for key in ("AuthorizationKey", "authorizationkey", "SecurityCtrlr.BasicAuthPassword"):
        with pytest.raises(InvalidField):
            sound(ChangeConfiguration(key, "secret"))
    with pytest.raises(InvalidField):
        sound(ChangeConfiguration(" ", "1"))


def test_no_secret_is_kept() -> None:
    command = sound(ChangeConfiguration("WifiPassword", "hush"))
    assert isinstance(command, ChangeConfiguration) and command.secret
    assert "hush" not in f"{shown_command(command)} {target_of(command)}"
    raw = ('[2,"1","ChangeConfiguration",{}]', '[3,"1",{}]')
    read = CommandOutcome(
        state=CommandState.ACCEPTED,
        raw=raw,
        configuration=(ConfigurationKey("AuthorizationKey", "hush"), ConfigurationKey("MeterInterval", "60")),
    )
    kept = shown_outcome(GetConfiguration(), read)
    assert [line.value for line in kept.configuration] == [None, "60"] and kept.raw == ()
    assert shown_outcome(Reset(), replace(read, configuration=())).raw == raw


def test_only_what_looks_like_a_secret_is_one() -> None:
    assert is_secret("Wifi.Password") and is_secret("AuthorizationKey")
    assert not is_secret("HeartbeatInterval") and not is_secret("AuthorizeRemoteTxRequests")


def test_every_command_has_a_word_of_its_own() -> None:
    words = {word_of(each) for each in (*EVERY, Reset(hard=True))}
    assert len(words) == 8
