"""The sockets of a station as they report, beside those of its model."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.findings import STATION, ordered
from app.domain.live import ConnectorState, Live
from app.domain.model import Evse
from app.domain.trials import Outcome

MOST_ROWS = 20
MOST_CONNECTORS = 100
"""A station that counts more has counted wrong."""

KINDS = {
    "cccs1": ("IEC_62196_T1_COMBO", "CABLE"),
    "cccs2": ("IEC_62196_T2_COMBO", "CABLE"),
    "cg105": ("CHADEMO", "CABLE"),
    "ctype1": ("IEC_62196_T1", "CABLE"),
    "ctype2": ("IEC_62196_T2", "CABLE"),
    "stype2": ("IEC_62196_T2", "SOCKET"),
    "scee77": ("DOMESTIC_F", "SOCKET"),
    "sbs1361": ("DOMESTIC_G", "SOCKET"),
}
"""ConnectorEnumType of OCPP 2.0.1, which some 1.6 stations use too, in the platform's words."""

Row = dict[str, Any]
"""One of the `rows` in `app.domain.trials.Trial`."""


def heard_connectors(live: Live) -> dict[str, ConnectorState]:
    """The connectors that it has told of since it is online."""
    since = live.online_since
    return {key: state for key, state in live.connectors.items() if since and state.at >= since and key != STATION}


def number_told(told: str | None) -> tuple[int | None, str | None]:
    """The count, or what cannot be one."""
    if told is None:
        return None, None
    plausible = told.strip().isdigit() and len(told.strip()) < 5 and int(told) <= MOST_CONNECTORS
    return (int(told), None) if plausible else (None, told[:20])


def socket_rows(
    expected: Mapping[str, Evse], heard: Mapping[str, ConnectorState], told: Mapping[str, str], number: int | None
) -> list[Row]:
    keys = ordered(expected.keys() | heard.keys())[:MOST_ROWS]
    rows = [_row(key, expected.get(key), heard.get(key), told) for key in keys]
    more = range(len(keys) + 1, min((number or 0), MOST_ROWS) + 1)
    return rows + [_row(str(key), None, None, told) | {"state": "extra"} for key in more]


def _row(key: str, evse: Evse | None, state: ConnectorState | None, told: Mapping[str, str]) -> Row:
    wanted = _expected_kind(key, evse)
    kind = _told_kind(told.get(f"connectortype{key}"))
    same = "not_told" if kind is None or wanted is None else "same" if kind == wanted else "differs"
    return {
        "connector": key,
        "evse": evse.evse_sequence_number if evse else None,
        "state": _standing(evse, state),
        "status": state.status if state else None,
        "error_code": state.error_code if state else None,
        "kind": same,
        "expected_kind": " ".join(wanted) if wanted else None,
        "told_kind": " ".join(kind) if kind else None,
    }


def _standing(evse: Evse | None, state: ConnectorState | None) -> str:
    if evse is None:
        return "extra"
    if state is None:
        return "missing"
    return "faulted" if state.status == "Faulted" else "reported"


def _expected_kind(key: str, evse: Evse | None) -> tuple[str, str] | None:
    """By the connector's id, or by its place in the EVSE where the key says that (OCPP 2.0.1)."""
    connectors = (evse.connectors or []) if evse else []
    place = key.partition(".")[2]
    found = next(
        (c for number, c in enumerate(connectors, 1) if (str(number) == place if place else c.id == key)), None
    )
    if found is None or found.standard is None or found.format is None:
        return None
    return found.standard, found.format.value


def _told_kind(text: str | None) -> tuple[str, str] | None:
    plain = re.sub(r"[^a-z0-9]", "", (text or "").casefold())
    return KINDS.get(plain)


def worst(rows: Sequence[Row]) -> Outcome:
    """What the test of the sockets comes to."""
    states = {row["state"] for row in rows}
    if "missing" in states:
        return Outcome.SOCKETS_MISSING
    if "extra" in states:
        return Outcome.SOCKETS_EXTRA
    if any(row["kind"] == "differs" for row in rows):
        return Outcome.KIND_DIFFERS
    return Outcome.SOCKET_FAULTED if "faulted" in states else Outcome.ALL_REPORTED
