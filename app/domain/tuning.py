"""How a station's socket is held to its bound, and what one that has settled is still asked for."""

from msgspec import Struct

from app.domain.commands import Message, Trigger
from app.domain.errors import InvalidField
from app.domain.live import Live, StationTuning
from app.domain.model import ProtocolVersion
from app.domain.profiles import Profile

MISSED_HEARTBEATS = 3


class Bounds(Struct, frozen=True, kw_only=True):
    """In seconds. A socket without any frame for `silence` is dead, whatever TCP believes.

    A station that never answers pings (`pongs` false) need not: three heartbeats without a frame are its end.
    """

    ping: float
    pong: float
    close: float
    heartbeat: float
    pongs: bool = True

    @property
    def silence(self) -> float:
        return self.ping + self.pong if self.pongs else MISSED_HEARTBEATS * self.heartbeat

    @property
    def published(self) -> float:
        """How long a half-open socket can pass for online at most."""
        return self.silence + self.close

    def tuned(self, tuning: StationTuning | None) -> "Bounds":
        """These, with what is different for one station."""
        if tuning is None:
            return self
        return Bounds(
            ping=self.ping if tuning.ping_seconds is None else tuning.ping_seconds,
            pong=tuning.pong_seconds or self.pong,
            close=self.close if tuning.close_seconds is None else tuning.close_seconds,
            heartbeat=self.heartbeat,
            pongs=tuning.pong_seconds != 0,
        )


LIMITS = {"ping_seconds": (1, 300), "pong_seconds": (1, 300), "close_seconds": (1, 60)}


def check(tuning: StationTuning) -> None:
    """Raises InvalidField for a time that no station wants, and for a profile that we do not speak; a pong of 0 is none
    at all."""
    for name, (least, most) in LIMITS.items():
        value = getattr(tuning, name)
        if value is None or (name == "pong_seconds" and value == 0):
            continue
        if not least <= value <= most:
            raise InvalidField(name, f"seconds from {least} to {most}")
    if tuning.security_profile not in (None, *Profile):
        raise InvalidField("security_profile", "0, 1 or 2")


def owed(live: Live) -> tuple[Trigger, ...]:
    """What to ask of a station that came back for what it has not said by itself since: its boot, and its connectors.

    OCPP 2.0.1 knows the status of single connectors only (F06): each that is owed is asked for, where one is known.
    """
    since = live.online_since
    if live.connection_id is None or since is None:
        return ()
    booted = live.booted is not None and live.booted >= since
    stale = [key for key, state in live.connectors.items() if state.at < since]
    single = live.protocol_version is ProtocolVersion.OCPP201 and bool(stale)
    statuses = [Trigger(Message.STATUS, key) for key in stale] if single else [Trigger(Message.STATUS)]
    reported = bool(live.connectors) and not stale
    return (*([] if booted else [Trigger(Message.BOOT)]), *([] if reported else statuses))
