"""Every way in which a request can be refused, on one page.

Each class has a stable `code`; each edge maps classes to its own answer once (envelope, problem, CALLERROR, notice) and
a test fails on a class that an edge forgot. `message` is plain English naming the field or the thing; the phone and the
desk translate by `code` and fill in `detail`.

    StationlinkError
    +- Invalid               the input is wrong
    |  +- Malformed          +- MissingField        +- InvalidField
    |  +- UnreadableCode     +- InvalidCode (join)
    +- NotFound              no such thing for you (foreign is the same as unknown)
    |  +- UnknownStation     +- UnknownLocation     +- UnknownTemplate    +- UnknownCpo
    |  +- UnknownCommissioning  +- UnknownLabel     +- UnknownPerson      +- UnknownInvite
    |  +- UnknownSubscription  +- UnknownRequest    +- UnknownSession     +- UnknownKnock
    |  +- UnknownCustomer
    +- Refused               understood, and not now or not like this
    |  +- StationExists +- LocationExists +- CpoExists +- CustomerExists +- PartyTaken +- EtagMismatch
    |  +- PlatformInUse +- PlatformSetsPassword +- TokenRefused +- TokenOfOthers
    |  +- ChangedMeanwhile +- OperationReused
    |  +- BegunByOther +- InProduction +- CommissioningClosed +- ChecksOpen +- FindingsOpen +- HardwareFirst
    |  +- LocationFirst
    |  +- StationWasOnline +- CannotAdopt
    |  +- MayNotCreate +- NotYours +- PasswordInUse +- StationOffline +- StationInUse +- TrialRunning +- OtherCpo
    |  +- CommandRunning +- RequestOver +- NotSupported
    +- Denied                who are you, and may you
    |  +- NotSignedIn        +- NotAllowed          +- TooManyTries        +- TooManyRequests
    |  |  +- KeyExpired                                                    |  +- TooManyCommands
    +- Unavailable           try again later: RevConflict, StoreUnavailable, WaitsForEarlier,
       PlatformUnavailable  +- PlatformKeyRefused  +- PlatformBusy
"""

from typing import Any, ClassVar


class StationlinkError(Exception):
    code: ClassVar[str] = "error"

    def __init__(self, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class Invalid(StationlinkError):
    code = "invalid"


class MissingField(Invalid):
    code = "missing_field"

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} not provided, and is a required field", field=field)


class InvalidField(Invalid):
    code = "invalid_field"

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field} is not valid: expected {expected}", field=field, expected=expected)


class Malformed(Invalid):
    """The body is not JSON at all."""

    code = "malformed"


class UnreadableCode(Invalid):
    code = "unreadable_code"


class InvalidCode(Invalid):
    """The 6-digit code or join link is wrong, used or too old."""

    code = "invalid_code"


class NotFound(StationlinkError):
    code = "not_found"


class UnknownStation(NotFound):
    code = "unknown_station"

    def __init__(self, charge_station_id: str) -> None:
        super().__init__(f"charge station {charge_station_id} is not known", charge_station_id=charge_station_id)


class UnknownLocation(NotFound):
    code = "unknown_location"

    def __init__(self, location_id: str) -> None:
        super().__init__(f"location {location_id} is not known", location_id=location_id)


class UnknownTemplate(NotFound):
    code = "unknown_template"

    def __init__(self, template_id: str) -> None:
        super().__init__(f"hardware template {template_id} is not known", template_id=template_id)


class UnknownCpo(NotFound):
    code = "unknown_cpo"

    def __init__(self, cpo_id: str) -> None:
        super().__init__(f"CPO {cpo_id} is not known", cpo_id=cpo_id)


class UnknownCustomer(NotFound):
    code = "unknown_customer"

    def __init__(self, cpo_id: str, external_id: str) -> None:
        said = f"customer {external_id} of {cpo_id} is not known"
        super().__init__(said, cpo_id=cpo_id, external_id=external_id)


class UnknownCommissioning(NotFound):
    code = "unknown_commissioning"


class UnknownLabel(NotFound):
    code = "unknown_label"


class UnknownPerson(NotFound):
    code = "unknown_person"


class UnknownInvite(NotFound):
    code = "unknown_invite"


class UnknownSubscription(NotFound):
    code = "unknown_subscription"


class UnknownRequest(NotFound):
    """A command that nobody asked for, or whose result is not kept any more."""

    code = "unknown_request"


class UnknownSession(NotFound):
    """No charging session has this number, or it is over."""

    code = "unknown_session"


class UnknownKnock(NotFound):
    """A connection attempt that is not kept any more, or is another CPO's."""

    code = "unknown_knock"


class Refused(StationlinkError):
    code = "refused"


class StationExists(Refused):
    code = "station_exists"

    def __init__(self, charge_station_id: str) -> None:
        super().__init__(f"charge_station_id {charge_station_id} exists already", charge_station_id=charge_station_id)


class LocationExists(Refused):
    code = "location_exists"

    def __init__(self, location_id: str) -> None:
        super().__init__(f"id {location_id} exists already", location_id=location_id)


class CpoExists(Refused):
    code = "cpo_exists"

    def __init__(self, cpo_id: str) -> None:
        super().__init__(f"CPO {cpo_id} exists already", cpo_id=cpo_id)


class CustomerExists(Refused):
    code = "customer_exists"

    def __init__(self, cpo_id: str, external_id: str) -> None:
        said = f"external_id {external_id} exists already at {cpo_id}"
        super().__init__(said, cpo_id=cpo_id, external_id=external_id)


