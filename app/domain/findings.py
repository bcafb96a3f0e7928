"""Template against reality: where what a station says of itself is not what its commissioning says of it.

A difference is never mended in silence: it is a finding with the ways in which a person can resolve it. Pure: what is
known in, findings out, so that one that is no longer true is simply not found again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct

from app.domain.expectations import Expectation
from app.domain.live import Boot
from app.domain.model import Evse, ProtocolVersion
from app.domain.trials import FOR_EACH_EVSE, Outcome, Trial, TrialKind

SETTLING = timedelta(seconds=60)
"""How long a station that came online may take to tell of all its connectors."""
SKEW_NOTED = 60
SKEW_SEVERE = 3600
MOST_NAMED = 10
STATION = "0"


class FindingKind(StrEnum):
    VENDOR = "vendor"
    MODEL = "model"
    SERIAL = "serial"
    CONNECTOR_MISSING = "connector_missing"
    CONNECTOR_EXTRA = "connector_extra"
    CONNECTOR_KIND = "connector_kind"
    SWAPPED = "swapped"
    CLOCK = "clock"
    TOO_LONG = "too_long"


class Severity(StrEnum):
    """SEVERE is what drivers or support would trip over: a policy may ask for it to be resolved before hand-over."""

    SEVERE = "severe"
    NOTE = "note"


class Way(StrEnum):
    """How a finding can be resolved."""

    ACCEPT = "accept"
    TAKE_SERIAL = "take_serial"
    CHOOSE_TEMPLATE = "choose_template"
    SWAP = "swap"


class Finding(Struct, kw_only=True, frozen=True):
    """One difference. `id` is the same as long as it is about the same thing; `evses` are the ones that it is about."""

    id: str
    kind: FindingKind
    severity: Severity
    expected: str | None
    found: str | None
    evses: tuple[int, ...] = ()
    ways: tuple[Way, ...] = (Way.ACCEPT,)


class Accepted(Struct, kw_only=True, frozen=True):
    """Somebody knows of it and says why that is right. Another value of the same thing is a new finding."""

    finding: str
    found: str | None
    reason: str
    by: str
    at: datetime


class Swap(Struct, kw_only=True, frozen=True):
    """The words, the label and the limits of two EVSEs changed places."""

    evses: tuple[int, int]
    by: str
    at: datetime


class Known(Struct, kw_only=True):
    """All that findings follow from. `heard` are the connectors that the station told of since it is online."""

    boot: Boot | None = None
    evses: Sequence[Evse] = ()
    heard: frozenset[str] = frozenset()
    online_since: datetime | None = None
    protocol_version: ProtocolVersion | None = None
    skew_seconds: int | None = None
    typed_serial: str | None = None
    expectation: Expectation | None = None
    trials: Sequence[Trial] = ()
    swaps: Sequence[Swap] = ()


def findings(known: Known, now: datetime) -> list[Finding]:
    """Every difference, worst first."""
    found = [
        *_plate(known),
        *_serial(known),
        *_connectors(known, now),
        *_kinds(known),
        *_swapped(known),
        *_clock(known),
        *_too_long(known),
    ]
    return sorted(found, key=lambda each: each.severity is not Severity.SEVERE)


def is_accepted(finding: Finding, accepted: Iterable[Accepted]) -> Accepted | None:
    """A clock is accepted whatever it shows: it shows something else each time."""
    clock = finding.kind is FindingKind.CLOCK
    same = (each for each in accepted if each.finding == finding.id and (clock or each.found == finding.found))
    return next(same, None)


def unresolved(found: Iterable[Finding], accepted: Sequence[Accepted]) -> list[Finding]:
    """The severe ones that nobody has accepted."""
    severe = (finding for finding in found if finding.severity is Severity.SEVERE)
    return [finding for finding in severe if is_accepted(finding, accepted) is None]


def connector_keys(evses: Iterable[Evse], version: ProtocolVersion | None) -> dict[str, Evse]:
    """The keys of `Live.connectors` that a station with these EVSEs should tell of."""
    if version is ProtocolVersion.OCPP201:
        return {
            f"{evse.evse_sequence_number}.{position}": evse
            for evse in evses
            for position, _ in enumerate(evse.connectors or [], 1)
        }
    return {connector.id: evse for evse in evses for connector in evse.connectors or [] if connector.id}


# --- each kind -------------------------------------------------------------------------------------------------------


def _plate(known: Known) -> Iterator[Finding]:
    boot, wanted = known.boot, known.expectation
    if boot is None or wanted is None:
        return
    ways = (Way.CHOOSE_TEMPLATE, Way.ACCEPT)
    for kind, expected, told in (
        (FindingKind.VENDOR, wanted.vendors, boot.charge_point_vendor),
        (FindingKind.MODEL, wanted.models, boot.charge_point_model),
    ):
        if expected and told and plain(told) not in {plain(each) for each in expected}:
            yield Finding(
                id=kind.value,
                kind=kind,
                severity=Severity.SEVERE,
                expected=" / ".join(expected),
                found=told,
                ways=ways,
            )


def _serial(known: Known) -> Iterator[Finding]:
    """The plate was read by a person; the station has up to two serials, and either may stand on it."""
    told = told_serials(known.boot)
    if not known.typed_serial or not told or plain(known.typed_serial) in {plain(each) for each in told}:
        return
    yield Finding(
        id=FindingKind.SERIAL.value,
        kind=FindingKind.SERIAL,
        severity=Severity.SEVERE,
        expected=known.typed_serial,
        found=" / ".join(told),
        ways=(Way.TAKE_SERIAL, Way.ACCEPT),
    )


def _connectors(known: Known, now: datetime) -> Iterator[Finding]:
    if not known.evses or known.online_since is None:
        return
    expected = connector_keys(known.evses, known.protocol_version)
    heard = known.heard - {STATION}
    ways = (Way.CHOOSE_TEMPLATE, Way.ACCEPT)
    if extra := ordered(heard - expected.keys()):
        yield Finding(
            id=FindingKind.CONNECTOR_EXTRA.value,
            kind=FindingKind.CONNECTOR_EXTRA,
            severity=Severity.SEVERE,
            expected=str(len(expected)),
            found=named(extra),
            ways=ways,
        )
    missing = ordered(expected.keys() - heard)
    if missing and heard and now - known.online_since >= SETTLING:
        yield Finding(
            id=FindingKind.CONNECTOR_MISSING.value,
            kind=FindingKind.CONNECTOR_MISSING,
            severity=Severity.SEVERE,
            expected=named(missing),
            found=None,
            evses=tuple(sorted({expected[key].evse_sequence_number or 0 for key in missing})),
            ways=ways,
        )


def _kinds(known: Known) -> Iterator[Finding]:
    """From the last test of the sockets: OCPP 1.6 itself does not tell what a connector is."""
    for row in _rows(known.trials):
        if row.get("kind") == "differs":
            yield Finding(
                id=f"{FindingKind.CONNECTOR_KIND.value}:{row.get('connector')}",
                kind=FindingKind.CONNECTOR_KIND,
                severity=Severity.SEVERE,
                expected=row.get("expected_kind"),
                found=row.get("told_kind"),
                evses=(row["evse"],) if row.get("evse") else (),
                ways=(Way.CHOOSE_TEMPLATE, Way.ACCEPT),
            )


def _rows(trials: Sequence[Trial]) -> list[Mapping[str, Any]]:
    last = next((t for t in trials if t.kind is TrialKind.SOCKETS and t.ended), None)
    return last.detail.get("rows", []) if last else []


def _swapped(known: Known) -> Iterator[Finding]:
    """From the last test of each EVSE: another one of this station reacted, and nobody has swapped them since."""
    seen: set[int] = set()
    for trial in known.trials:
        if trial.kind not in FOR_EACH_EVSE or trial.evse is None or trial.ended is None or trial.evse in seen:
            continue
        seen.add(trial.evse)
        pair = swapped_pair(trial)
        if pair is None or any(swap.evses == pair and swap.at >= trial.ended for swap in known.swaps):
            continue
        yield Finding(
            id=f"{FindingKind.SWAPPED.value}:{pair[0]}:{pair[1]}",
            kind=FindingKind.SWAPPED,
            severity=Severity.SEVERE,
            expected=str(trial.evse),
            found=str(next(each for each in pair if each != trial.evse)),
            evses=pair,
            ways=(Way.SWAP, Way.ACCEPT),
        )


def swapped_pair(trial: Trial) -> tuple[int, int] | None:
    """The EVSEs that a test found in each other's place, the lower number first."""
    reacted = (trial.detail.get("reacted") or {}).get("evse")
    if trial.outcome != Outcome.OTHER_SOCKET or trial.evse is None or not isinstance(reacted, int):
        return None
    return min(trial.evse, reacted), max(trial.evse, reacted)


