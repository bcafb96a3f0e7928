"""Writes on the locations and templates of a vendor's platform."""

from typing import Any

import msgspec

from app.domain.errors import EtagMismatch, LocationExists, MissingField, UnknownCpo, UnknownLocation, UnknownTemplate
from app.domain.facts import FactKind
from app.domain.locations import PatchLocation, PostLocation, PutLocation
from app.domain.model import HardwareTemplate
from app.domain.people import Actor
from app.platforms.remote import editing
from app.platforms.remote.committing import Committing
from app.platforms.remote.editing import Document
from app.platforms.remote.heads import changed_keys, document, location_head
from app.platforms.remote.reading import LOCATIONS, TEMPLATES, path_of
from app.platforms.remote.wire import refusal
from app.ports import NOTHING, Change


class LocationWriting(Committing):
    """The writes of `ports.Platform` on locations and templates."""

    async def create_location(self, actor: Actor, post: PostLocation, along: Change = NOTHING) -> bytes:
        self._require_covered(actor, UnknownCpo(post.cpo_id or self._cpo_id))
        if post.cpo_id and post.cpo_id != self._cpo_id:
            raise UnknownCpo(post.cpo_id)
        answer = await self._wire.call("POST", LOCATIONS, body=post)
        if not answer.accepted:
            if post.id and (await self._wire.call("GET", path_of(LOCATIONS, post.id))).accepted:
                raise LocationExists(post.id)
            raise refusal(answer)
        return await self._written_location(FactKind.LOCATION_CREATED, actor, answer.one(), along)

    async def replace_location(
        self, actor: Actor, location_id: str, put: PutLocation, along: Change = NOTHING
    ) -> bytes:
        received = document(await self.location(actor, location_id))
        if not put.etag:
            raise MissingField("etag")
        wanted = editing.replaced_location(received, put)
        return await self._write_location("PUT", actor, received, wanted, put.etag, along)

    async def patch_location(
        self, actor: Actor, location_id: str, patch: PatchLocation, along: Change = NOTHING
    ) -> bytes:
        received = document(await self.location(actor, location_id))
        return await self._write_location("PATCH", actor, received, patch, patch.etag or None, along)

    async def _write_location(
        self, method: str, actor: Actor, received: Document, body: Any, etag: str | None, along: Change
    ) -> bytes:
        location_id = str(received["id"])
        answer = await self._wire.call(method, path_of(LOCATIONS, location_id), body=body)
        if answer.missing:
            raise UnknownLocation(location_id)
        if not answer.accepted:
            current = await self.location(actor, location_id)
            if etag is not None and (location_head(current).etag or "").lower() != etag.lower():
                raise EtagMismatch("location", current)
            raise refusal(answer, location_id=location_id)
        fields = changed_keys(received, document(answer.one()))
        return await self._written_location(FactKind.LOCATION_CHANGED, actor, answer.one(), along, fields=fields)

    async def _written_location(self, kind: FactKind, actor: Actor, row: bytes, along: Change, **data: Any) -> bytes:
        self._all_locations.put(row)
        about = {"cpo_id": self._cpo_id, "location_id": location_head(row).id}
        await self._commit(kind, actor, along, about, data)
        return row

    async def _require_not_foreign(self, template_id: str) -> None:
        """Our key may open more CPOs than this one: the platform itself would move their template to us."""
        for known in await self._every_template():
            if known.template_id == template_id and known.tenant_id not in (None, self._cpo_id):
                raise UnknownTemplate(template_id)

    async def save_template(self, actor: Actor, template: HardwareTemplate) -> HardwareTemplate:
        self._require_covered(actor, UnknownCpo(template.tenant_id or self._cpo_id))
        if template.tenant_id and template.tenant_id != self._cpo_id:
            raise UnknownCpo(template.tenant_id)
        if template.template_id:
            await self._require_not_foreign(template.template_id)
        answer = await self._wire.call("POST", TEMPLATES, body=template)
        if answer.missing:
            raise UnknownTemplate(template.template_id or "")
        if not answer.accepted:
            raise refusal(answer)
        saved = msgspec.json.decode(answer.one(), type=HardwareTemplate)
        data = {"template_id": saved.template_id, "name": saved.name}
        await self._commit(FactKind.TEMPLATE_SAVED, actor, NOTHING, {"cpo_id": self._cpo_id}, data)
        return saved
