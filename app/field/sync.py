"""The one way in for the phone's changes: a list of operations, each done exactly once, answered in order."""

from litestar import post

from app.actions import commissionings as todo
from app.actions import hardware, intents, resolving
from app.actions.adopting import adopt
from app.actions.names import Names
from app.actions.operations import Action, Wanted, perform_all
from app.actions.views import CommissioningView, view
from app.actions.work import read_commissioning
from app.domain.errors import InvalidField, PlatformUnavailable, UnknownCommissioning
from app.domain.people import Actor
from app.field.answers import SyncBody, Synced
from app.field.join import ActorOf, Incoming, PortsOf
from app.ports import Ports
from app.web.bodies import read_body

KINDS: dict[str, tuple[type, Action]] = {
    "begin": (intents.Begin, todo.begin),
    "continue": (intents.Nothing, todo.continue_),
    "abandon": (intents.Nothing, todo.abandon),
    "create_location": (intents.CreateLocation, hardware.create_location),
    "choose_location": (intents.ChooseLocation, hardware.choose_location),
    "apply_template": (intents.ApplyTemplate, hardware.apply_template),
    "describe_evse": (intents.DescribeEvse, hardware.describe_evse),
    "adopt": (intents.Adopt, adopt),
    "set_password": (intents.SetPassword, todo.set_password),
    "answer_check": (intents.AnswerCheck, todo.answer_check),
    "waive_check": (intents.WaiveCheck, todo.waive_check),
    "reopen_check": (intents.ReopenCheck, todo.reopen_check),
    "park": (intents.Park, todo.park),
    "resume": (intents.Nothing, todo.resume),
    "set_serial": (intents.SetSerial, resolving.set_serial),
    "take_serial": (intents.Nothing, resolving.take_serial),
    "accept_finding": (intents.AcceptFinding, resolving.accept_finding),
    "swap_sockets": (intents.SwapSockets, resolving.swap_sockets),
    "hand_over": (intents.HandOver, todo.hand_over),
}
"""Every kind of operation: the shape of its body and the action that does it."""

MOST_OPERATIONS = 200


@post("/sync", status_code=200)
async def sync(ports: PortsOf, actor: ActorOf, request: Incoming) -> Synced:
    """Do what was not done yet, in order. A dropped connection costs nothing: the whole list may be sent again.

    What the CPO's platform keeps us from doing is answered `later`, and only that.
    """
    body = await read_body(request, SyncBody)
    if len(body.operations) > MOST_OPERATIONS:
        raise InvalidField("operations", f"at most {MOST_OPERATIONS} at once")
    for wanted in body.operations:
        _require_sound(wanted)
    results = await perform_all(ports, actor, body.operations, KINDS)
    return Synced(results, await _touched(ports, actor, body.operations))


def _require_sound(wanted: Wanted) -> None:
    if not (8 <= len(wanted.id) <= 64):
        raise InvalidField("operations.id", "an id of 8 to 64 characters, made on the phone")
    if wanted.made_at.tzinfo is None:
        raise InvalidField("operations.made_at", "a time with its zone")


async def _touched(ports: Ports, actor: Actor, operations: list[Wanted]) -> list[CommissioningView]:
    stamp, names = await ports.store.last_fact(), Names(ports)
    views: list[CommissioningView] = []
    for commissioning_id in dict.fromkeys(wanted.commissioning_id for wanted in operations):
        try:
            current, _ = await read_commissioning(ports, actor, commissioning_id)
            views.append(await view(ports, actor, current, stamp, names))
        except (UnknownCommissioning, PlatformUnavailable):
            continue
    return views
