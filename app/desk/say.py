"""Moments, states and events in people's words: what templates call to speak one language in one time zone."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from app.desk.words import Words
from app.domain.facts import Fact, FactKind
from app.domain.findings import SKEW_NOTED

LATER_MADE = timedelta(seconds=60)
"""A fact that the phone made this much before it arrived was made without signal."""


def zone_of(name: str) -> tzinfo:
    """The named zone; UTC where this machine has no data for it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def place_of(zone: tzinfo) -> str:
    """What people call a zone: Amsterdam for Europe/Amsterdam."""
    return str(getattr(zone, "key", "UTC")).rsplit("/", 1)[-1].replace("_", " ")


class Say(Struct, frozen=True):
    """`now` is the moment of the page, so that all ages on it agree."""

    words: Words
    zone: tzinfo
    now: datetime

    @property
    def place(self) -> str:
        """Where the times on the page are from."""
        return place_of(self.zone)

    def clock(self, moment: datetime) -> str:
        """10:02 today, else with the date."""
        local = moment.astimezone(self.zone)
        if local.date() == self.now.astimezone(self.zone).date():
            return local.strftime("%H:%M")
        return f"{local.day} {self.words.months[local.month - 1]} {local:%H:%M}"

    def seconds(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        if local.date() == self.now.astimezone(self.zone).date():
            return local.strftime("%H:%M:%S")
        return f"{local.day} {self.words.months[local.month - 1]} {local:%H:%M:%S}"

    def day(self, day: date) -> str:
        """31 Jan 2027."""
        return f"{day.day} {self.words.months[day.month - 1]} {day.year}"

    def iso(self, moment: datetime) -> str:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def age(self, moment: datetime) -> str:
        """4 min, 6 h, 3 d."""
        seconds = max(0, int((self.now - moment).total_seconds()))
        if seconds < 60:
            return self.words.age_seconds
        if seconds < 3600:
            return self.words.age_minutes.format(n=seconds // 60)
        if seconds < 48 * 3600:
            return self.words.age_hours.format(n=seconds // 3600)
        return self.words.age_days.format(n=seconds // 86400)

    def ago(self, moment: datetime) -> str:
        if (self.now - moment).total_seconds() < 60:
            return self.words.just_now
        return self.words.ago.format(age=self.age(moment))

    def span(self, seconds: float) -> str:
        """How long something lasts: 40 s, 12 min, 3 h."""
        if seconds < 60:
            return self.words.evidence["seconds"].format(n=round(seconds))
        return self.age(self.now - timedelta(seconds=seconds))

    def skew(self, seconds: int) -> str:
        """How far a station's clock is off."""
        if abs(seconds) < SKEW_NOTED:
            return self.words.axes["clock_right"]
        return self.words.axes["ahead" if seconds > 0 else "behind"].format(span=self.span(abs(seconds)))

    def check(self, key: str, label: str | None = None) -> str:
        """A checklist line's title: ours by its kind, a CPO's own by its label."""
        return label or self.words.checks.get(key, key)

    def sockets(self, numbers: list[int]) -> str:
        return self.words.sockets.format(numbers=", ".join(str(number) for number in numbers))

    def fact(self, fact: Fact) -> str:
        return self.words.facts[fact.kind.value]

    def fact_detail(self, fact: Fact) -> str:
        """What `data` adds to the sentence, in words; values that have none are shown as they are."""
        told = (
            self._told(fact.kind, key, value)
            for key, value in _renamed(fact.data).items()
            if value not in (None, "", [])
        )
        return " · ".join(part for part in told if part)

    def made_late(self, fact: Fact) -> str:
        """ "made 09:57 without signal" when the phone's moment differs from ours."""
        if fact.made_at is None or fact.at - fact.made_at < LATER_MADE:
            return ""
        return self.words.made_without_signal.format(time=self.clock(fact.made_at))

    def _told(self, kind: FactKind, key: str, value: Any) -> str:
        words = self.words
        if key in ("evses", "evse_sequence_numbers") and isinstance(value, list):
            return self.sockets(value)
        if key in ("evse", "evse_sequence_number", "connector", "connector_id"):
            return words.socket.format(number=value) if str(value) != "0" else words.whole_station
        if key in SILENT or value == "NoError":
            return ""
        if key == "allowed":
            return words.yes if value else words.no
        if key == "findings":
            return ", ".join(words.findings[kind] for kind in value)
        if key == "energy_wh":
            return f"{value} Wh"
        if key == "seconds":
            return self._lasted(float(value))
        tables: dict[str, Mapping[str, str]] = {
            "reason": self._reasons(kind),
            "check": words.checks,
            "kind": words.trial_kinds if kind in TRIALS else words.kinds,
            "outcome": words.outcomes,
            "state": words.check_states,
            "status": words.evse_status | words.connector_status,
            "role": words.roles,
            "registration": words.registrations,
            "source": words.sources,
            "command": words.commands | {PASSWORD_KEY: words.rotation["command"]},
            "result": words.command_results,
            "error": words.errors,
            "cause": words.causes,
            "waits_for": words.waits,
            "finding": words.findings,
            "security_profile": words.profiles,
        }
        return tables.get(key, {}).get(str(value), _plain(value))

    def _lasted(self, seconds: float) -> str:
        """How long a connection held, if it held for more than a moment."""
        return self.age(self.now - timedelta(seconds=seconds)) if seconds >= 1 else ""

    def _reasons(self, kind: FactKind) -> Mapping[str, str]:
        return {
            FactKind.STATION_REFUSED: self.words.knocks,
            FactKind.STATION_DISCONNECTED: self.words.offline,
            FactKind.COMMISSIONING_PARKED: self.words.parked,
            FactKind.TRANSACTION_STOPPED: self.words.stops,
        }.get(kind, {})


TRIALS = (FactKind.TRIAL_STARTED, FactKind.TRIAL_WENT_ON, FactKind.TRIAL_ANSWERED, FactKind.TRIAL_ENDED)

SILENT = frozenset(
    {
        "trial",
        "invite",
        "location_id",
        "template_id",
        "from_person",
        "fields",
        "connection",
        "connection_id",
        "passed",
        "password",
        "request",
        "message",
        "transaction_id",
        "subscription_id",
        "ping_seconds",
        "pong_seconds",
        "close_seconds",
    }
)
"""Keys of a fact's data that are for machines."""


PASSWORD_KEY = "AuthorizationKey"


def _renamed(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Writing the key that holds the password is what people call a new password."""
    if data.get("key") != PASSWORD_KEY:
        return data
    return {key: PASSWORD_KEY if key == "command" else value for key, value in data.items() if key != "key"}


def _plain(value: Any) -> str:
    """A value without words of its own: short plain values as they are, structures not at all."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
