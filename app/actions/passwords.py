"""OCPP passwords that support or the command line sets; the phone's own are in `commissionings`."""

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from app.actions.commanding import Asked, Commanding
from app.actions.work import open_commissioning
from app.bus import Bus
from app.domain import commanding as rules
from app.domain.commanding import CommandRequest, RequestState
from app.domain.environments import BUILTIN
from app.domain.errors import (
    InvalidField,
    NotAllowed,
    PlatformSetsPassword,
    RevConflict,
    StationlinkError,
    UnknownStation,
)
from app.domain.facts import Fact, FactKind
from app.domain.live import OfflineReason, StationPassword
from app.domain.people import Actor, Cpo, Role, keyed_digest
from app.domain.profiles import is_of, offered, withdrawn
from app.ports import Change, Delete, Ports, Put

LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
LENGTH = 20
PASSWORD = re.compile(r"[A-Za-z0-9]{16,40}")

ATTEMPTS = 8
REQUESTS_READ = 50
UNTAKEN = frozenset({"refused", "expired", "not_sent", "rejected", "not_implemented", "error"})
"""Results of a command after which the station surely has its password of before."""

log = logging.getLogger("stationlink.passwords")


class NextPassword(Struct, frozen=True):
    """A password on its way to a station: when it was made, and the result of the command, while that is kept."""

    made: datetime
    result: str | None

    @property
    def may_have(self) -> bool:
        """The station may have it already."""
        return self.result not in UNTAKEN


async def set_station_password(ports: Ports, actor: Actor, charge_station_id: str, password: str | None = None) -> str:
    """Set the Basic password of a station, known or being commissioned, and return it: the only time it is told.

    Made here unless given; literally what the station sends, no hex. A socket that is open with an older one is closed,
    by the server (`close_outdated`) when another process sets it.
    Raises UnknownStation, InvalidField (16 to 40 letters and digits), NotAllowed for an installer, and
    PlatformSetsPassword.
    """
    if actor.role is Role.INSTALLER:
        raise NotAllowed("on the phone, set the password in the commissioning")
    cpo_id = await _cpo_of(ports, actor, charge_station_id)
    if (found := await ports.store.get(Cpo, cpo_id)) is not None:
        require_own(found[0])
    chosen = password if password is not None else ports.ids.text(LETTERS_AND_DIGITS, LENGTH)
    record = password_record(ports, actor, cpo_id, charge_station_id, chosen)
    stored = await ports.store.get(StationPassword, charge_station_id)
    fact = Fact(
        kind=FactKind.PASSWORD_SET,
        at=record.set_at,
        cpo_id=cpo_id,
        charge_station_id=charge_station_id,
        person_id=actor.person_id,
        device_id=actor.device_id,
    )
    put = Put(record, stored[1] if stored else 0)
    await ports.store.commit(Change(writes=(put, *await _unsent(ports, cpo_id, charge_station_id)), facts=(fact,)))
    if stored is not None and stored[0].used is not None:
        await ports.commands.disconnect(charge_station_id, OfflineReason.PASSWORD_CHANGED)
    return chosen


async def _unsent(ports: Ports, cpo_id: str, charge_station_id: str) -> list[Put]:
    """A password that waits for the installer's yes is not sent any more: it would open no door."""
    asked = await ports.store.find(
        CommandRequest, charge_station_id=charge_station_id, cpo_id=cpo_id, state=[each.value for each in rules.LIVE]
    )
    now, not_sent = ports.clock.now(), RequestState.NOT_SENT
    return [
        Put(rules.ended(request, not_sent, now), rev)
        for request, rev in asked
        if request.sent is None and rules.is_password(request.command)
    ]


async def rotate_station_password(
    ports: Ports, commanding: Commanding, actor: Actor, charge_station_id: str
) -> CommandRequest:
    """Give a station that is online its next password over OCPP; the old one opens the door until the new one was used.

    Nobody is told it. It is kept before it is sent, so that a station that uses it at once gets in; one that it was
    given before and has not used stays good, too, whichever of them it took.
    Raises what `Commanding.ask` raises, UnknownStation, and InvalidField for a station without a first password.
    """
    row = await ports.store.station(charge_station_id)
    if row is None or not actor.covers(row.cpo_id):
        raise UnknownStation(charge_station_id)
    if await password_of(ports, row.cpo_id, charge_station_id) is None:
        raise InvalidField("password", "a first password, set by a person, before it can be changed over OCPP")
    password, now = ports.ids.text(LETTERS_AND_DIGITS, LENGTH), ports.clock.now()
    digest = keyed_digest(ports.digest_key, f"{charge_station_id}:{password}")
    before = await _keep(ports, charge_station_id, lambda kept: offered(kept, digest, now))
    command = rules.new_password(password)
    asked = Asked(cpo_id=row.cpo_id, charge_station_id=charge_station_id, command=command, is_password=True)
    try:
        return await commanding.ask(actor, asked)
    except StationlinkError:
        await _keep(ports, charge_station_id, lambda kept: withdrawn(kept, digest, before))
        raise


