"""Which socket is which: connectors of the station by EVSE, and whatever station reacted instead."""

from typing import Any

import msgspec

from app.actions.trials.stage import Stage
from app.domain.findings import connector_keys
from app.domain.model import Evse, ProtocolVersion

Reacted = dict[str, Any]
"""See `reacted` in `app.domain.trials.Trial`."""


async def connector_of(stage: Stage, number: int | None) -> str | None:
    """The first connector of this EVSE, as a key of `Live.connectors`."""
    keys = connector_keys(stage.evses, await stage.version())
    return next((key for key, evse in keys.items() if evse.evse_sequence_number == number), None)


def reaction(station_id: str, connector: str, evses: list[Evse], version: ProtocolVersion | None) -> Reacted:
    """What reacted, with the words by which people find it."""
    evse = next((evse for key, evse in connector_keys(evses, version).items() if same_socket(key, connector)), None)
    return {
        "station_id": station_id,
        "connector": connector,
        "evse": evse.evse_sequence_number if evse else None,
        "directions": msgspec.to_builtins(evse.directions or []) if evse else [],
    }


def same_socket(key: str, told: str) -> bool:
    """A 2.0.1 station may tell of an EVSE without saying which of its connectors."""
    return key == told or key.partition(".")[0] == told or told.partition(".")[0] == key
