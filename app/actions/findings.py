"""Where a station differs from what was chosen for it, and what a person does about that."""

from collections.abc import Sequence

import msgspec

from app.actions.live import read_standing
from app.domain.commissioning import Commissioning
from app.domain.environments import BUILTIN
from app.domain.expectations import Expectation, expectation_key
from app.domain.findings import Finding, Known, findings
from app.domain.live import Live
from app.domain.model import Evse
from app.domain.people import Cpo
from app.domain.stations import ChargeStation
from app.ports import Ports


async def read_findings(ports: Ports, cpo: Cpo, current: Commissioning, station: ChargeStation | None) -> list[Finding]:
    """Every difference that is known now, worst first."""
    known = await _of_its_own(ports, current) if cpo.platform == BUILTIN else await _of_a_vendors(ports, cpo, current)
    known.evses = station.evses if station else ()
    known.typed_serial = current.new_serial
    known.expectation = await expectation_of(ports, current.cpo_id, current.template_id)
    known.trials, known.swaps = current.trials, current.swaps
    return findings(known, ports.clock.now())


async def _of_its_own(ports: Ports, current: Commissioning) -> Known:
    """A station that is away is judged by what it said last, but not for what it did not say."""
    row = await ports.store.station(current.charge_station_id)
    if row is None or row.cpo_id != current.cpo_id:
        return Known()
    live = msgspec.json.decode(row.live, type=Live)
    since = live.online_since
    heard = frozenset(key for key, state in live.connectors.items() if since and state.at >= since)
    return Known(
        boot=live.boot,
        heard=heard,
        online_since=since if row.online else None,
        protocol_version=live.protocol_version,
        skew_seconds=live.skew_seconds,
    )


async def _of_a_vendors(ports: Ports, cpo: Cpo, current: Commissioning) -> Known:
    standing = await read_standing(ports, cpo, current.charge_station_id)
    return Known(boot=standing.live.boot, protocol_version=standing.live.protocol_version)


async def expectation_of(ports: Ports, cpo_id: str, template_id: str | None) -> Expectation | None:
    found = await ports.store.get(Expectation, expectation_key(cpo_id, template_id)) if template_id else None
    return found[0] if found else None


def evse_numbers(station: ChargeStation | None) -> list[int]:
    evses: Sequence[Evse] = station.evses if station else ()
    return [evse.evse_sequence_number for evse in evses if evse.evse_sequence_number]
