"""CPOs, the people who work for them, their devices and invitations, and machine subscriptions.

Facts carry person ids, never names, so that a person can be forgotten. Secrets (codes, tokens, keys) are stored as
keyed digests only.
"""

import hmac
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from app.domain.model import BusinessDetails, ChargerType
from app.domain.trials import TrialKind


class Role(StrEnum):
    INSTALLER = "installer"
    SUPPORT = "support"
    ADMIN = "admin"


class ReleaseOn(StrEnum):
    """What puts a handed-over station on drivers' maps."""

    HAND_OVER = "hand_over"
    SUPPORT = "support"


class CheckKind(StrEnum):
    """The first five are answered by doing them; the others are a CPO's own policy."""

    LOCATION = "location"
    HARDWARE = "hardware"
    TEXTS = "texts"
    ONLINE = "online"
    TESTS = "tests"
    YES_NO = "yes_no"
    TEXT = "text"
    READING = "reading"
    PHOTO = "photo"


class CheckSpec(Struct, kw_only=True, frozen=True):
    """One line that a CPO's policy adds to the checklist. `minimum` and `maximum` bound a reading in `unit`."""

    key: str
    kind: CheckKind
    label: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None


class Access(Struct, kw_only=True, frozen=True):
    """What a token opened when it was tried: chargestations, locations, templates, and remotecommands where it may."""

    modules: list[str]
    checked: datetime


class Cpo(Struct, kw_only=True):
    """A charge point operator. `cpo_id` is its name, case-sensitive (platform-api 5.7); `country_code` alpha-2.

    `language` is ISO 639-1, `time_zone` a name of the IANA database.
    `platform` is builtin, acceptance, production or the address of one, whose stations connect to `platform_ocpp_url`.
    With `platform_patches_evses` it takes EVSEs in a PATCH, which the published API does not.
    `sealed_tokens` has its tokens by environment, encrypted; no edge and no command ever shows them. `access` tells,
    by environment too, what they open.
    `required_trials` are what the check of the tests asks for; empty is any one of them. With `accepts_no_load` a
    charge that drew nothing passes; with `findings_block` a severe finding has to be resolved before the hand-over.
    """

    cpo_id: str
    country_code: str
    party_id: str
    name: str
    country: str = "NLD"
    language: str = "en"
    time_zone: str = "Europe/Amsterdam"
    default_tariff_id: str
    charger_type: ChargerType
    operator: BusinessDetails | None = None
    support_phone: str | None = None
    platform: str = "builtin"
    platform_ocpp_url: str | None = None
    platform_patches_evses: bool = False
    sealed_tokens: dict[str, str] = {}
    access: dict[str, Access] = {}
    may_create_stations: bool = True
    may_create_locations: bool = True
    release_on: ReleaseOn = ReleaseOn.HAND_OVER
    extra_checks: list[CheckSpec] = []
    required_trials: list[TrialKind] = []
    accepts_no_load: bool = False
    findings_block: bool = False
    test_cards: list[str] = []
    created: datetime


class Person(Struct, kw_only=True):
    """Somebody who works for one or several CPOs. A forgotten person keeps the id and loses everything else."""

    id: str
    name: str
    phone: str | None = None
    role: Role
    cpo_ids: list[str]
    language: str = "en"
    created: datetime
    disabled: bool = False


class Invite(Struct, kw_only=True):
    """A single-use way in: a link (`link_digest`) or a 6-digit code (`code_digest`), until `expires` or `used_at`.

    `person_id` is somebody known whom the inviter means; without it whoever joins is somebody new.
    """

    id: str
    role: Role
    cpo_ids: list[str]
    name: str | None = None
    phone: str | None = None
    person_id: str | None = None
    link_digest: str
    code_digest: str
    created: datetime
    created_by: str | None = None
    expires: datetime
    used_at: datetime | None = None
    used_by: str | None = None


class Device(Struct, kw_only=True):
    """One signed-in browser. The key is the digest of its cookie."""

    digest: str
    id: str
    person_id: str
    name: str
    created: datetime
    seen: datetime
    revoked_at: datetime | None = None


class Subscription(Struct, kw_only=True):
    """Machine access to the platform API. `modules` maps those of `domain.subscriptions` to a subset of 'rwd'.

    `expires` is the last day (UTC) on which it opens anything. `per_minute` bounds its requests: 0 not at all, None as
    the setting says. A key that was replaced is good until `previous_until`.
    """

    id: str
    key_digest: str
    previous_digest: str | None = None
    previous_until: datetime | None = None
    name: str
    cpo_ids: list[str]
    modules: dict[str, str]
    expires: date | None = None
    per_minute: int | None = None
    created: datetime
    revoked_at: datetime | None = None


class SubscriptionUse(Struct, kw_only=True):
    """When a subscription was used last, to the minute; apart from it, for this is written by using it."""

    id: str
    used: datetime


class Actor(Struct, frozen=True, kw_only=True):
    """Who does something, by what, and for which CPOs: the scope that every port checks.

    `cpo_ids` None is this process itself (command line, OCPP listener): it sees all.
    """

    person_id: str | None = None
    device_id: str | None = None
    subscription_id: str | None = None
    name: str = "system"
    role: Role | None = None
    cpo_ids: frozenset[str] | None = frozenset()

    def covers(self, cpo_id: str) -> bool:
        return self.cpo_ids is None or cpo_id in self.cpo_ids


SYSTEM = Actor(cpo_ids=None)


def actor_for(person: Person, device_id: str | None = None) -> Actor:
    """The person as an actor; an admin without named CPOs is the admin of the whole installation."""
    everything = person.role is Role.ADMIN and not person.cpo_ids
    return Actor(
        person_id=person.id,
        device_id=device_id,
        name=person.name,
        role=person.role,
        cpo_ids=None if everything else frozenset(person.cpo_ids),
    )


def keyed_digest(key: bytes, secret: str | bytes) -> str:
    """HMAC-SHA256 as 64 hex digits: cheap on purpose, so that a reconnect storm of stations can be let in.

    Only for secrets of our own making (long, random); the key stands in no database.
    """
    message = secret.encode() if isinstance(secret, str) else secret
    return hmac.digest(key, message, "sha256").hex()