async def _keep(
    ports: Ports, charge_station_id: str, rule: Callable[[StationPassword], StationPassword]
) -> StationPassword:
    """What was kept before; a socket may note its use at the same time. Raises UnknownStation, RevConflict."""
    for _ in range(ATTEMPTS):
        found = await ports.store.get(StationPassword, charge_station_id)
        if found is None:
            raise UnknownStation(charge_station_id)
        with suppress(RevConflict):
            await ports.store.commit(Change(writes=(Put(rule(found[0]), found[1]),)))
            return found[0]
    raise RevConflict("this station's password is changed by others all the time")


async def next_password(ports: Ports, cpo_id: str, charge_station_id: str) -> NextPassword | None:
    """The one that the station was given over OCPP and has not used; None when there is none."""
    kept = await password_of(ports, cpo_id, charge_station_id)
    if kept is None or kept.next_digest is None or kept.next_set_at is None:
        return None
    of_it = {"charge_station_id": charge_station_id, "cpo_id": cpo_id}
    asked = await ports.store.find(CommandRequest, order="-asked", limit=REQUESTS_READ, **of_it)
    made = kept.next_set_at
    sent = next((each for each, _ in asked if each.asked >= made and rules.is_password(each.command)), None)
    return NextPassword(made=made, result=rules.result_of(sent) if sent else None)


async def password_of(ports: Ports, cpo_id: str, charge_station_id: str) -> StationPassword | None:
    """What opens the door of this station of this CPO; one that another CPO set for the same id is not there."""
    found = await ports.store.get(StationPassword, charge_station_id)
    return found[0] if found is not None and is_of(found[0], cpo_id) else None


async def forgotten(ports: Ports, cpo_id: str, charge_station_id: str) -> tuple[Delete, ...]:
    """The write that ends this CPO's password for an id, if there is one."""
    kept = await password_of(ports, cpo_id, charge_station_id)
    return () if kept is None else (Delete(StationPassword, charge_station_id),)


def require_own(cpo: Cpo) -> None:
    """Raises PlatformSetsPassword where stations connect to a vendor's platform, with a password of its making."""
    if cpo.platform != BUILTIN:
        raise PlatformSetsPassword(f"the stations of {cpo.cpo_id} connect to their platform, which sets the password")


async def close_outdated(ports: Ports, bus: Bus, after: int) -> None:
    """Close the sockets whose station got a password since, whichever process set it, until the bus stops.

    `after` is the number of the last fact before the first socket. Only the process of the sockets can do this: the
    command line beside it holds none.
    """
    async for facts in bus.follow(after):
        for station in {fact.charge_station_id for fact in facts if fact.kind is FactKind.PASSWORD_SET} - {None}:
            try:
                await _close_unless_used(ports, str(station))
            except StationlinkError as error:
                log.warning("%s: its connection could not be closed: %s", station, error.code)


async def _close_unless_used(ports: Ports, charge_station_id: str) -> None:
    """A socket that opened with the present password has marked it as used."""
    found = await ports.store.get(StationPassword, charge_station_id)
    if found is not None and found[0].used is None:
        await ports.commands.disconnect(charge_station_id, OfflineReason.PASSWORD_CHANGED)


def password_record(ports: Ports, actor: Actor, cpo_id: str, charge_station_id: str, password: str) -> StationPassword:
    """What is stored of a password: its keyed digest. Raises InvalidField (16 to 40 letters and digits)."""
    if not PASSWORD.fullmatch(password):
        raise InvalidField("password", "16 to 40 letters and digits")
    return StationPassword(
        charge_station_id=charge_station_id,
        digest=keyed_digest(ports.digest_key, f"{charge_station_id}:{password}"),
        set_at=ports.clock.now(),
        set_by=actor.person_id,
        cpo_id=cpo_id,
    )


async def _cpo_of(ports: Ports, actor: Actor, charge_station_id: str) -> str:
    row = await ports.store.station(charge_station_id)
    if row is not None and actor.covers(row.cpo_id):
        return row.cpo_id
    current = await open_commissioning(ports, actor, charge_station_id) if row is None else None
    if current is not None:
        return current.cpo_id
    raise UnknownStation(charge_station_id)
