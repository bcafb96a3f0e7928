"""The location: its Struct as GreenFlux's `GcpiLocation` has it, its write variants, and its rules.

Stored without EVSEs; a read joins those of all its stations, Stock too.
"""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from app.domain.model import (
    AccessType,
    AuthRule,
    BusinessDetails,
    CustomGroup,
    CustomisedField,
    DisplayText,
    EnergyMix,
    Evse,
    GeoLocation,
    Hours,
    LocationType,
)


class LocationMaster(Struct, kw_only=True):
    """A location as it is stored (platform-api 7.2), without `evses` and `last_updated`, which are joined."""

    id: str
    cpo_id: str
    cpo_customer_external_id: str | None = None
    type: LocationType | None = LocationType.UNKNOWN
    publish: bool | None = False
    access_type: AccessType | None = AccessType.PRIVATE
    name: str
    address: str
    address_line_2: str | None = None
    city: str
    postal_code: str
    country: str
    coordinates: GeoLocation | None = None
    directions: list[DisplayText] = []
    facilities: list[str] = []
    auth_rules: list[AuthRule] = []
    opening_times: Hours | None = None
    energy_mix: EnergyMix | None = None
    payment_provider: str | None = None
    wallet_id: str | None = None
    custom_groups: list[CustomGroup] = []
    maintenance_info: str | None = None
    remarks: str | None = None
    customised_fields: list[CustomisedField] = []
    etag: str | None = None
    operator: BusinessDetails | None = None
    suboperator: BusinessDetails | None = None
    owner: BusinessDetails | None = None
    time_zone: str | None = None
    charging_when_closed: bool | None = None
    created_by: str | None = "Not Provided"
    modified_by: str | None = "Not Provided"
    created: datetime
    modified: datetime | None = None


class Location(LocationMaster, kw_only=True):
    """The whole location as GET returns it. `last_updated`: the location or any of its EVSEs, statuses apart."""

    evses: list[Evse] = []
    last_updated: datetime | None = None


class LocationDraft(Struct, kw_only=True):
    """What POST, PUT and PATCH share; absent is UNSET."""

    id: str | None | UnsetType = UNSET
    cpo_id: str | None | UnsetType = UNSET
    cpo_customer_external_id: str | None | UnsetType = UNSET
    type: LocationType | None | UnsetType = UNSET
    publish: bool | None | UnsetType = UNSET
    access_type: AccessType | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    address: str | None | UnsetType = UNSET
    address_line_2: str | None | UnsetType = UNSET
    city: str | None | UnsetType = UNSET
    postal_code: str | None | UnsetType = UNSET
    country: str | None | UnsetType = UNSET
    coordinates: GeoLocation | None | UnsetType = UNSET
    directions: list[DisplayText] | None | UnsetType = UNSET
    facilities: list[str] | None | UnsetType = UNSET
    auth_rules: list[AuthRule] | None | UnsetType = UNSET
    opening_times: Hours | None | UnsetType = UNSET
    energy_mix: EnergyMix | None | UnsetType = UNSET
    payment_provider: str | None | UnsetType = UNSET
    wallet_id: str | None | UnsetType = UNSET
    custom_groups: list[CustomGroup] | None | UnsetType = UNSET
    maintenance_info: str | None | UnsetType = UNSET
    remarks: str | None | UnsetType = UNSET
    customised_fields: list[CustomisedField] | None | UnsetType = UNSET


class PostLocation(LocationDraft, kw_only=True):
    """Create: `id` may be made by the caller (the phone does), else the server makes a GUID."""


class PutLocation(LocationDraft, kw_only=True):
    """Replace: needs the etag; optional fields left out are cleared."""

    etag: str | None | UnsetType = UNSET


class PatchLocation(LocationDraft, kw_only=True):
    """Merge: only what is there changes; the etag is optional and enforced when sent."""

    etag: str | None | UnsetType = UNSET
