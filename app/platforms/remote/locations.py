"""Writes on the locations and templates of a vendor's platform."""

from typing import Any

import msgspec

from app.domain.errors import (
    EtagMismatch,
    LocationExists,
    MissingField,
    RevConflict,
    UnknownCpo,
    UnknownLocation,
    UnknownTemplate,
)
from app.domain.facts import FactKind
from app.domain.intents import Aim, LocationAlias, RemoteIntent, alias_key
from app.domain.locations import Location, PatchLocation, PostLocation, PutLocation
from app.domain.model import HardwareTemplate
from app.domain.people import Actor
from app.domain.places import same_text
from app.platforms.remote import editing
from app.platforms.remote.cleaning import writable
from app.platforms.remote.editing import Document
from app.platforms.remote.heads import changed_keys, document, location_head
from app.platforms.remote.once import Once, Plan
from app.platforms.remote.outcomes import Outcome, outcome
from app.platforms.remote.pages import read_all
from app.platforms.remote.reading import LOCATIONS, TEMPLATES, path_of
from app.platforms.remote.wire import Answer, OutcomeUnknown, refusal
from app.ports import NOTHING, Change, Put

ADDRESS = ("name", "address", "city", "postal_code", "country")


class LocationWriting(Once):
    """The writes of `ports.Platform` on locations and templates."""

    async def create_location(self, actor: Actor, post: PostLocation, along: Change = NOTHING) -> bytes:
        self._require_covered(actor, UnknownCpo(post.cpo_id or self._cpo_id))
        if post.cpo_id and post.cpo_id != self._cpo_id:
            raise UnknownCpo(post.cpo_id)

        async def prepare() -> Plan:
            return Plan(
                aim=Aim.CREATE_LOCATION,
                key=post.id or "",
                body=post,
                received=None,
                before=None,
                call=lambda: self._created(post),
            )

        return await self._once(prepare, actor, along)

    async def replace_location(
        self, actor: Actor, location_id: str, put: PutLocation, along: Change = NOTHING
    ) -> bytes:
        received, _ = await self._received_location(actor, location_id)
        if not put.etag:
            raise MissingField("etag")
        return await self._edit_location("PUT", actor, location_id, editing.replaced_location(received, put), along)

    async def patch_location(
        self, actor: Actor, location_id: str, patch: PatchLocation, along: Change = NOTHING
    ) -> bytes:
        return await self._edit_location("PATCH", actor, location_id, msgspec.to_builtins(patch), along)

    async def _edit_location(self, method: str, actor: Actor, location_id: str, body: Document, along: Change) -> bytes:
        async def prepare() -> Plan:
            received, before = await self._received_location(actor, location_id)
            own_id = str(received["id"])
            sent = {**body, "id": own_id}
            return Plan(
                aim=Aim.EDIT_LOCATION,
                key=own_id,
                body=sent,
                received=received,
                before=before,
                call=lambda: self._written(method, actor, own_id, sent),
            )

        return await self._once(prepare, actor, along)

    # --- Calls -------------------------------------------------------------------------------------------------------

    async def _created(self, post: PostLocation) -> bytes:
        """Looks for the id first: a platform may give a second location with it another id, without a word."""
        await self._require_free(post.id or "")
        answer = await self._wire.call("POST", LOCATIONS, body=post)
        if not answer.accepted:
            await self._require_free(post.id or "")
            raise refusal(answer)
        if not (rows := answer.rows()):
            raise OutcomeUnknown("the platform took the location and does not say which")
        return rows[0]

    async def _require_free(self, location_id: str) -> None:
        path = path_of(LOCATIONS, await self._alias_resolved(location_id))
        if location_id and (await self._wire.call("GET", path)).accepted:
            raise LocationExists(location_id)

    async def _written(self, method: str, actor: Actor, location_id: str, body: Document) -> bytes:
        answer = await self._wire.call(method, path_of(LOCATIONS, location_id), body=body)
        if answer.accepted:
            rows = answer.rows()
            return rows[0] if rows else await self.location(actor, location_id)
        if answer.missing:
            raise UnknownLocation(location_id)
        current, etag = await self.location(actor, location_id), body.get("etag")
        if etag and (location_head(current).etag or "").lower() != etag.lower():
            raise EtagMismatch("location", current)
        raise refusal(answer, location_id=location_id)

    async def _received_location(self, actor: Actor, location_id: str) -> tuple[Document, bytes]:
        answer = await self._location_answer(actor, location_id)
        return writable(document(answer.received()[0]), Location), answer.one()

    # --- What was done -----------------------------------------------------------------------------------------------

    async def _look_for_location(self, intent: RemoteIntent) -> bytes | None:
        sent = document(bytes(intent.body))
        if intent.aim is Aim.CREATE_LOCATION:
            return await self._made(intent.key, sent)
        answer = await self._wire.call("GET", path_of(LOCATIONS, intent.key))
        if not answer.accepted:
            raise RevConflict("the location is gone from the platform")
        now = writable(document(answer.received()[0]), Location)
        found = outcome(document(bytes(intent.received)), sent, now)
        if found is Outcome.OTHER:
            raise RevConflict("somebody else changed the same on the platform")
        return answer.one() if found is Outcome.DONE else None

    async def _made(self, location_id: str, sent: Document) -> bytes | None:
        """By the id that the phone made, else by where it is and what it is called: a platform may make its own ids."""
        if location_id:
            answer = await self._wire.call("GET", path_of(LOCATIONS, location_id))
            if answer.accepted:
                return self._ours(location_id, answer, sent)
        for row in await read_all(self._wire, LOCATIONS, self._around(sent)):
            if _same_place(document(row), sent):
                return row
        return None

    def _ours(self, location_id: str, answer: Answer, sent: Document) -> bytes:
        row = answer.one()
        if not _same_place(document(row), sent):
            raise LocationExists(location_id)
        return row

    def _around(self, sent: Document) -> dict[str, str]:
        """The filters of a list that has it, if it is there (platform-api 7.1)."""
        params = {"cpoId": self._cpo_id, "exclude_evses": "true"}
        there = sent.get("coordinates") or {}
        if there.get("latitude") and there.get("longitude"):
            near = {"latitude": there["latitude"], "longitude": there["longitude"], "distanceinmeters": "100"}
            return params | {name: str(value) for name, value in near.items()}
        named = {"city": sent.get("city"), "postcode": sent.get("postal_code")}
        return params | {name: str(value) for name, value in named.items() if value}

    def _location_told(self, intent: RemoteIntent, row: bytes) -> tuple[FactKind, dict[str, Any], dict[str, Any]]:
        about = {"cpo_id": self._cpo_id, "location_id": location_head(row).id}
        if intent.aim is Aim.CREATE_LOCATION:
            return FactKind.LOCATION_CREATED, about, {}
        fields = changed_keys(document(bytes(intent.before)), document(row))
        return FactKind.LOCATION_CHANGED, about, {"fields": fields}

    async def _alias_put(self, intent: RemoteIntent, row: bytes) -> tuple[Put, ...]:
        """Where the platform made an id of its own, the phone's id leads there too."""
        given = location_head(row).id
        if not intent.key or given.lower() == intent.key.lower():
            return ()
        key = alias_key(self._cpo_id, intent.key)
        stored = await self._store.get(LocationAlias, key)
        alias = LocationAlias(id=key, cpo_id=self._cpo_id, location_id=given)
        return (Put(alias, stored[1] if stored else 0),)

    # --- Templates ---------------------------------------------------------------------------------------------------

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
        self._templates = None
        data = {"template_id": saved.template_id, "name": saved.name}
        await self._commit(FactKind.TEMPLATE_SAVED, actor, NOTHING, {"cpo_id": self._cpo_id}, data)
        return saved


def _same_place(there: Document, sent: Document) -> bool:
    return all(same_text(str(there.get(name) or ""), str(sent.get(name) or "")) for name in ADDRESS)
