"""What a station of some model should say of itself: its maker, its model, and how it is configured."""

from enum import StrEnum

from msgspec import Struct


class About(StrEnum):
    """What a key of a configuration is about."""

    INTERVAL = "interval"
    CURRENT_LIMIT = "current_limit"
    SETTING = "setting"


class ExpectedKey(Struct, kw_only=True, frozen=True):
    """One key with the value it should have, or its bounds. `may_fix`: an installer may have it written.

    A `secret` one is only ever written, and its value is in no evidence.
    """

    key: str
    value: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    about: About = About.SETTING
    may_fix: bool = True
    secret: bool = False


class Expectation(Struct, kw_only=True):
    """What is known of the stations behind one hardware template; None and empty is what nobody has said.

    `vendors` and `models` are what BootNotification may say, compared without case and spaces.
    """

    template_id: str
    cpo_id: str
    vendors: list[str] = []
    models: list[str] = []
    keys: list[ExpectedKey] = []
