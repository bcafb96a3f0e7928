"""Each operation of a phone is done exactly once: its answer commits with its effect and is given again on a repeat."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from msgspec import Struct

from app.actions.intents import Doing
from app.domain.commissioning import Operation
from app.domain.errors import (
    InvalidField,
    OperationReused,
    RevConflict,
    StationlinkError,
    Unavailable,
    WaitsForEarlier,
)
from app.domain.intents import RemoteIntent
from app.domain.people import Actor, Cpo
from app.ports import Change, Delete, Ports, Settles

ATTEMPTS = 6
LONG = timedelta(seconds=30)


class Wanted(Struct, kw_only=True):
    """One thing the phone wants done, as it came. `body` is kept raw until its kind is known."""

    id: str
    kind: str
    made_at: datetime
    commissioning_id: str | None = None
    body: msgspec.Raw = msgspec.Raw(b"{}")


State = Literal["accepted", "refused", "later"]


class Answer(Struct, kw_only=True):
    """`state` is accepted, refused or later; the last two have the error's code, message and detail.

    Later means that nothing was stored: the same operation has to come again.
    """

    id: str
    state: State
    code: str | None = None
    message: str | None = None
    detail: dict[str, Any] = {}
    at: datetime


Action = Callable[[Ports, Actor, Doing, Any], Awaitable[None]]


def body_hash(wanted: Wanted) -> str:
    """The same for every spelling of the same JSON."""
    body = msgspec.json.decode(bytes(wanted.body))
    said = [wanted.kind, wanted.commissioning_id, msgspec.json.encode(wanted.made_at).decode(), body]
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def accepted(
    ports: Ports, actor: Actor, doing: Doing, commissioning_id: str | None, charge_station_id: str | None
) -> Operation:
    """The record that goes into the same Change as the effect."""
    now = ports.clock.now()
    return _record(actor, doing, Answer(id=doing.id, state="accepted", at=now), commissioning_id, charge_station_id)


def _record(
    actor: Actor, doing: Doing, answer: Answer, commissioning_id: str | None, charge_station_id: str | None
) -> Operation:
    return Operation(
        id=doing.id,
        kind=doing.kind,
        person_id=actor.person_id or "",
        device_id=actor.device_id,
        commissioning_id=commissioning_id,
        charge_station_id=charge_station_id,
        made_at=doing.made_at,
        at=answer.at,
        body_hash=doing.body_hash,
        state=answer.state,
        answer=msgspec.Raw(msgspec.json.encode(answer)),
    )


async def perform(ports: Ports, actor: Actor, wanted: Wanted, kinds: dict[str, tuple[type, Action]]) -> Answer:
    """Do it, or give the answer it got before. Raises Unavailable (nothing was stored: send it again later)."""
    doing = Doing(
        id=wanted.id,
        kind=wanted.kind,
        commissioning_id=wanted.commissioning_id,
        made_at=wanted.made_at,
        body_hash=body_hash(wanted),
    )
    for _ in range(ATTEMPTS):
        if known := await _known(ports, actor, doing):
            return known
        try:
            return await _once(ports, actor, doing, wanted, kinds)
        except RevConflict:
            continue
    raise RevConflict("too many people change this at once; it is sent again in a moment")


async def perform_all(
    ports: Ports, actor: Actor, batch: list[Wanted], kinds: dict[str, tuple[type, Action]]
) -> list[Answer]:
    """In order. What could not be done yet holds up the rest of its own commissioning and nothing else.

    A platform that answers slowly takes no more than LONG of the phone's patience: the rest comes again.
    """
    answers, waiting, start = [], set[str](), ports.clock.now()
    for wanted in batch:
        try:
            if ports.clock.now() - start > LONG:
                raise Unavailable("what came before took long; this is sent again in a moment")
            if wanted.commissioning_id in waiting:
                raise WaitsForEarlier("an earlier change of this commissioning could not be done yet")
            answers.append(await perform(ports, actor, wanted, kinds))
        except Unavailable as error:
            waiting |= {wanted.commissioning_id} if wanted.commissioning_id else set()
            answers.append(_answer(ports, wanted.id, "later", error))
    return answers


async def _known(ports: Ports, actor: Actor, doing: Doing) -> Answer | None:
    found = await ports.store.get(Operation, doing.id)
    if found is None:
        return None
    operation = found[0]
    if operation.body_hash != doing.body_hash or operation.person_id != (actor.person_id or ""):
        return _answer(ports, doing.id, "refused", OperationReused("this operation id was used for something else"))
    return msgspec.json.decode(bytes(operation.answer), type=Answer)


async def _once(
    ports: Ports, actor: Actor, doing: Doing, wanted: Wanted, kinds: dict[str, tuple[type, Action]]
) -> Answer:
    try:
        if doing.kind not in kinds:
            raise InvalidField("kind", "one of " + ", ".join(sorted(kinds)))
        body_type, action = kinds[doing.kind]
        await action(ports, actor, doing, _decode(wanted, body_type))
    except Unavailable:
        raise
    except StationlinkError as error:
        return await _refuse(ports, actor, doing, error)
    found = await ports.store.get(Operation, doing.id)
    assert found is not None, f"{doing.kind} committed without its operation"
    return msgspec.json.decode(bytes(found[0].answer), type=Answer)


def _decode(wanted: Wanted, body_type: type) -> Any:
    try:
        return msgspec.json.decode(bytes(wanted.body), type=body_type)
    except msgspec.ValidationError as error:
        raise InvalidField("body", str(error)) from error


def _answer(ports: Ports, id: str, state: State, error: StationlinkError) -> Answer:
    detail = msgspec.to_builtins(error.detail)
    return Answer(id=id, state=state, code=error.code, message=error.message, detail=detail, at=ports.clock.now())


async def _refuse(ports: Ports, actor: Actor, doing: Doing, error: StationlinkError) -> Answer:
    """A refusal is an answer too: it is stored, so that a repeat cannot turn into something else.

    What an earlier try did on the CPO's platform is not refused any more. Raises Unavailable while that is unknown.
    """
    tried = await ports.store.get(RemoteIntent, doing.id)
    if tried and await _done_before(ports, tried[0]) and (known := await _known(ports, actor, doing)):
        return known
    answer = _answer(ports, doing.id, "refused", error)
    operation = _record(actor, doing, answer, doing.commissioning_id, None)
    given_up = (Delete(RemoteIntent, doing.id),) if tried else ()
    await ports.store.commit(Change(writes=given_up, operation=operation))
    return answer


async def _done_before(ports: Ports, intent: RemoteIntent) -> bool:
    """Whether its effect is there, which is committed with the operation's answer then. Raises Unavailable."""
    cpo = await ports.store.get(Cpo, intent.cpo_id)
    platform = ports.platforms.of(cpo[0]) if cpo else None
    try:
        return isinstance(platform, Settles) and await platform.settle(intent, alone=True)
    except Unavailable:
        raise
    except StationlinkError:
        return False
