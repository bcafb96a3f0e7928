"""What can be asked of a connected station, in words of no OCPP version but translated to each; and what came of it."""

from enum import StrEnum

from msgspec import Struct


class Message(StrEnum):
    """What a station can be asked to say again."""

    BOOT = "boot"
    STATUS = "status"
    HEARTBEAT = "heartbeat"
    METER = "meter"


class Reset(Struct, frozen=True, tag=True):
    """`hard` cuts the power of the controller, else it restarts its software (OCPP 1.6 5.14); 2.0.1 has one way to do
    it at once (B12)."""

    hard: bool = False


class Trigger(Struct, frozen=True, tag=True):
    """Say this message again, now (OCPP 1.6 5.17; 2.0.1 F06). Without a connector: of the whole station."""

    message: Message
    connector: str | None = None


class GetConfiguration(Struct, frozen=True, tag=True):
    """Read these keys, or all (OCPP 1.6 5.8; 2.0.1 B06, where a key is written `Component.Variable`)."""

    keys: tuple[str, ...] = ()


class ChangeConfiguration(Struct, frozen=True, tag=True):
    """Write one key (OCPP 1.6 5.3; 2.0.1 B05). The value of a `secret` one is in no evidence and no log."""

    key: str
    value: str
    secret: bool = False


class Unlock(Struct, frozen=True, tag=True):
    """Open the lock of a socket (OCPP 1.6 5.18; 2.0.1 F05). It ends what charges there."""

    connector: str


class Start(Struct, frozen=True, tag=True):
    """Begin to charge with this card (OCPP 1.6 5.11; 2.0.1 F01, F02)."""

    connector: str
    id_tag: str


class Stop(Struct, frozen=True, tag=True):
    """End a transaction by our number for it (OCPP 1.6 5.12), or by the station's own id (2.0.1 F03).

    `charging.stop_of` makes it of a Transaction.
    """

    transaction_id: int
    station_transaction_id: str | None = None


Command = Reset | Trigger | GetConfiguration | ChangeConfiguration | Unlock | Start | Stop
"""A `connector` is the key of `Live.connectors`: "1" is connectorId 1 of OCPP 1.6, "2.1" is connector 1 of EVSE 2 of
2.0.1."""


class CommandState(StrEnum):
    """The one outcome of a command: the station's answer, or why there is none."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_IMPLEMENTED = "not_implemented"
    ERROR = "error"
    TIMEOUT = "timeout"
    OFFLINE = "offline"


ANSWERED = frozenset({CommandState.ACCEPTED, CommandState.REJECTED, CommandState.NOT_IMPLEMENTED, CommandState.ERROR})
"""Outcomes that prove that the station hears us: a refusal is an answer too."""


class ConfigurationKey(Struct, frozen=True):
    """One line of a station's configuration; a value of None is one that it keeps to itself."""

    key: str
    value: str | None
    readonly: bool = False


class CommandOutcome(Struct, frozen=True, kw_only=True):
    """`status` is the station's own word, `raw` the CALL and the answer as they went over the wire, for those who want
    to see. `configuration` and `unknown` are what GetConfiguration found and what it did not.

    A TIMEOUT or OFFLINE without `raw` never went out: the station had not booted, or was gone, until the time was over.
    """

    state: CommandState
    status: str | None = None
    raw: tuple[str, ...] = ()
    configuration: tuple[ConfigurationKey, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def never_sent(self) -> bool:
        return self.state in (CommandState.TIMEOUT, CommandState.OFFLINE) and not self.raw
