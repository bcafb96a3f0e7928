"""How virtual stations behave: what real ones get wrong, as data, each to be shown by hand (connectivity.md 2).

`shows` is one line for people: what the phone and the desk have to say about such a station.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

ABSURD_CONNECTOR = 1_634_030_126


class Hearing(StrEnum):
    """What becomes of a CALL that the station gets."""

    ANSWERS = "answers"
    DEAF = "deaf"
    REFUSES = "refuses"
    LATE = "late"


class Leaving(StrEnum):
    """What the station does with its connection after `stays` seconds."""

    STAYS = "stays"
    CLOSES = "closes"
    FREEZES = "freezes"
    DIALS_AGAIN = "dials again"


def _bytes(password: str) -> bytes | None:
    return password.encode()


@dataclass(frozen=True)
class Behaviour:
    """One way to behave; the defaults are those of a good station.

    `boots` and `speaks`: by itself; `pongs`: answers pings; `credentials` makes of the right password what is sent, and
    `suffix` stands behind the right id; `hops`: between the OCPP versions; `extra` are connectors beyond those it has;
    `mirrored` sockets answer for one another; `load`: the meter rises; `clock` is how far its own is ahead, `zone`
    whether it says which; `resets` and `returns` after a Reset.
    """

    shows: str
    boots: bool = True
    speaks: bool = True
    hears: Hearing = Hearing.ANSWERS
    pongs: bool = True
    leaves: Leaving = Leaving.STAYS
    stays: float = 3.0
    credentials: Callable[[str], bytes | None] = _bytes
    suffix: str = ""
    subprotocols: tuple[str, ...] | None = None
    hops: bool = False
    plate: dict[str, str] = field(default_factory=dict)
    extra: tuple[int, ...] = ()
    mirrored: bool = False
    load: bool = True
    clock: timedelta = timedelta(0)
    zone: bool = True
    resets: bool = True
    returns: bool = True


BEHAVIOURS: dict[str, Behaviour] = {
    "normal": Behaviour("online: boots, reports its sockets, beats, does what it is asked"),
    "silent": Behaviour("connected, and says nothing until it is asked to", boots=False, speaks=False),
    "noboot": Behaviour("connected and talking, but no BootNotification until it is asked for one", boots=False),
    "deaf": Behaviour("online, and every command times out", hears=Hearing.DEAF),
    "refusing": Behaviour("online, and answers every command with NotSupported", hears=Hearing.REFUSES),
    "late": Behaviour("online, and answers a command when nobody waits for it any more", hears=Hearing.LATE),
    "flapping": Behaviour("comes and goes every few seconds", leaves=Leaving.CLOSES),
    "half-open": Behaviour(
        "online, then without power: offline when a ping fails, for no goodbye ever comes", leaves=Leaving.FREEZES
    ),
    "ghost": Behaviour("dials again while its old socket seems open: replaced", leaves=Leaving.DIALS_AGAIN),
    "never-pong": Behaviour("answers no ping: lost again and again, until that is noted here", pongs=False),
    "wrong-password": Behaviour("refused: the password is wrong", credentials=lambda right: right.encode() + b"x"),
    "hex-password": Behaviour(
        "refused: the password was typed as hexadecimal", credentials=lambda right: right.encode().hex().encode()
    ),
    "no-password": Behaviour("refused: no password is set in the station", credentials=lambda right: None),
    "wrong-id": Behaviour("refused: nobody has this id, and which one is near it", suffix="-X"),
    "wrong-protocol": Behaviour("refused: it offers no subprotocol that is known here", subprotocols=("ocpp1.5",)),
    "no-protocol": Behaviour("refused: it offers no subprotocol at all", subprotocols=()),
    "hopping": Behaviour(
        "speaks the other OCPP version each time it connects", hops=True, leaves=Leaving.CLOSES, stays=5.0
    ),
    "wrong-model": Behaviour(
        "online, and its type plate is not the model's", plate={"vendor": "Somebody Else", "model": "Another 22"}
    ),
    "long-serial": Behaviour("online, with a serial longer than the standard allows", plate={"serial": "S" * 33}),
    "extra-connector": Behaviour(
        "online, with connectors that the model has not, one of them absurd", extra=(1, ABSURD_CONNECTOR)
    ),
    "swapped": Behaviour("online, and the left socket answers for the right one", mirrored=True),
    "no-load": Behaviour("charges, and its meter does not rise", load=False),
    "wrong-clock": Behaviour("online, its clock two hours ahead, without a zone", clock=timedelta(hours=2), zone=False),
    "no-reset": Behaviour("accepts a restart and does not go", resets=False),
    "no-return": Behaviour("goes at a restart and does not come back", returns=False),
}
