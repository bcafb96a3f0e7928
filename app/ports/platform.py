"""Platforms: stations, locations and templates of a CPO, here or at a vendor's."""

from typing import Protocol, runtime_checkable

from app.domain.locations import PatchLocation, PostLocation, PutLocation
from app.domain.model import HardwareTemplate
from app.domain.people import Actor, Cpo
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation
from app.ports.store import NOTHING, Change, LocationQuery, Page, StationQuery


class Platform(Protocol):
    """Stations, locations and templates of a CPO, here or at a vendor's. Objects are wire JSON bytes.

    Writes take `along` the caller's own documents, facts and operation: builtin commits all in one Change, remote
    commits them with the answer. Raises the domain errors of `app.domain.errors`.
    """

    async def stations(self, actor: Actor, query: StationQuery) -> Page[bytes]: ...

    async def station(self, actor: Actor, charge_station_id: str) -> bytes: ...

    async def create_station(self, actor: Actor, post: PostChargeStation, along: Change = NOTHING) -> bytes: ...

    async def replace_station(
        self, actor: Actor, charge_station_id: str, put: PutChargeStation, along: Change = NOTHING
    ) -> bytes: ...

    async def patch_station(
        self, actor: Actor, charge_station_id: str, patch: PatchChargeStation, along: Change = NOTHING
    ) -> bytes: ...

    async def apply_template(
        self, actor: Actor, charge_station_id: str, template_id: str, along: Change = NOTHING
    ) -> bytes:
        """Rebuild the EVSEs; texts stay where the sequence number survives."""
        ...

    async def similar_ids(self, actor: Actor, text: str, limit: int = 3) -> list[str]:
        """Known ids that a person may have meant, nearest first."""
        ...

    async def locations(self, actor: Actor, query: LocationQuery) -> Page[bytes]: ...

    async def location(self, actor: Actor, location_id: str, *, exclude_evses: bool = False) -> bytes: ...

    async def create_location(self, actor: Actor, post: PostLocation, along: Change = NOTHING) -> bytes: ...

    async def replace_location(
        self, actor: Actor, location_id: str, put: PutLocation, along: Change = NOTHING
    ) -> bytes: ...

    async def patch_location(
        self, actor: Actor, location_id: str, patch: PatchLocation, along: Change = NOTHING
    ) -> bytes: ...

    async def templates(self, actor: Actor) -> list[HardwareTemplate]: ...

    async def save_template(self, actor: Actor, template: HardwareTemplate) -> HardwareTemplate:
        """Upsert by `template_id`; without one the platform makes it.

        Raises UnknownTemplate for an id that is another CPO's.
        """
        ...


@runtime_checkable
class WithdrawsStations(Protocol):
    """A platform that can take back a station that a commissioning created and nobody used. A vendor's cannot."""

    async def withdraw_station(self, actor: Actor, charge_station_id: str, along: Change = NOTHING) -> None: ...


class Platforms(Protocol):
    def of(self, cpo: Cpo) -> Platform:
        """The platform chosen for this CPO."""
        ...

    @property
    def builtin(self) -> Platform:
        """The one that our own platform API serves."""
        ...
