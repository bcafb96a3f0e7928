"""What a station may be sent now and why not, and what it was sent lately: a card on its page."""

from typing import NamedTuple

from msgspec import Struct

from app.actions.connecting import may_command
from app.actions.names import Names
from app.actions.occupancy import Occupancy, occupancy, occupancy_there
from app.actions.views import RequestView, requests_of
from app.actions.work import open_commissioning
from app.desk.front import Visit
from app.desk.words import Words
from app.domain import commanding as rules
from app.domain.commanding import CommandRequest
from app.domain.commands import Command, Reset, Stop, Unlock
from app.domain.commissioning import Commissioning
from app.domain.environments import BUILTIN
from app.domain.errors import Refused, StationlinkError
from app.domain.people import Cpo
from app.domain.stations import ChargeStation, Rung

BUTTONS = ("reset", "reset_hard", "unlock", "stop", "trigger", "read_configuration", "change_configuration")
PROBE = "trigger"
"""What a station that seems deaf may still be sent: its answer ends that."""


class Button(NamedTuple):
    """`blocked` says why it cannot be sent now, in words; empty where it can."""

    command: str
    blocked: str


class Card(Struct, frozen=True):
    """What a station may be sent now, and what it was sent lately. `read` is the newest configuration that it told."""

    buttons: list[Button]
    requests: list[RequestView]
    read: CommandRequest | None
    now: Occupancy
    asks: str = ""

    def groups(self) -> list[tuple[str, list[str]]]:
        """The commands by what stands in their way, those that can be sent now first."""
        found: dict[str, list[str]] = {"": []}
        for button in self.buttons:
            found.setdefault(button.blocked, []).append(button.command)
        return [(reason, names) for reason, names in found.items() if names]

    def sockets(self, station: ChargeStation) -> list[str]:
        """Those that may be unlocked: while somebody charges, only theirs."""
        own = [each.id for evse in station.evses for each in evse.connectors or [] if each.id]
        return sorted(self.now.in_use) or own


async def read_card(
    visit: Visit, cpo: Cpo, charge_station_id: str, station: ChargeStation | None, rung: Rung
) -> Card | None:
    """None while there is no station to send anything to. `asks` is who has it in hand, if that is somebody else."""
    if station is None:
        return None
    of_it = {"charge_station_id": charge_station_id, "cpo_id": cpo.cpo_id}
    now = await occupancy(visit.ports, cpo, charge_station_id) if cpo.platform == BUILTIN else occupancy_there(station)
    names = Names(visit.ports)
    current = await open_commissioning(visit.ports, visit.actor, charge_station_id)
    asks = rules.asks_holder(current, visit.actor.person_id)
    recent = await visit.ports.store.find(CommandRequest, order="-asked", limit=rules.PER_MINUTE + 1, **of_it)
    found = [request for request, _ in recent]
    stops = _stops(visit, cpo, current, found)
    buttons = [Button(name, stops or _blocked(visit.words, cpo, name, now, rung)) for name in BUTTONS]
    return Card(
        buttons,
        await requests_of(visit.ports, names, **of_it),
        next((each for each in found if each.outcome and each.outcome.configuration), None),
        now,
        (await names.sure(current.person_id)).name or visit.words.forgotten if asks and current else "",
    )


def _stops(visit: Visit, cpo: Cpo, current: Commissioning | None, recent: list[CommandRequest]) -> str:
    """What stands in the way of every command."""
    words, now = visit.words, visit.ports.clock.now()
    if not may_command(cpo):
        return words.command_words["no_access"]
    try:
        rules.require_turn(recent, now)
        rules.require_no_trial(current, now)
    except StationlinkError as error:
        return words.errors[error.code]
    return ""


def _blocked(words: Words, cpo: Cpo, name: str, now: Occupancy, rung: Rung) -> str:
    """What stands in the way of this one; the socket or session that fits best is taken for the question."""
    if name == "stop" and now.online and not now.sessions:
        return words.command_words["no_session" if cpo.platform == BUILTIN else "sessions_unknown"]
    try:
        rules.require_possible(_example(name, now), online=now.online, in_use=now.in_use)
    except Refused as error:
        return words.errors[error.code]
    return words.command_words["deaf"] if rung is Rung.DEAF and name != PROBE else ""


def _example(name: str, now: Occupancy) -> Command:
    if name == "unlock":
        return Unlock(next(iter(now.in_use), ""))
    return Stop(0) if name == "stop" else Reset()
