"""Template against reality: each difference that is found, and when it is not one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.expectations import Expectation
from app.domain.findings import (
    Accepted,
    FindingKind,
    Known,
    Severity,
    Swap,
    Way,
    findings,
    is_accepted,
    unresolved,
)
from app.domain.live import Boot
from app.domain.model import Connector, Evse, ProtocolVersion
from app.domain.trials import Trial, TrialKind, TrialState

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
EVSES = [Evse(evse_sequence_number=number, connectors=[Connector(id=str(number))]) for number in (1, 2)]
HEARD = frozenset({"0", "1", "2"})


def known(**more: Any) -> Known:
    """A station as its commissioning has it, but for what is said."""
    plain: dict[str, Any] = {"evses": EVSES, "heard": HEARD, "online_since": NOW - timedelta(minutes=5)}
    return Known(**(plain | more))


def ids(**more: Any) -> list[str]:
    return [finding.id for finding in findings(known(**more), NOW)]


def test_a_station_that_is_what_was_chosen_has_no_findings() -> None:
    assert ids() == []
    assert findings(Known(), NOW) == [], "nothing is known yet"


def test_maker_and_model_are_compared_as_people_read_them() -> None:
    wanted = Expectation(
        id="ABC|T", template_id="T", cpo_id="ABC", vendors=["Alfen BV", "Alfen"], models=["NG910-60023"]
    )
    same = Boot(charge_point_vendor="ALFEN b.v.", charge_point_model="ng910 60023")
    assert ids(boot=same, expectation=wanted) == []
    other = Boot(charge_point_vendor="ABB", charge_point_model="Terra")
    found = findings(known(boot=other, expectation=wanted), NOW)
    assert [(each.kind, each.expected, each.found) for each in found] == [
        (FindingKind.VENDOR, "Alfen BV / Alfen", "ABB"),
        (FindingKind.MODEL, "NG910-60023", "Terra"),
    ]
    assert Way.CHOOSE_TEMPLATE in found[0].ways and Way.ACCEPT in found[0].ways
    assert ids(boot=other) == [], "of a model that nobody has described nothing is expected"


@pytest.mark.parametrize(
    ("typed", "told", "found"),
    [
        ("ace-0123456", ("ACE0123456", None), []),
        ("ACE0123456", ("other", "ace 0123456"), []),
        ("ACE0123456", ("ACE0123457", "BOX9"), ["serial"]),
        ("ACE0123456", (None, None), []),
        (None, ("ACE0123457", None), []),
        ("S" * 33, ("S" * 33, None), ["too_long"]),
    ],
)
def test_the_serial_of_the_plate_against_either_serial_of_the_station(
    typed: str | None, told: tuple[str | None, str | None], found: list[str]
) -> None:
    boot = Boot(charge_point_serial_number=told[0], charge_box_serial_number=told[1])
    assert ids(typed_serial=typed, boot=boot) == found


def test_connectors_that_the_model_has_not_are_named_and_absurd_many_of_them_only_counted() -> None:
    (found,) = findings(known(heard=HEARD | {"3"}), NOW)
    assert (found.kind, found.expected, found.found) == (FindingKind.CONNECTOR_EXTRA, "2", "3")
    (many,) = findings(known(heard=HEARD | {str(number) for number in range(3, 101)}), NOW)
    assert many.found == "3, 4, 5, 6, 7, 8, 9, 10, 11, 12 (+88)"


def test_connectors_that_are_missing_are_a_finding_once_the_station_had_time_to_tell() -> None:
    heard = frozenset({"0", "1"})
    (found,) = findings(known(heard=heard), NOW)
    assert (found.id, found.expected, found.evses) == ("connector_missing", "2", (2,))
    assert ids(heard=heard, online_since=NOW - timedelta(seconds=59)) == []
    assert ids(heard=heard, online_since=None) == [], "a station that is away is not judged by its silence"
    assert ids(heard=frozenset({"0"})) == [], "one that has told of nothing at all is silent, not another model"


def test_connectors_of_ocpp_2_are_found_by_evse_and_connector() -> None:
    heard = frozenset({"0", "1.1", "2.1"})
    assert ids(heard=heard, protocol_version=ProtocolVersion.OCPP201) == []
    assert ids(heard=heard | {"3.1"}, protocol_version=ProtocolVersion.OCPP201) == ["connector_extra"]


@pytest.mark.parametrize(
    ("skew", "severity"), [(59, None), (-60, Severity.NOTE), (3599, Severity.NOTE), (-3600, Severity.SEVERE)]
)
def test_a_clock_that_is_off(skew: int, severity: Severity | None) -> None:
    found = findings(known(skew_seconds=skew), NOW)
    assert [(each.kind, each.severity) for each in found] == ([(FindingKind.CLOCK, severity)] if severity else [])


@pytest.mark.parametrize(
    ("version", "vendor", "serial", "found"),
    [
        (ProtocolVersion.OCPP16, "V" * 20, "S" * 25, None),
        (ProtocolVersion.OCPP16, "V" * 21, "S" * 26, f"{'V' * 21} / {'S' * 26}"),
        (ProtocolVersion.OCPP201, "V" * 50, "S" * 25, None),
        (ProtocolVersion.OCPP201, "V" * 51, "S" * 25, "V" * 51),
    ],
)
def test_texts_longer_than_the_standard_has_them_are_a_note(
    version: ProtocolVersion, vendor: str, serial: str, found: str | None
) -> None:
    boot = Boot(charge_point_vendor=vendor, charge_box_serial_number=serial)
    told = findings(known(boot=boot, protocol_version=version, heard=frozenset()), NOW)
    expected = [(FindingKind.TOO_LONG, Severity.NOTE, found)] if found else []
    assert [(each.kind, each.severity, each.found) for each in told] == expected


def which(evse: int, reacted: int | None, minutes: int = 0) -> Trial:
    outcome = "this_one" if reacted is None else "other_socket"
    return Trial(
        id=f"t-{minutes}",
        kind=TrialKind.WHICH,
        state=TrialState.PASSED if reacted is None else TrialState.FAILED,
        outcome=outcome,
        started=NOW,
        deadline=NOW,
        ended=NOW + timedelta(minutes=minutes),
        evse=evse,
        detail={"reacted": {"evse": reacted}} if reacted else {},
    )


def test_sockets_that_were_seen_in_each_others_place_stay_a_finding_until_somebody_swaps_them() -> None:
    (found,) = findings(known(trials=[which(2, 1)]), NOW)
    assert (found.id, found.evses, found.expected, found.found) == ("swapped:1:2", (1, 2), "2", "1")
    assert Way.SWAP in found.ways
    swap = Swap(evses=(1, 2), by="anna", at=NOW + timedelta(minutes=1))
    assert ids(trials=[which(2, 1)], swaps=[swap]) == []
    assert ids(trials=[which(2, 1, 5), which(2, 1)], swaps=[swap]) == ["swapped:1:2"], "seen again after the swap"
    assert ids(trials=[which(2, None, 5), which(2, 1)]) == [], "the last look counts"


def test_what_was_accepted_is_accepted_as_it_was_seen() -> None:
    (extra,) = findings(known(heard=HEARD | {"3"}), NOW)
    accepted = [Accepted(finding=extra.id, found="3", reason="a service socket", by="anna", at=NOW)]
    assert is_accepted(extra, accepted) is not None and unresolved([extra], accepted) == []
    (more,) = findings(known(heard=HEARD | {"3", "4"}), NOW)
    assert is_accepted(more, accepted) is None and unresolved([more], accepted) == [more]
    note, severe = (findings(known(skew_seconds=skew), NOW)[0] for skew in (70, 4000))
    assert unresolved([note], []) == [], "a note stands in nobody's way"
    known_clock = [Accepted(finding="clock", found="4000", reason="no NTP here", by="anna", at=NOW)]
    assert is_accepted(findings(known(skew_seconds=4100), NOW)[0], known_clock) is not None
    assert unresolved([severe], known_clock) == []


def test_the_worst_stand_first() -> None:
    assert ids(skew_seconds=100, heard=HEARD | {"3"}) == ["connector_extra", "clock"]
