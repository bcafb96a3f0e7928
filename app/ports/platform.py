"""Platforms: stations, locations and templates of a CPO, here or at a vendor's."""

from datetime import datetime
from typing import Protocol, runtime_checkable

from msgspec import Struct

from app.domain.commands import Command, CommandOutcome
from app.domain.customers import PostCpoCustomer, PutCpoCustomer
from app.domain.environments import Endpoint
from app.domain.intents import RemoteIntent
from app.domain.locations import PatchLocation, PostLocation, PutLocation
from app.domain.model import HardwareTemplate
from app.domain.people import Access, Actor, Cpo
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation
from app.ports.store import NOTHING, Change, LocationQuery, Page, StationQuery


class Seen(Struct, frozen=True):
    """An object as a platform told it last; `read_at` is None where that is always now."""

    body: bytes
    read_at: datetime | None = None


class Platform(Protocol):
    """Stations, locations and templates of a CPO, here or at a vendor's. Objects are wire JSON bytes.

    Writes take `along` the caller's own documents, facts and operation: builtin commits all in one Change, remote
    commits them with the answer. Raises the domain errors of `app.domain.errors`.
    """

    async def stations(self, actor: Actor, query: StationQuery) -> Page[bytes]: ...

    async def station(self, actor: Actor, charge_station_id: str) -> bytes: ...

    async def seen_station(self, actor: Actor, charge_station_id: str) -> Seen:
        """For who looks on: as it was last told, asked for now only when it is not known yet."""
        ...

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

    async def seen_location(self, actor: Actor, location_id: str, *, exclude_evses: bool = False) -> Seen:
        """As `seen_station`. With `exclude_evses` they need not be there."""
        ...

    async def create_location(self, actor: Actor, post: PostLocation, along: Change = NOTHING) -> bytes: ...

    async def replace_location(
        self, actor: Actor, location_id: str, put: PutLocation, along: Change = NOTHING
    ) -> bytes: ...

    async def patch_location(
        self, actor: Actor, location_id: str, patch: PatchLocation, along: Change = NOTHING
    ) -> bytes: ...

    async def templates(self, actor: Actor) -> list[HardwareTemplate]: ...

    async def seen_templates(self, actor: Actor) -> list[HardwareTemplate]:
        """As they were told some minutes ago: for their names."""
        ...

    async def save_template(self, actor: Actor, template: HardwareTemplate) -> HardwareTemplate:
        """Upsert by `template_id`; without one the platform makes it.

        Raises UnknownTemplate for an id that is another CPO's.
        """
        ...


class CustomerQuery(Struct, frozen=True, kw_only=True):
    """Order, `after` and `count` are as for stations."""

    cpo_ids: frozenset[str] | None = frozenset()
    cpo_id: str | None = None
    offset: int = 0
    limit: int = 1000
    after: str | None = None
    count: bool = True


class KeepsCustomers(Protocol):
    """The customers of CPOs, as wire JSON bytes. A vendor's platform keeps its own."""

    async def customers(self, actor: Actor, query: CustomerQuery) -> Page[bytes]: ...

    async def customer(self, actor: Actor, cpo_id: str, external_id: str) -> bytes:
        """Raises UnknownCustomer."""
        ...

    async def create_customer(self, actor: Actor, post: PostCpoCustomer) -> bytes:
        """Raises MissingField, InvalidField, UnknownCpo, CustomerExists."""
        ...

    async def replace_customer(self, actor: Actor, cpo_id: str, external_id: str, put: PutCpoCustomer) -> bytes:
        """Makes none. Raises UnknownCustomer, MissingField, InvalidField."""
        ...


class OwnPlatform(Platform, KeepsCustomers, Protocol):
    """What our own platform API serves."""


@runtime_checkable
class WithdrawsStations(Protocol):
    """A platform that can take back a station that a commissioning created and nobody used. A vendor's cannot."""

    async def withdraw_station(self, actor: Actor, charge_station_id: str, along: Change = NOTHING) -> None: ...


@runtime_checkable
class CorrectsIds(Protocol):
    """A platform where a station's id can be put right before it was ever online. A vendor's cannot."""

    async def correct_id(self, actor: Actor, charge_station_id: str, right_id: str, along: Change = NOTHING) -> None:
        """All of it moves along. Raises StationExists, InvalidField, StationWasOnline, InProduction."""
        ...

    async def take_back_id(
        self, actor: Actor, charge_station_id: str, former_id: str, put: PutChargeStation, along: Change = NOTHING
    ) -> None:
        """Undo `correct_id`, also of a station that was online since; `put` is what else goes back with it."""
        ...


@runtime_checkable
class SendsCommands(Protocol):
    """A platform that is not ours and takes commands to its stations; with ours, `Commands` reach the socket."""

    async def send(self, charge_station_id: str, command: Command, *, timeout: float) -> CommandOutcome:
        """Sent now or not at all. Whether a token may is in the CPO's `access`; what the platform does not take is
        NOT_IMPLEMENTED."""
        ...


@runtime_checkable
class Settles(Protocol):
    """A platform where what became of a write may be unknown for a while."""

    async def settle(self, intent: RemoteIntent, *, alone: bool = False) -> bool:
        """Commit what was done of it under its operation's answer; False when it is not done.

        With `alone` the answer does without the documents that went along, where these have changed since; else that
        raises RevConflict. Raises PlatformUnavailable while nobody can tell, a refusal when something else is there.
        """
        ...


class Vault(Protocol):
    """Secrets that must be read back, encrypted. What was sealed for one purpose does not open for another."""

    def seal(self, secret: str, purpose: str) -> str: ...

    def unseal(self, sealed: str, purpose: str) -> str:
        """Raises StoreUnavailable for what was sealed under another key or purpose."""
        ...


class Admitted(Struct, frozen=True, kw_only=True):
    """A platform's token that was tried there: sealed, and what it opens."""

    sealed: str
    access: Access


class Platforms(Protocol):
    def of(self, cpo: Cpo) -> Platform:
        """The platform chosen for this CPO. Raises PlatformKeyRefused when there is no token for it."""
        ...

    @property
    def builtin(self) -> OwnPlatform:
        """The one that our own platform API serves."""
        ...

    async def admit(self, cpo_id: str, endpoint: Endpoint, token: str) -> Admitted:
        """Try a token of this CPO. Raises TokenRefused, TokenOfOthers, PlatformUnavailable."""
        ...

    async def close(self) -> None:
        """End the connections to all platforms."""
        ...
