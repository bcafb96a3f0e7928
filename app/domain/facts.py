"""Facts: the numbered, past-tense log that phones, desks and the history read, each after its own cursor.

A fact says what happened, to what, by whom (ids, never names), by which device, and when. `data` holds small plain
values only and never a secret. New kinds are added here and given their words in the dictionaries; none is renamed.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct


class FactKind(StrEnum):
    STATION_CREATED = "station_created"
    STATION_CHANGED = "station_changed"
    STATION_RELEASED = "station_released"
    STATION_WITHDRAWN = "station_withdrawn"
    TEMPLATE_APPLIED = "template_applied"
    EVSES_DESCRIBED = "evses_described"
    LOCATION_CREATED = "location_created"
    LOCATION_CHANGED = "location_changed"
    TEMPLATE_SAVED = "template_saved"
    CUSTOMER_CREATED = "customer_created"
    CUSTOMER_CHANGED = "customer_changed"
    COMMISSIONING_BEGUN = "commissioning_begun"
    COMMISSIONING_CONTINUED = "commissioning_continued"
    COMMISSIONING_PARKED = "commissioning_parked"
    COMMISSIONING_RESUMED = "commissioning_resumed"
    COMMISSIONING_ABANDONED = "commissioning_abandoned"
    LOCATION_CHOSEN = "location_chosen"
    TEMPLATE_CHOSEN = "template_chosen"
    CHECK_ANSWERED = "check_answered"
    CHECK_WAIVED = "check_waived"
    CHECK_REOPENED = "check_reopened"
    TRIAL_STARTED = "trial_started"
    TRIAL_WENT_ON = "trial_went_on"
    TRIAL_ANSWERED = "trial_answered"
    TRIAL_ENDED = "trial_ended"
    COMMAND_ASKED = "command_asked"
    COMMAND_ANSWERED = "command_answered"
    COMMAND_ENDED = "command_ended"
    SERIAL_SET = "serial_set"
    FINDING_ACCEPTED = "finding_accepted"
    SOCKETS_SWAPPED = "sockets_swapped"
    EXPECTATION_CHANGED = "expectation_changed"
    HANDED_OVER = "handed_over"
    PASSWORD_SET = "password_set"
    PASSWORD_ROTATED = "password_rotated"
    STATION_CONNECTED = "station_connected"
    STATION_BOOTED = "station_booted"
    STATION_DISCONNECTED = "station_disconnected"
    STATION_ELSEWHERE = "station_elsewhere"
    STATION_LEFT_ELSEWHERE = "station_left_elsewhere"
    EVSE_STATUS_CHANGED = "evse_status_changed"
    STATION_REFUSED = "station_refused"
    STATION_SPOKE = "station_spoke"
    STATION_DEAF = "station_deaf"
    STATION_HEARS = "station_hears"
    STATION_TUNED = "station_tuned"
    STRANGER_KNOCKED = "stranger_knocked"
    STATION_ADOPTED = "station_adopted"
    CARD_SHOWN = "card_shown"
    TRANSACTION_STARTED = "transaction_started"
    TRANSACTION_STOPPED = "transaction_stopped"
    LABEL_MADE = "label_made"
    PERSON_INVITED = "person_invited"
    PERSON_JOINED = "person_joined"
    PERSON_CHANGED = "person_changed"
    DEVICE_REVOKED = "device_revoked"
    CPO_CHANGED = "cpo_changed"
    SUBSCRIPTION_CREATED = "subscription_created"
    SUBSCRIPTION_CHANGED = "subscription_changed"
    SUBSCRIPTION_ROTATED = "subscription_rotated"
    SUBSCRIPTION_REVOKED = "subscription_revoked"


class Fact(Struct, kw_only=True):
    """`seq` is given by the store at commit (0 before) and rises without reuse; `made_at` is the phone's clock."""

    kind: FactKind
    at: datetime
    seq: int = 0
    cpo_id: str | None = None
    charge_station_id: str | None = None
    commissioning_id: str | None = None
    location_id: str | None = None
    person_id: str | None = None
    device_id: str | None = None
    operation_id: str | None = None
    made_at: datetime | None = None
    data: dict[str, Any] = {}
