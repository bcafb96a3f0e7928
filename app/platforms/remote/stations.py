"""Writes on the stations of a vendor's platform: edits are made on the received JSON (`editing`), with its etag."""

from collections.abc import Callable
from typing import Any, NoReturn

from msgspec import UNSET, Struct, UnsetType

from app.domain.errors import EtagMismatch, MissingField, StationExists, UnknownLocation, UnknownStation
from app.domain.facts import FactKind
from app.domain.people import Actor
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation
from app.platforms.remote import editing
from app.platforms.remote.committing import Committing
from app.platforms.remote.editing import Document
from app.platforms.remote.heads import changed_keys, document, station_head
from app.platforms.remote.reading import STATIONS, path_of
from app.platforms.remote.wire import Answer, refusal
from app.ports import NOTHING, Change


class _Edit(Struct, frozen=True):
    """What to make of a received document, and the etag that the caller insists on, if any."""

    of: Callable[[Document], Document]
    etag: str | None | UnsetType = UNSET


class StationWriting(Committing):
    """The writes of `ports.Platform` on stations. Our own documents are committed after the platform has answered."""

    async def create_station(self, actor: Actor, post: PostChargeStation, along: Change = NOTHING) -> bytes:
        location_id = post.location_id or ""
        self._require_covered(actor, UnknownLocation(location_id))
        if location_id:
            await self.location(actor, location_id, exclude_evses=True)
        answer = await self._wire.call("POST", STATIONS, body=post)
        if not answer.accepted:
            await self._raise_if_station_exists(actor, post.charge_station_id)
            raise refusal(answer, location_id=location_id, template_id=post.charge_station_template_id or "")
        data = {"template_id": post.charge_station_template_id or None}
        return await self._written_station(FactKind.STATION_CREATED, actor, answer.one(), along, **data)

    async def replace_station(
        self, actor: Actor, charge_station_id: str, put: PutChargeStation, along: Change = NOTHING
    ) -> bytes:
        received = document(await self.station(actor, charge_station_id))
        wanted = editing.replaced_station(received, put)
        row = await self._put_station(actor, charge_station_id, wanted, put.etag or "")
        if put.charge_station_template_id and not put.evses:
            return await self._template_applied(actor, received, row, put.charge_station_template_id, along)
        fields = changed_keys(received, document(row))
        return await self._written_station(FactKind.STATION_CHANGED, actor, row, along, fields=fields)

    async def patch_station(
        self, actor: Actor, charge_station_id: str, patch: PatchChargeStation, along: Change = NOTHING
    ) -> bytes:
        """Without EVSEs a PATCH; with EVSEs a PUT of the edited document, since the published PATCH has none."""
        received = await self.station(actor, charge_station_id)
        if patch.evses:
            edit = _Edit(lambda current: editing.patched_station(current, patch), patch.etag)
            row = await self._edit_station(actor, charge_station_id, received, edit)
        else:
            answer = await self._wire.call("PATCH", path_of(STATIONS, charge_station_id), body=patch)
            if not answer.accepted:
                await self._refuse_station(
                    actor, charge_station_id, answer, patch.etag or None, patch.location_id or ""
                )
            row = answer.one()
        fields = changed_keys(document(received), document(row))
        return await self._written_station(FactKind.STATION_CHANGED, actor, row, along, fields=fields)

    async def apply_template(
        self, actor: Actor, charge_station_id: str, template_id: str, along: Change = NOTHING
    ) -> bytes:
        received = await self.station(actor, charge_station_id)
        edit = _Edit(lambda current: editing.with_template(current, template_id))
        row = await self._edit_station(actor, charge_station_id, received, edit)
        return await self._template_applied(actor, document(received), row, template_id, along)

    async def _template_applied(
        self, actor: Actor, before: Document, row: bytes, template_id: str, along: Change
    ) -> bytes:
        """A platform rebuilds EVSEs without what people wrote about them: that is written again."""
        charge_station_id = station_head(row).charge_station_id
        if (again := editing.with_descriptions(document(row), before)) is not None:
            row = await self._put_station(actor, charge_station_id, again, again.get("etag") or "")
        lost = editing.lost_descriptions(before, document(row))
        data = {"template_id": template_id, "lost_texts": lost}
        return await self._written_station(FactKind.TEMPLATE_APPLIED, actor, row, along, **data)

    async def _edit_station(self, actor: Actor, charge_station_id: str, received: bytes, edit: "_Edit") -> bytes:
        """PUT the edited document; when somebody else was faster, edit theirs, once. A named etag is never changed."""
        current = document(received)
        own = edit.etag or None
        try:
            return await self._put_station(actor, charge_station_id, edit.of(current), own or current.get("etag"))
        except EtagMismatch as error:
            if own is not None:
                raise
            current = document(error.current)
            return await self._put_station(actor, charge_station_id, edit.of(current), current.get("etag"))

    async def _put_station(self, actor: Actor, charge_station_id: str, wanted: Document, etag: str | None) -> bytes:
        if not etag:
            raise MissingField("etag")
        path = path_of(STATIONS, charge_station_id)
        answer = await self._wire.call("PUT", path, body={**wanted, "etag": etag})
        if not answer.accepted:
            template_id = wanted.get("charge_station_template_id") or ""
            location_id = wanted.get("location_id") or ""
            await self._refuse_station(actor, charge_station_id, answer, etag, location_id, template_id)
        return answer.one()

    async def _refuse_station(
        self,
        actor: Actor,
        charge_station_id: str,
        answer: Answer,
        etag: str | None,
        location_id: str = "",
        template_id: str = "",
    ) -> NoReturn:
        """Nothing in an answer says that the etag was stale: the object as it is now does (platform-api 12.1)."""
        if answer.missing:
            raise UnknownStation(charge_station_id)
        if etag is not None:
            current = await self.station(actor, charge_station_id)
            if (station_head(current).etag or "").lower() != etag.lower():
                raise EtagMismatch("charge station", current)
        raise refusal(answer, location_id=location_id, template_id=template_id)

    async def _raise_if_station_exists(self, actor: Actor, charge_station_id: str | None | UnsetType) -> None:
        if not charge_station_id:
            return
        answer = await self._wire.call("GET", path_of(STATIONS, charge_station_id))
        if answer.accepted:
            raise StationExists(charge_station_id)

    async def _written_station(self, kind: FactKind, actor: Actor, row: bytes, along: Change, **data: Any) -> bytes:
        head = station_head(row)
        about = {
            "cpo_id": self._cpo_id,
            "charge_station_id": head.charge_station_id,
            "location_id": head.location_id,
        }
        self._all_stations.put(row)
        await self._commit(kind, actor, along, about, data)
        return row
