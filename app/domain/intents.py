"""What is being done on a vendor's platform, written down before it is asked for, so that it is done once.

Nothing there is done in one transaction with ours. After an answer that was lost, what was meant is compared with what
is there before anything is repeated.
"""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct


class Aim(StrEnum):
    CREATE_LOCATION = "create_location"
    EDIT_LOCATION = "edit_location"
    CREATE_STATION = "create_station"
    EDIT_STATION = "edit_station"
    APPLY_TEMPLATE = "apply_template"


class RemoteIntent(Struct, kw_only=True):
    """One operation's write; its id is the operation's, `key` the id of the station or location.

    `body` is what is sent, `received` the object before it as it came (null: there was none), `before` the same in our
    form, and `along` the rest of the operation, to be committed with the answer. Until `until` it is in the hands of
    the server `holder`, where several share a database.
    """

    id: str
    cpo_id: str
    aim: Aim
    key: str
    body: msgspec.Raw
    received: msgspec.Raw = msgspec.Raw(b"null")
    before: msgspec.Raw = msgspec.Raw(b"null")
    along: msgspec.Raw = msgspec.Raw(b"null")
    made: datetime
    holder: str = ""
    until: datetime | None = None


class LocationAlias(Struct, kw_only=True):
    """A platform gave a location another id than the one that the phone made; `id` is the CPO with that one."""

    id: str
    cpo_id: str
    location_id: str


def alias_key(cpo_id: str, location_id: str) -> str:
    return f"{cpo_id}|{location_id.lower()}"
