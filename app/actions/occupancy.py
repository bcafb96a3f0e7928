"""Whether somebody uses a station now: what decides which commands may go to it."""

import msgspec
from msgspec import Struct

from app.domain.commanding import connectors_in_use, evses_in_use, runs
from app.domain.environments import BUILTIN
from app.domain.errors import UnknownStation
from app.domain.live import Live, Transaction
from app.domain.model import ConnectivityStatus
from app.domain.people import Cpo
from app.domain.stations import ChargeStation
from app.ports import Ports

TRANSACTIONS_READ = 20


class Occupancy(Struct, frozen=True):
    """`in_use` are connectors; `sessions` the transactions that are not over, as far as we are told of any."""

    online: bool
    in_use: set[str]
    sessions: list[Transaction]


async def occupancy(ports: Ports, cpo: Cpo, charge_station_id: str) -> Occupancy:
    """Of a station of ours. Raises UnknownStation, also for another CPO's."""
    row = await ports.store.station(charge_station_id)
    if row is None or row.cpo_id != cpo.cpo_id or cpo.platform != BUILTIN:
        raise UnknownStation(charge_station_id)
    live = msgspec.json.decode(row.live, type=Live)
    found = await ports.store.find(
        Transaction, charge_station_id=charge_station_id, stopped=None, order="-started", limit=TRANSACTIONS_READ
    )
    sessions = [each for each, _ in found if runs(each, live.connectors.get(each.connector_id))]
    return Occupancy(row.online, connectors_in_use(live.connectors, sessions), sessions)


def occupancy_there(station: ChargeStation) -> Occupancy:
    """Of one on a vendor's platform, which does not tell us its sessions."""
    online = station.connectivity_status is ConnectivityStatus.ONLINE
    return Occupancy(online, evses_in_use(station.evses), [])
