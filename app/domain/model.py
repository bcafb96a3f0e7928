"""The small types and enums of OCPI 2.1.1 as GreenFlux uses them: what every noun is made of.

Names, spellings and value sets are the wire's. One Struct serves the wire, the store and the rules; where a write may
leave something out, a `...Patch` beside it marks the absence with UNSET, which is not null.
"""

from datetime import UTC, datetime
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class DeployState(StrEnum):
    """Only Production reaches drivers; Deprecated reads REMOVED."""

    STOCK = "Stock"
    PRODUCTION = "Production"
    DEPRECATED = "Deprecated"


class ChargerType(StrEnum):
    PUBLIC = "Public"
    HOME = "Home"
    BUSINESS = "Business"


class ChargingSpeed(StrEnum):
    SLOW = "Slow"
    FAST = "Fast"
    RAPID = "Rapid"
    MIX_AC_DC = "Mix_AC_DC"
    MIX_DC = "Mix_DC"


class ConnectivityStatus(StrEnum):
    ONLINE = "Online"
    OFFLINE = "Offline"


class ProtocolVersion(StrEnum):
    OCPP15 = "Ocpp15"
    OCPP15_SOAP = "Ocpp15Soap"
    OCPP16 = "Ocpp16"
    OCPP201 = "Ocpp201"


class EvseStatus(StrEnum):
    """OCPI 2.1.1 8.4.20 Status."""

    AVAILABLE = "AVAILABLE"
    BLOCKED = "BLOCKED"
    CHARGING = "CHARGING"
    INOPERATIVE = "INOPERATIVE"
    OUTOFORDER = "OUTOFORDER"
    PLANNED = "PLANNED"
    REMOVED = "REMOVED"
    RESERVED = "RESERVED"
    UNKNOWN = "UNKNOWN"


class ParkingRestriction(StrEnum):
    """OCPI 2.1.1 8.4.16; read in any case, written in upper case."""

    EV_ONLY = "EV_ONLY"
    PLUGGED = "PLUGGED"
    DISABLED = "DISABLED"
    CUSTOMERS = "CUSTOMERS"
    MOTORCYCLES = "MOTORCYCLES"

    @classmethod
    def _missing_(cls, value: object) -> "ParkingRestriction | None":
        return cls.__members__.get(str(value).upper())


class LocationType(StrEnum):
    ON_STREET = "ON_STREET"
    PARKING_GARAGE = "PARKING_GARAGE"
    UNDERGROUND_GARAGE = "UNDERGROUND_GARAGE"
    PARKING_LOT = "PARKING_LOT"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class AccessType(StrEnum):
    PUBLIC = "PUBLIC"
    RESTRICTED = "RESTRICTED"
    PRIVATE = "PRIVATE"


class PowerType(StrEnum):
    AC_1_PHASE = "AC_1_PHASE"
    AC_3_PHASE = "AC_3_PHASE"
    DC = "DC"


class ConnectorFormat(StrEnum):
    SOCKET = "SOCKET"
    CABLE = "CABLE"


class ImageCategory(StrEnum):
    CHARGER = "CHARGER"
    ENTRANCE = "ENTRANCE"
    LOCATION = "LOCATION"
    NETWORK = "NETWORK"
    OPERATOR = "OPERATOR"
    OTHER = "OTHER"
    OWNER = "OWNER"


class AuthRuleType(StrEnum):
    CUSTOMER_EXTERNAL_ID = "CustomerExternalId"
    CLOSED_GROUPS = "ClosedGroups"
    HOME_TOKEN = "HomeToken"


class EnergySourceCategory(StrEnum):
    NUCLEAR = "NUCLEAR"
    GENERAL_FOSSIL = "GENERAL_FOSSIL"
    COAL = "COAL"
    GAS = "GAS"
    GENERAL_GREEN = "GENERAL_GREEN"
    SOLAR = "SOLAR"
    WIND = "WIND"
    WATER = "WATER"


class EnvironmentalImpactCategory(StrEnum):
    NUCLEAR_WASTE = "NUCLEAR_WASTE"
    CARBON_DIOXIDE = "CARBON_DIOXIDE"


class DisplayText(Struct, frozen=True):
    """One text in one language (ISO 639-1), at most 512 characters, no markup."""

    language: str
    text: str


class GeoLocation(Struct, frozen=True):
    """WGS84 decimal degrees, as strings like the wire has them."""

    latitude: str
    longitude: str


class Image(Struct, kw_only=True):
    url: str
    thumbnail: str | None = None
    category: ImageCategory | None = None
    type: str | None = None
    width: int | None = None
    height: int | None = None


class BusinessDetails(Struct, kw_only=True):
    name: str
    website: str | None = None
    logo: Image | None = None
    phone_number: str | None = None


class AuthRule(Struct, frozen=True):
    type: AuthRuleType
    value: str


class CustomGroup(Struct, frozen=True):
    name: str
    external_id: str | None = None


class CustomisedField(Struct, frozen=True):
    type: str
    value: str


class StatusSchedule(Struct, kw_only=True):
    period_begin: datetime
    period_end: datetime | None = None
    status: EvseStatus = EvseStatus.UNKNOWN
    status_message: str | None = None


