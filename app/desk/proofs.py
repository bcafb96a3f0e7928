"""Tests and differences of a commissioning in people's words: what was found, and what was sent and heard for it."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from app.actions.proofs import FindingView, TrialView
from app.desk.picture import STANDARDS
from app.desk.say import Say
from app.domain.findings import FindingKind

GOOD_ROWS = frozenset({"reported", "ok", "hidden", "fixed"})


class Difference(Struct, frozen=True, kw_only=True):
    finding: FindingView
    tone: str
    expected: str
    found: str
    ways: str


class Row(Struct, frozen=True, kw_only=True):
    """One socket or one key that a test looked at."""

    name: str
    tone: str
    state: str
    detail: str


class Step(Struct, frozen=True, kw_only=True):
    """One line of evidence; `frame` is an OCPP message as it was sent or heard."""

    at: datetime
    text: str
    frame: str


class Proof(Struct, frozen=True, kw_only=True):
    trial: TrialView
    tone: str
    facts: list[str]
    rows: list[Row]
    steps: list[Step]


def difference(say: Say, finding: FindingView) -> Difference:
    words = say.words
    tone = "good" if finding.accepted else {"severe": "bad", "note": "wait"}[finding.severity.value]
    ways = "" if finding.accepted else ", ".join(words.ways[way.value] for way in finding.ways)
    expected, found = _value(say, finding, finding.expected), _value(say, finding, finding.found)
    return Difference(finding=finding, tone=tone, expected=expected, found=found, ways=ways)


def _value(say: Say, finding: FindingView, value: str | None) -> str:
    """Numbers of connectors, kinds and clocks are spelt out; what stands on a plate is quoted as it is."""
    if value is None:
        return ""
    match finding.kind:
        case FindingKind.CLOCK:
            return say.skew(int(value))
        case FindingKind.SWAPPED:
            return say.words.socket.format(number=value)
        case FindingKind.CONNECTOR_KIND:
            return kind_of(say, value)
        case FindingKind.CONNECTOR_MISSING:
            return say.words.connector.format(number=value)
        case FindingKind.CONNECTOR_EXTRA:
            return value if value == finding.expected else say.words.connector.format(number=value)
    return value


def kind_of(say: Say, told: str | None) -> str:
    """ "IEC_62196_T2 SOCKET" as "socket Type 2"."""
    standard, _, form = (told or "?").partition(" ")
    shape = say.words.hardware.get(form.casefold(), "")
    return f"{shape} {STANDARDS.get(standard, standard)}".strip()


def proof(say: Say, trial: TrialView) -> Proof:
    return Proof(
        trial=trial,
        tone={"running": "wait", "passed": "good", "failed": "bad"}[trial.state.value],
        facts=[line for line in _facts(say, trial) if line],
        rows=[_socket(say, row) for row in trial.detail.get("rows", [])]
        + [_key(say, line) for line in trial.detail.get("lines", [])],
        steps=[_step(say, entry) for entry in trial.evidence],
    )


def _facts(say: Say, trial: TrialView) -> list[str]:
    words, detail = say.words.evidence, trial.detail
    told = detail.get("told")
    return [
        say.words.hows.get(str(detail.get("how")), ""),
        words["told_number"].format(number=told, expected=detail.get("expected")) if told is not None else "",
        _reacted(say, trial),
        words["card"].format(value=detail["card"]) if detail.get("card") else "",
        words["energy_total"].format(value=detail["energy_wh"]) if detail.get("energy_wh") is not None else "",
        words["rebooted"] if detail.get("rebooted") else "",
        words["lasted"].format(span=say.span((trial.ended - trial.started).total_seconds())) if trial.ended else "",
    ]


def _reacted(say: Say, trial: TrialView) -> str:
    """Which station, and which of its sockets."""
    reacted = trial.detail.get("reacted")
    if not reacted:
        return ""
    number, station = reacted.get("evse"), reacted.get("station_id")
    named = [station] if station else []
    named += [say.words.socket.format(number=number)] if number else []
    return say.words.evidence["reacted"].format(text=", ".join(named))


def _socket(say: Say, row: dict[str, Any]) -> Row:
    words, bad = say.words, row.get("kind") == "differs"
    told = {"told": kind_of(say, row.get("told_kind")), "expected": kind_of(say, row.get("expected_kind"))}
    said = [words.connector_status.get(str(row["status"]), str(row["status"]))] if row.get("status") else []
    said += [str(row["error_code"])] if row.get("error_code") not in (None, "NoError") else []
    said += [words.evidence["kind_differs"].format(**told)] if bad else []
    good = row.get("state") in GOOD_ROWS and not bad
    return Row(
        name=words.evidence["connector"].format(number=row.get("connector")),
        tone="good" if good else "bad",
        state=words.rows.get(str(row.get("state")), str(row.get("state"))),
        detail=" · ".join(said),
    )


def _key(say: Say, line: dict[str, Any]) -> Row:
    words, state = say.words, str(line.get("state"))
    value, expected = line.get("value"), line.get("expected")
    wanted = words.evidence["expected"].format(value=expected) if expected and state not in ("ok", "hidden") else ""
    return Row(
        name=str(line.get("key")),
        tone="good" if state in GOOD_ROWS else "bad",
        state=words.rows.get(state, state),
        detail=" · ".join(part for part in (str(value) if value is not None else "", wanted) if part),
    )


def _step(say: Say, entry: dict[str, Any]) -> Step:
    what, text = str(entry.get("what")), str(entry.get("text") or "")
    at = datetime.fromisoformat(str(entry["at"]))
    if what == "frame":
        return Step(at=at, text=say.words.evidence["frame"], frame=text)
    return Step(at=at, text=_said(say, what, text), frame="")


def _said(say: Say, what: str, text: str) -> str:
    words = say.words
    if what == "seen" and not text:
        return words.evidence["seen_none"]
    if what in ("energy", "charging", "reacted", "seen"):
        return words.evidence[what].format(text=text)
    known = words.facts.get(what) or words.command_results.get(what) or what
    return f"{known}: {text}" if text else known
