"""A vendor's platform (GreenFlux, or another Stationlink) behind the very same port: a client of the same API."""

from typing import Any

from app.domain.facts import FactKind
from app.domain.intents import Aim, RemoteIntent
from app.platforms.remote.commands import Commanding
from app.platforms.remote.locations import LocationWriting
from app.platforms.remote.stations import StationWriting
from app.ports import Put

PLACES = frozenset({Aim.CREATE_LOCATION, Aim.EDIT_LOCATION})


class RemotePlatform(StationWriting, LocationWriting, Commanding):
    """See `ports.Platform`, for one CPO. It cannot withdraw stations, and commands those that its token may."""

    async def _look(self, intent: RemoteIntent) -> bytes | None:
        if intent.aim in PLACES:
            return await self._look_for_location(intent)
        return await self._look_for_station(intent)

    async def _completed(self, intent: RemoteIntent, row: bytes) -> bytes:
        return await self._texts_kept(intent, row) if intent.aim is Aim.APPLY_TEMPLATE else row

    async def _besides(self, intent: RemoteIntent, row: bytes) -> tuple[Put, ...]:
        return await self._alias_put(intent, row) if intent.aim is Aim.CREATE_LOCATION else ()

    async def _copy(self, intent: RemoteIntent, row: bytes) -> None:
        put = self._copies.put_locations if intent.aim in PLACES else self._copies.put_stations
        await put([row], self._clock.now())

    def _told(self, intent: RemoteIntent, row: bytes) -> tuple[FactKind, dict[str, Any], dict[str, Any]]:
        return self._location_told(intent, row) if intent.aim in PLACES else self._station_told(intent, row)