def _clock(known: Known) -> Iterator[Finding]:
    """A wrong clock dates every session wrong, and stops TLS altogether when it is very wrong."""
    skew = known.skew_seconds
    if skew is None or abs(skew) < SKEW_NOTED:
        return
    severe = abs(skew) >= SKEW_SEVERE
    yield Finding(
        id=FindingKind.CLOCK.value,
        kind=FindingKind.CLOCK,
        severity=Severity.SEVERE if severe else Severity.NOTE,
        expected=None,
        found=str(skew),
    )


LIMITS = {
    "charge_point_vendor": 20,
    "charge_point_model": 20,
    "charge_point_serial_number": 25,
    "charge_box_serial_number": 25,
    "firmware_version": 50,
    "iccid": 20,
    "imsi": 20,
    "meter_type": 25,
    "meter_serial_number": 25,
}
"""Characters of each text of BootNotification (OCPP 1.6 6.7; 2.0.1 gives the vendor 50)."""


def _too_long(known: Known) -> Iterator[Finding]:
    """Kept and shown as it came; another system that reads it by the book would refuse it (pitfall 23)."""
    vendor = {"charge_point_vendor": 50} if known.protocol_version is ProtocolVersion.OCPP201 else {}
    limits = LIMITS | vendor
    texts = {name: getattr(known.boot, name) or "" for name in limits} if known.boot else {}
    broken = [text for name, text in texts.items() if len(text) > limits[name]]
    if broken:
        kind = FindingKind.TOO_LONG
        yield Finding(id=kind.value, kind=kind, severity=Severity.NOTE, expected=None, found=" / ".join(broken))


# --- comparing -------------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """For comparing what stands on a plate with what a station says: letters and digits, in one case."""
    return re.sub(r"[\W_]+", "", text).casefold()


def told_serials(boot: Boot | None) -> list[str]:
    told = (boot.charge_point_serial_number, boot.charge_box_serial_number) if boot else ()
    return list(dict.fromkeys(serial for serial in told if serial and plain(serial)))


def ordered(keys: Iterable[str]) -> list[str]:
    """Connector keys in the order of their numbers."""
    return sorted(keys, key=lambda key: [int(part) if part.isdigit() else 0 for part in key.split(".")])


def named(keys: Sequence[str]) -> str:
    """The first ones by name: a station that counts absurdly must not fill a screen."""
    more = len(keys) - MOST_NAMED
    return ", ".join(keys[:MOST_NAMED]) + (f" (+{more})" if more > 0 else "")
