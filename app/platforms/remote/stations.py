"""Writes on the stations of a vendor's platform: edits are made on the received JSON (`editing`), with its etag."""

from collections.abc import Callable
from typing import Any, NoReturn

import msgspec
from msgspec import UNSET, Struct, UnsetType

from app.domain.errors import (
    EtagMismatch,
    MissingField,
    Refused,
    RevConflict,
    StationExists,
    UnknownLocation,
    UnknownStation,
)
from app.domain.facts import FactKind
from app.domain.intents import Aim, RemoteIntent
from app.domain.people import Actor
from app.domain.stations import ChargeStation, PatchChargeStation, PostChargeStation, PutChargeStation
from app.platforms.remote import editing
from app.platforms.remote.cleaning import readable, writable
from app.platforms.remote.editing import Document
from app.platforms.remote.heads import changed_keys, document, station_head
from app.platforms.remote.once import Once, Plan
from app.platforms.remote.outcomes import Outcome, built_from, created_by, outcome
from app.platforms.remote.reading import STATIONS, path_of
from app.platforms.remote.wire import Answer, refusal
from app.ports import NOTHING, Change


class Edit(Struct, frozen=True):
    """What to make of a received document, and the etag that the caller insists on, if any."""

    of: Callable[[Document], Document]
    aim: Aim = Aim.EDIT_STATION
    etag: str | None | UnsetType = UNSET


