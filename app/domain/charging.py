"""A charging session as an OCPP 2.0.1 station tells it: numbered events under the station's own id for it.

Events come twice, late and in any order; whatever comes, one transaction stands for them at the end (2.0.1 E04, E08).
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from app.domain.commands import Stop
from app.domain.live import Transaction


class ChargingStep(StrEnum):
    STARTED = "Started"
    UPDATED = "Updated"
    ENDED = "Ended"


class ChargingEvent(Struct, frozen=True, kw_only=True):
    """One TransactionEvent. `charging` is None where the station does not say whether energy may flow.

    `first_wh` and `wh` are the first and the last energy register in it, `at` the station's claim, `offline` that it
    happened without a connection. A `connector` of None was not said.
    """

    transaction_id: str
    step: ChargingStep
    seq: int
    connector: str | None = None
    id_tag: str | None = None
    charging: bool | None = None
    first_wh: int | None = None
    wh: int | None = None
    reason: str | None = None
    offline: bool = False
    at: datetime | None = None


def is_session(event: ChargingEvent) -> bool:
    """Whether an event of a transaction that we do not know begins one: a car that waits for a card has none yet."""
    if event.step is ChargingStep.ENDED or event.id_tag is not None or event.charging:
        return True
    return event.step is ChargingStep.UPDATED and event.charging is None


def opened(event: ChargingEvent, number: int, charge_station_id: str, accepted: bool, now: datetime) -> Transaction:
    """The transaction of the first event that we hear of it, whichever that is; `number` is ours."""
    begun = Transaction(
        id=number,
        charge_station_id=charge_station_id,
        connector_id=event.connector or "0",
        id_tag=event.id_tag or "",
        started=now,
        meter_start=event.first_wh or 0,
        accepted=accepted,
        station_started=event.at if event.step is ChargingStep.STARTED else None,
        station_transaction_id=event.transaction_id,
        offline=event.offline,
    )
    return followed(begun, event, accepted, now)


def followed(known: Transaction, event: ChargingEvent, accepted: bool, now: datetime) -> Transaction:
    """The transaction after an event; the same for one that says nothing new. `accepted` is of the event's card."""
    after = replace(
        known,
        seq=max(event.seq, -1 if known.seq is None else known.seq),
        offline=known.offline or event.offline,
        connector_id=known.connector_id if event.connector is None else event.connector,
    )
    if event.id_tag is not None and not known.id_tag:
        after = replace(after, id_tag=event.id_tag, accepted=accepted)
    if event.step is ChargingStep.STARTED and known.station_started is None:
        first = known.meter_start if event.first_wh is None else event.first_wh
        after = replace(after, meter_start=first, station_started=event.at)
    if known.stopped is not None:
        return after
    if event.wh is not None and event.seq >= (known.seq or 0):
        after = replace(after, meter_last=event.wh)
    return _ended(after, event, now) if event.step is ChargingStep.ENDED else after


def _ended(running: Transaction, event: ChargingEvent, now: datetime) -> Transaction:
    last = running.meter_start if running.meter_last is None else running.meter_last
    return replace(running, stopped=now, station_stopped=event.at, meter_stop=last, reason=event.reason)


def stop_of(running: Transaction) -> Stop:
    """The command that ends it, in words of either OCPP version."""
    return Stop(running.id, running.station_transaction_id)