class RegularHours(Struct, frozen=True):
    """`weekday` 1 (Monday) to 7 (Sunday); periods as hh:mm, the end later than the begin."""

    weekday: int
    period_begin: str
    period_end: str


class ExceptionalPeriod(Struct, frozen=True):
    period_begin: datetime
    period_end: datetime


class Hours(Struct, kw_only=True):
    """Opening times; no regular hours means 24/7, and `twentyfourseven` is derived from that."""

    regular_hours: list[RegularHours] | None = None
    twentyfourseven: bool | None = None
    exceptional_openings: list[ExceptionalPeriod] | None = None
    exceptional_closings: list[ExceptionalPeriod] | None = None


class EnergySource(Struct, frozen=True):
    source: EnergySourceCategory
    percentage: float


class EnvironmentalImpact(Struct, frozen=True):
    source: EnvironmentalImpactCategory
    amount: float


class EnergyMix(Struct, kw_only=True):
    """Writers send `energy_mix_profile_id` alone; the rest is read from the profile."""

    energy_mix_profile_id: str | None = None
    is_green_energy: bool | None = None
    energy_sources: list[EnergySource] = []
    environ_impact: list[EnvironmentalImpact] = []
    supplier_name: str | None = None
    energy_product_name: str | None = None


class Connector(Struct, kw_only=True):
    """`id` is the OCPP 1.6 connectorId, numbered across the station (platform-api 5.2)."""

    id: str | None = None
    standard: str | None = None
    format: ConnectorFormat | None = None
    power_type: PowerType | None = None
    voltage: int | None = None
    amperage: int | None = None
    max_electric_power: int | None = None
    tariff_id: str | None = None
    reimbursement_tariff_id: str | None = None
    terms_and_conditions: str | None = None
    last_updated: datetime | None = None


class ConnectorPatch(Struct, kw_only=True):
    """Matched by `id`; absent keys stay as they are."""

    id: str
    standard: str | None | UnsetType = UNSET
    format: ConnectorFormat | None | UnsetType = UNSET
    power_type: PowerType | None | UnsetType = UNSET
    voltage: int | None | UnsetType = UNSET
    amperage: int | None | UnsetType = UNSET
    max_electric_power: int | None | UnsetType = UNSET
    tariff_id: str | None | UnsetType = UNSET
    reimbursement_tariff_id: str | None | UnsetType = UNSET
    terms_and_conditions: str | None | UnsetType = UNSET


class Evse(Struct, kw_only=True):
    """OCPI 2.1.1 8.3.2 EVSE with the platform's `evse_sequence_number` (1-based, joins it to its template).

    `status` and `last_updated` are read-only: the live state fills them.
    """

    uid: str | None = None
    evse_id: str | None = None
    evse_sequence_number: int | None = None
    status: EvseStatus = EvseStatus.UNKNOWN
    status_schedule: list[StatusSchedule] | None = None
    capabilities: list[str] | None = None
    connectors: list[Connector] | None = None
    floor_level: str | None = None
    coordinates: GeoLocation | None = None
    physical_reference: str | None = None
    directions: list[DisplayText] | None = None
    parking_restrictions: list[ParkingRestriction] | None = None
    images: list[Image] | None = None
    last_updated: datetime | None = None


class EvsePatch(Struct, kw_only=True):
    """Matched by `uid`, else by `evse_sequence_number` (platform-api 8.5); absent keys stay as they are."""

    uid: str | None | UnsetType = UNSET
    evse_id: str | None | UnsetType = UNSET
    evse_sequence_number: int | None | UnsetType = UNSET
    status_schedule: list[StatusSchedule] | None | UnsetType = UNSET
    capabilities: list[str] | None | UnsetType = UNSET
    connectors: list[ConnectorPatch] | None | UnsetType = UNSET
    floor_level: str | None | UnsetType = UNSET
    coordinates: GeoLocation | None | UnsetType = UNSET
    physical_reference: str | None | UnsetType = UNSET
    directions: list[DisplayText] | None | UnsetType = UNSET
    parking_restrictions: list[ParkingRestriction] | None | UnsetType = UNSET
    images: list[Image] | None | UnsetType = UNSET


class ConnectorTemplate(Struct, kw_only=True):
    id: int | None = None
    amperage: int | None = None
    voltage: int | None = None
    max_electric_power: int | None = None
    standard: str | None = None
    format: ConnectorFormat | None = None
    power_type: PowerType | None = None


class EvseTemplate(Struct, kw_only=True):
    evse_sequence_number: int
    capabilities: list[str] | None = None
    connector_templates: list[ConnectorTemplate] | None = None


class HardwareTemplate(Struct, kw_only=True):
    """What a station model looks like; copied at use, never linked (platform-api 6.3)."""

    template_id: str | None = None
    name: str | None = None
    tenant_id: str | None = None
    evse_templates: list[EvseTemplate] | None = None


def utc(moment: datetime) -> datetime:
    """Whole seconds in UTC, as the wire writes them; a moment without a zone is UTC (OCPI 2.1.1 4.4)."""
    zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return zoned.replace(microsecond=0)