class StationWriting(Once):
    """The writes of `ports.Platform` on stations. With `patches_evses` the platform takes EVSEs in a PATCH."""

    patches_evses = False

    # --- The port ----------------------------------------------------------------------------------------------------

    async def create_station(self, actor: Actor, post: PostChargeStation, along: Change = NOTHING) -> bytes:
        self._require_covered(actor, UnknownLocation(post.location_id or ""))

        async def prepare() -> Plan:
            location_id = await self._alias_resolved(post.location_id or "")
            if location_id:
                await self.location(actor, location_id, exclude_evses=True)
            wanted = msgspec.structs.replace(post, location_id=location_id or post.location_id)
            return Plan(
                aim=Aim.CREATE_STATION,
                key=post.charge_station_id or "",
                body=wanted,
                received=None,
                before=None,
                call=lambda: self._posted(wanted),
            )

        return await self._once(prepare, actor, along)

    async def replace_station(
        self, actor: Actor, charge_station_id: str, put: PutChargeStation, along: Change = NOTHING
    ) -> bytes:
        if not put.etag:
            await self.station(actor, charge_station_id)
            raise MissingField("etag")
        aim = Aim.APPLY_TEMPLATE if put.charge_station_template_id and not put.evses else Aim.EDIT_STATION
        edit = Edit(lambda received: editing.replaced_station(received, put), aim, put.etag)
        return await self._edit(actor, charge_station_id, edit, along)

    async def patch_station(
        self, actor: Actor, charge_station_id: str, patch: PatchChargeStation, along: Change = NOTHING
    ) -> bytes:
        """Without EVSEs a PATCH; with EVSEs a PUT of the edited document, since the published PATCH has none."""
        if patch.evses and not self.patches_evses:
            edit = Edit(lambda received: editing.patched_station(received, patch), etag=patch.etag)
            return await self._edit(actor, charge_station_id, edit, along)

        async def prepare() -> Plan:
            received, before = await self._received(actor, charge_station_id)
            wanted = patch
            if patch.location_id:
                wanted = msgspec.structs.replace(patch, location_id=await self._alias_resolved(patch.location_id))
            return Plan(
                aim=Aim.EDIT_STATION,
                key=charge_station_id,
                body=wanted,
                received=received,
                before=before,
                call=lambda: self._patched(actor, charge_station_id, wanted),
            )

        return await self._once(prepare, actor, along)

    async def apply_template(
        self, actor: Actor, charge_station_id: str, template_id: str, along: Change = NOTHING
    ) -> bytes:
        edit = Edit(lambda received: editing.with_template(received, template_id), Aim.APPLY_TEMPLATE)
        return await self._edit(actor, charge_station_id, edit, along)

    async def _edit(self, actor: Actor, charge_station_id: str, edit: Edit, along: Change) -> bytes:
        async def prepare() -> Plan:
            received, before = await self._with_etag(actor, charge_station_id)
            wanted = {**edit.of(received), "etag": edit.etag or received.get("etag")}
            return Plan(
                aim=edit.aim,
                key=charge_station_id,
                body=wanted,
                received=received,
                before=before,
                call=lambda: self._put_edited(actor, charge_station_id, received, wanted, edit),
            )

        return await self._once(prepare, actor, along)

    # --- Calls -------------------------------------------------------------------------------------------------------

    async def _posted(self, post: PostChargeStation) -> bytes:
        answer = await self._wire.call("POST", STATIONS, body=post)
        if answer.accepted:
            return await self._row_of(answer, post.charge_station_id or "")
        if post.charge_station_id and await self._exists(post.charge_station_id):
            raise StationExists(post.charge_station_id)
        raise refusal(answer, location_id=post.location_id or "", template_id=post.charge_station_template_id or "")

    async def _patched(self, actor: Actor, charge_station_id: str, patch: PatchChargeStation) -> bytes:
        answer = await self._wire.call("PATCH", path_of(STATIONS, charge_station_id), body=patch)
        if not answer.accepted:
            await self._refuse(actor, charge_station_id, answer, patch.etag or None, {"location_id": patch.location_id})
        return await self._row_of(answer, charge_station_id)

    async def _put_edited(
        self, actor: Actor, charge_station_id: str, received: Document, wanted: Document, edit: Edit
    ) -> bytes:
        """When somebody else was faster, the edit is made once more on theirs, unless they changed the same.

        Raises EtagMismatch when the caller named the etag, RevConflict when the same was changed: decide again.
        """
        try:
            return await self._put(actor, charge_station_id, wanted)
        except EtagMismatch as error:
            if edit.etag:
                raise
            theirs, _ = await self._received(actor, charge_station_id)
            if edit.aim is Aim.EDIT_STATION and outcome(received, wanted, theirs) is Outcome.OTHER:
                raise RevConflict("somebody else changed the same on the platform") from error
        try:
            return await self._put(actor, charge_station_id, {**edit.of(theirs), "etag": theirs.get("etag")})
        except EtagMismatch as error:
            raise RevConflict("somebody else keeps changing this station on the platform") from error

    async def _put(self, actor: Actor, charge_station_id: str, wanted: Document) -> bytes:
        answer = await self._wire.call("PUT", path_of(STATIONS, charge_station_id), body=wanted)
        if not answer.accepted:
            await self._refuse(actor, charge_station_id, answer, wanted.get("etag"), wanted)
        return await self._row_of(answer, charge_station_id)

    async def _refuse(
        self, actor: Actor, charge_station_id: str, answer: Answer, etag: str | None, sent: Document
    ) -> NoReturn:
        """Nothing in an answer says that the etag was stale: the object as it is now does (platform-api 12.1)."""
        if answer.missing:
            raise UnknownStation(charge_station_id)
        if etag is not None:
            current = await self.station(actor, charge_station_id)
            if (station_head(current).etag or "").lower() != etag.lower():
                raise EtagMismatch("charge station", current)
        location_id, template_id = sent.get("location_id") or "", sent.get("charge_station_template_id") or ""
        raise refusal(answer, location_id=location_id, template_id=template_id)

    async def _row_of(self, answer: Answer, charge_station_id: str) -> bytes:
        """The station in an accepted answer, or as it is read where the answer leaves it out."""
        rows = answer.rows()
        if rows:
            return rows[0]
        return (await self._wire.call("GET", path_of(STATIONS, charge_station_id))).one()

    async def _received(self, actor: Actor, charge_station_id: str) -> tuple[Document, bytes]:
        """A station as it came, for editing, and in our form."""
        answer = await self._station_answer(actor, charge_station_id)
        row = answer.received()[0]
        return writable(document(row), ChargeStation), readable(row, ChargeStation)

    async def _with_etag(self, actor: Actor, charge_station_id: str) -> tuple[Document, bytes]:
        """As `_received`; an object that was saved before there were etags is saved again first (platform-api 8.4)."""
        received, before = await self._received(actor, charge_station_id)
        if received.get("etag"):
            return received, before
        same = {"charge_station_id": charge_station_id, "deploy_state": received.get("deploy_state")}
        answer = await self._wire.call("PATCH", path_of(STATIONS, charge_station_id), body=same)
        if answer.accepted:
            received, before = await self._received(actor, charge_station_id)
        if not received.get("etag"):
            raise Refused("the platform has no etag for this station: save it there once")
        return received, before

    async def _exists(self, charge_station_id: str) -> bool:
        return (await self._wire.call("GET", path_of(STATIONS, charge_station_id))).accepted

    # --- What was done -----------------------------------------------------------------------------------------------

    async def _look_for_station(self, intent: RemoteIntent) -> bytes | None:
        answer = await self._wire.call("GET", path_of(STATIONS, intent.key))
        if not answer.accepted:
            if intent.aim is Aim.CREATE_STATION:
                return None
            raise RevConflict("the station is gone from the platform")
        row = answer.one()
        now, sent = writable(document(answer.received()[0]), ChargeStation), document(bytes(intent.body))
        if intent.aim is Aim.CREATE_STATION:
            if created_by(sent, now):
                return row
            raise StationExists(intent.key)
        before = document(bytes(intent.received))
        if intent.aim is Aim.APPLY_TEMPLATE:
            return row if await self._rebuilt(sent, before, now) else None
        found = outcome(before, sent, now)
        if found is Outcome.OTHER:
            raise RevConflict("somebody else changed the same on the platform")
        return row if found is Outcome.DONE else None

    async def _rebuilt(self, sent: Document, before: Document, now: Document) -> bool:
        """The EVSEs are the template's, and were not or were saved since. To apply it twice would do no harm."""
        template_id = sent["charge_station_template_id"]
        template = next((each for each in await self._every_template() if each.template_id == template_id), None)
        if template is None or not built_from(template, now):
            return False
        return not built_from(template, before) or before.get("etag") != now.get("etag")

    async def _texts_kept(self, intent: RemoteIntent, row: bytes) -> bytes:
        """A platform rebuilds EVSEs without what people wrote about them: that is written again.

        The template is there whatever becomes of the texts; those that it refuses are told as lost.
        """
        before = document(bytes(intent.received))
        if editing.with_descriptions(document(row), before) is None:
            return row
        received, _ = await self._with_etag(Actor(cpo_ids=None), intent.key)
        again = editing.with_descriptions(received, before)
        if again is None:
            return row
        edit = Edit(lambda theirs: editing.with_descriptions(theirs, before) or theirs)
        try:
            return await self._put_edited(Actor(cpo_ids=None), intent.key, received, again, edit)
        except Refused:
            return row

    def _station_told(self, intent: RemoteIntent, row: bytes) -> tuple[FactKind, dict[str, Any], dict[str, Any]]:
        head, sent, after = station_head(row), document(bytes(intent.body)), document(row)
        about = {
            "cpo_id": self._cpo_id,
            "charge_station_id": head.charge_station_id,
            "location_id": head.location_id,
        }
        template_id = sent.get("charge_station_template_id") or None
        if intent.aim is Aim.CREATE_STATION:
            return FactKind.STATION_CREATED, about, {"template_id": template_id}
        before = document(bytes(intent.before))
        if intent.aim is Aim.APPLY_TEMPLATE:
            lost = editing.lost_descriptions(before, after)
            return FactKind.TEMPLATE_APPLIED, about, {"template_id": template_id, "lost_texts": lost}
        return FactKind.STATION_CHANGED, about, {"fields": changed_keys(before, after)}