class PartyTaken(Refused):
    """Another CPO has this party id in this country; `party` is like NL-ABC."""

    code = "party_taken"

    def __init__(self, cpo_id: str, party: str) -> None:
        super().__init__(f"{party} belongs to {cpo_id}", cpo_id=cpo_id, party=party, field="party")


class PlatformInUse(Refused):
    """A CPO cannot change its platform while something of it stands on the one it has."""

    code = "platform_in_use"

    def __init__(self, cpo_id: str, **counts: int) -> None:
        told = ", ".join(f"{count} {noun}" for noun, count in counts.items() if count)
        super().__init__(f"{cpo_id} cannot change its platform: it has {told} there", field="platform", **counts)


class TokenRefused(Refused):
    """The platform does not know the token, or the token does not open these modules."""

    code = "token_refused"

    def __init__(self, modules: list[str]) -> None:
        super().__init__(
            f"the platform does not let this token read {', '.join(modules)}", field="token", modules=modules
        )


class TokenOfOthers(Refused):
    """The token opens other CPOs and not this one, whose id is its name, letter for letter."""

    code = "token_of_others"

    def __init__(self, cpo_id: str, cpos: list[str]) -> None:
        said = f"this token does not open {cpo_id}; it opens {', '.join(cpos)}"
        super().__init__(said, field="token", cpo_id=cpo_id, cpos=cpos)


class EtagMismatch(Refused):
    """`current` is the stored object as its wire bytes, so that the edge can show it."""

    code = "etag_mismatch"

    def __init__(self, noun: str, current: bytes) -> None:
        super().__init__(f"etag does not match the current version of the {noun}")
        self.current = current


class ChangedMeanwhile(Refused):
    """Somebody else changed the same field; `detail` has field, yours, theirs."""

    code = "changed_meanwhile"


class OperationReused(Refused):
    code = "operation_reused"


class BegunByOther(Refused):
    """`detail` has commissioning_id, begun_by (person id), begun_at, done, total."""

    code = "begun_by_other"


class InProduction(Refused):
    """The station is in use by drivers or was handed over; `detail` says where, who, when."""

    code = "in_production"


class CommissioningClosed(Refused):
    code = "commissioning_closed"


class ChecksOpen(Refused):
    """Hand-over with open checks; `detail.checks` lists their keys."""

    code = "checks_open"


class FindingsOpen(Refused):
    """The operator wants every severe difference resolved before the hand-over; `detail.findings` has their kinds."""

    code = "findings_open"


class HardwareFirst(Refused):
    code = "hardware_first"


class LocationFirst(Refused):
    code = "location_first"


class MayNotCreate(Refused):
    """The CPO does not let installers create stations (or locations)."""

    code = "may_not_create"


class NotYours(Refused):
    """Another person has taken the commissioning over."""

    code = "not_yours"


class StationWasOnline(Refused):
    """It has connected under its id, so that is the right one: nothing is corrected any more."""

    code = "station_was_online"


class CannotAdopt(Refused):
    """What knocked cannot become a station here: its id is none, or stations of this CPO connect elsewhere."""

    code = "cannot_adopt"


class PasswordInUse(Refused):
    """The station has booted with its password; only the desk may change it now."""

    code = "password_in_use"


class PlatformSetsPassword(Refused):
    """The station connects to a vendor's platform, which makes its password."""

    code = "platform_sets_password"


class StationOffline(Refused):
    code = "station_offline"


class StationInUse(Refused):
    code = "station_in_use"


class TrialRunning(Refused):
    code = "trial_running"


class CommandRunning(Refused):
    """Another command to this station has no outcome yet; none waits in line."""

    code = "command_running"


class RequestOver(Refused):
    """The installer's word on a command came too late, or was given before."""

    code = "request_over"


class NotSupported(Refused):
    """The platform API has a name for it and we do not do it."""

    code = "not_supported"


class OtherCpo(Refused):
    """A station cannot move to a location of another CPO."""

    code = "other_cpo"


class Denied(StationlinkError):
    code = "denied"


class NotSignedIn(Denied):
    code = "not_signed_in"


class KeyExpired(NotSignedIn):
    """The key of a subscription was good once: its last day is over, or a new key took its place."""

    code = "key_expired"


class NotAllowed(Denied):
    code = "not_allowed"


class TooManyTries(Denied):
    code = "too_many_tries"


class TooManyRequests(Denied):
    """A subscription's rate is used up; `detail.retry_after` has the seconds."""

    code = "too_many_requests"


class TooManyCommands(TooManyRequests):
    """One station was sent as many commands as it may get in a minute; `detail.retry_after` has the seconds."""

    code = "too_many_commands"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many commands to this station: wait {retry_after} s", retry_after=retry_after)


class Unavailable(StationlinkError):
    code = "unavailable"


class RevConflict(Unavailable):
    """Another writer was faster: read again, run the rule again."""

    code = "rev_conflict"


class StoreUnavailable(Unavailable):
    code = "store_unavailable"


class WaitsForEarlier(Unavailable):
    """Something before it, on the same commissioning, could not be done yet."""

    code = "waits_for_earlier"


class PlatformUnavailable(Unavailable):
    """No answer, or none of its API: what was asked may have been done all the same."""

    code = "platform_unavailable"


class PlatformKeyRefused(PlatformUnavailable):
    """The CPO's token has expired, or does not open a module any more. Nothing was done."""

    code = "platform_key_refused"


class PlatformBusy(PlatformUnavailable):
    """It asks us to slow down. Nothing was done; `detail.retry_after` has the seconds."""

    code = "platform_busy"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"the platform asks us to slow down for {retry_after} s", retry_after=retry_after)
