"""Labels: a printed code for a station or one EVSE of it, also before the station exists."""

from app.domain.errors import InvalidField, MissingField, NotAllowed, OtherCpo, UnknownCpo
from app.domain.facts import Fact, FactKind
from app.domain.people import Actor, Cpo, Role
from app.domain.scan import Label, label_code
from app.ports import Change, Ports, Put

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_LENGTH = 8


async def make_label(
    ports: Ports, actor: Actor, *, charge_station_id: str, evse_sequence_number: int | None = None, cpo_id: str
) -> Label:
    """The label of this station or EVSE: the one that exists, else a new one.

    Raises UnknownCpo, OtherCpo (the station is another CPO's), InvalidField, NotAllowed for an installer.
    """
    if actor.role is Role.INSTALLER:
        raise NotAllowed("labels are printed by support")
    await _require_place(ports, actor, charge_station_id, evse_sequence_number, cpo_id)
    for label, _ in await ports.store.find(Label, charge_station_id=charge_station_id, cpo_id=cpo_id):
        if label.evse_sequence_number == evse_sequence_number and label.revoked_at is None:
            return label
    label = Label(
        code=await _free_code(ports),
        cpo_id=cpo_id,
        charge_station_id=charge_station_id,
        evse_sequence_number=evse_sequence_number,
        created=ports.clock.now(),
        created_by=actor.person_id,
    )
    fact = Fact(
        kind=FactKind.LABEL_MADE,
        at=label.created,
        cpo_id=cpo_id,
        charge_station_id=charge_station_id,
        person_id=actor.person_id,
        device_id=actor.device_id,
        data={"code": label.code, "evse_sequence_number": evse_sequence_number},
    )
    await ports.store.commit(Change(writes=(Put(label),), facts=(fact,)))
    return label


async def _require_place(
    ports: Ports, actor: Actor, charge_station_id: str, evse_sequence_number: int | None, cpo_id: str
) -> None:
    if not actor.covers(cpo_id) or await ports.store.get(Cpo, cpo_id) is None:
        raise UnknownCpo(cpo_id)
    if not charge_station_id.strip():
        raise MissingField("charge_station_id")
    if not charge_station_id.isprintable():
        raise InvalidField("charge_station_id", "printable characters")
    if evse_sequence_number is not None and evse_sequence_number < 1:
        raise InvalidField("evse_sequence_number", "a number from 1")
    row = await ports.store.station(charge_station_id)
    if row is not None and row.cpo_id != cpo_id:
        raise OtherCpo("a station with this id belongs to another CPO")


async def _free_code(ports: Ports) -> str:
    while True:
        code = label_code(ports.ids.text(CROCKFORD, RANDOM_LENGTH))
        if await ports.store.get(Label, code) is None:
            return code
