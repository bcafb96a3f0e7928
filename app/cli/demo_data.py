"""What the demo shows: two invented operators around Utrecht, their places, station models, people and stations.

Streets and coordinates are real, so that maps and distances look right; operators, people and numbers are not.
"""

from typing import Any

from msgspec import Struct

from app.domain.model import (
    ChargerType,
    ConnectorFormat,
    ConnectorTemplate,
    EvseTemplate,
    HardwareTemplate,
    LocationType,
    ParkingRestriction,
    PowerType,
)
from app.domain.people import ReleaseOn

PUBLIC = "Domstad Laden"
HOMES = "Eigen Oprit"

_DUTCH = {"country_code": "NL", "language": "nl", "test_cards": ["04A1B2C3D4E5F6"]}
OPERATORS: tuple[dict[str, Any], ...] = (
    {
        "name": PUBLIC,
        "party_id": "DSL",
        "default_tariff_id": "DSL-PUBLIC-2026",
        "charger_type": ChargerType.PUBLIC,
        "support_phone": "+31 30 000 0100",
        **_DUTCH,
    },
    {
        "name": HOMES,
        "party_id": "EOP",
        "default_tariff_id": "EOP-HOME-2026",
        "charger_type": ChargerType.HOME,
        "support_phone": "+31 30 000 0200",
        "release_on": ReleaseOn.SUPPORT,
        **_DUTCH,
    },
)
"""Arguments of `create_cpo`."""

S, L, G, U = (
    LocationType.ON_STREET,
    LocationType.PARKING_LOT,
    LocationType.PARKING_GARAGE,
    LocationType.UNDERGROUND_GARAGE,
)
H = LocationType.OTHER


class Place(Struct, frozen=True):
    """One location: name, address, postal code, city, latitude, longitude, type."""

    name: str
    address: str
    postal_code: str
    city: str
    latitude: str
    longitude: str
    type: LocationType


PUBLIC_PLACES = (
    Place("Magazijn Lage Weide", "Atoomweg 60", "3542 AB", "Utrecht", "52.109480", "5.058510", LocationType.OTHER),
    Place("P+R Westraven", "Griffioenlaan 1", "3526 LA", "Utrecht", "52.062310", "5.108640", L),
    Place("Jaarbeursplein garage", "Jaarbeursplein 6", "3521 AL", "Utrecht", "52.088720", "5.106480", G),
    Place("Croeselaan", "Croeselaan 203", "3521 BN", "Utrecht", "52.084610", "5.109120", S),
    Place("Vredenburg", "Vredenburgplein 40", "3511 BH", "Utrecht", "52.092540", "5.113770", U),
    Place("Stadion Galgenwaard", "Herculesplein 241", "3584 AA", "Utrecht", "52.078280", "5.145870", L),
    Place("Science Park Padualaan", "Padualaan 97", "3584 CH", "Utrecht", "52.085760", "5.178620", G),
    Place("Maliebaan", "Maliebaan 71", "3581 CG", "Utrecht", "52.088910", "5.134880", S),
    Place("Amsterdamsestraatweg", "Amsterdamsestraatweg 432", "3551 DC", "Utrecht", "52.104690", "5.094830", S),
    Place("Biltstraat", "Biltstraat 160", "3572 BN", "Utrecht", "52.094310", "5.135690", S),
    Place("Kanaalstraat", "Kanaalstraat 117", "3531 CG", "Utrecht", "52.091790", "5.097560", S),
    Place("Hooggelegen snelladen", "Verlengde Hoogravenseweg 63", "3525 BB", "Utrecht", "52.066420", "5.122340", L),
    Place("Leidsche Rijn Centrum", "Parijsboulevard 201", "3541 CS", "Utrecht", "52.096290", "5.068030", U),
    Place("De Meern snelladen", "Rijnzathe 8", "3454 PV", "De Meern", "52.077530", "5.035010", L),
    Place("Station Vleuten", "Stationsstraat 11", "3451 BV", "Vleuten", "52.103010", "5.005020", L),
    Place("Slotlaan Zeist", "Slotlaan 25", "3701 GB", "Zeist", "52.087690", "5.238010", S),
    Place("Nieuwegein City", "Raadstede 2", "3431 HA", "Nieuwegein", "52.028930", "5.089310", G),
    Place("Het Rond Houten", "Het Rond 10", "3995 DM", "Houten", "52.034510", "5.168020", L),
    Place("Station Bilthoven", "Julianalaan 1", "3722 GC", "Bilthoven", "52.129030", "5.206040", L),
    Place("Bisonspoor Maarssen", "Bisonspoor 1202", "3605 KZ", "Maarssen", "52.135980", "5.031830", G),
)
HOME_PLACES = (
    Place(
        "Magazijn Plettenburg", "Ravenswade 54", "3439 LD", "Nieuwegein", "52.034420", "5.107830", LocationType.OTHER
    ),
    Place("Kanaalweg 58", "Kanaalweg 58", "3526 KM", "Utrecht", "52.073870", "5.104410", H),
    Place("Ramstraat 12", "Ramstraat 12", "3581 HG", "Utrecht", "52.086930", "5.137370", H),
    Place("Touwlaan 3", "Touwlaan 3", "3401 CA", "IJsselstein", "52.021570", "5.044790", H),
    Place("Dorpsstraat 40", "Dorpsstraat 40", "3981 EB", "Bunnik", "52.066690", "5.195180", H),
    Place("Traaij 88", "Traaij 88", "3971 GR", "Driebergen", "52.053640", "5.283930", H),
    Place("Hessenweg 150", "Hessenweg 150", "3731 JN", "De Bilt", "52.110120", "5.185050", H),
    Place("Leidsestraatweg 25", "Leidsestraatweg 25", "3443 BP", "Woerden", "52.088090", "4.883720", H),
    Place("Singel 9", "Singel 9", "3984 NX", "Odijk", "52.046290", "5.236140", H),
    Place("Voorstraat 61", "Voorstraat 61", "4131 LV", "Vianen", "51.991780", "5.091890", H),
)


def _plug(number: int, standard: str, kind: ConnectorFormat, watts: int, amperes: int, volts: int) -> ConnectorTemplate:
    power = PowerType.DC if volts > 400 else PowerType.AC_3_PHASE if watts > 230 * amperes else PowerType.AC_1_PHASE
    return ConnectorTemplate(
        id=number,
        standard=standard,
        format=kind,
        power_type=power,
        voltage=volts,
        amperage=amperes,
        max_electric_power=watts,
    )


RFID = ["REMOTE_START_STOP_CAPABLE", "RFID_READER"]
PAYS = [*RFID, "CREDIT_CARD_PAYABLE"]
T2, CCS, CHADEMO = "IEC_62196_T2", "IEC_62196_T2_COMBO", "CHADEMO"
SOCKET, CABLE = ConnectorFormat.SOCKET, ConnectorFormat.CABLE


def _model(
    key: str, name: str, tenant: str | None, can: list[str], *evses: list[ConnectorTemplate]
) -> HardwareTemplate:
    parts = [
        EvseTemplate(evse_sequence_number=n, capabilities=can, connector_templates=c) for n, c in enumerate(evses, 1)
    ]
    return HardwareTemplate(template_id=key, name=name, tenant_id=tenant, evse_templates=parts)


def _ac(number: int, kind: ConnectorFormat, watts: int, amperes: int) -> list[ConnectorTemplate]:
    return [_plug(number, T2, kind, watts, amperes, 230)]


def _ccs(number: int, watts: int, amperes: int) -> list[ConnectorTemplate]:
    return [_plug(number, CCS, CABLE, watts, amperes, 920)]


MODELS = (
    _model(
        "ac-twin-22", "AC twin, 2 sockets 22 kW", PUBLIC, RFID, _ac(1, SOCKET, 22_000, 32), _ac(2, SOCKET, 22_000, 32)
    ),
    _model("ac-cable-11", "AC single, cable 11 kW", None, RFID, _ac(1, CABLE, 11_000, 16)),
    _model("ac-socket-22", "AC single, socket 22 kW", None, RFID, _ac(1, SOCKET, 22_000, 32)),
    _model(
        "dc-50-ccs-chademo",
        "DC 50 kW, CCS2 and CHAdeMO",
        PUBLIC,
        RFID,
        [_plug(1, CCS, CABLE, 50_000, 125, 500), _plug(2, CHADEMO, CABLE, 50_000, 125, 500)],
    ),
    _model("dc-150-twin", "DC 150 kW twin, 2 CCS2", PUBLIC, PAYS, _ccs(1, 150_000, 300), _ccs(2, 150_000, 300)),
    _model("dc-300-twin", "DC 300 kW twin, 2 CCS2", PUBLIC, PAYS, _ccs(1, 300_000, 500), _ccs(2, 300_000, 500)),
    _model("street-light-3", "Street light, socket 3.7 kW", PUBLIC, RFID, _ac(1, SOCKET, 3_680, 16)),
    _model("wallbox-7", "Home wallbox, cable 7.4 kW", HOMES, RFID, _ac(1, CABLE, 7_360, 32)),
)

HARDWARE = {
    "ac-twin-22": ("Vecht Energie", "Duo 22", "3.2.1"),
    "ac-cable-11": ("Vecht Energie", "Solo 11C", "3.2.1"),
    "ac-socket-22": ("Vecht Energie", "Solo 22", "3.2.1"),
    "dc-50-ccs-chademo": ("Noordstroom", "Rapid 50", "1.18.0"),
    "dc-150-twin": ("Noordstroom", "Hyper 150", "2.4.3"),
    "dc-300-twin": ("Noordstroom", "Hyper 300", "2.4.3"),
    "street-light-3": ("Lantaarn Laden", "Mast 3", "1.0.9"),
    "wallbox-7": ("Vecht Energie", "Thuis 7", "5.0.2"),
}
"""Vendor, model and firmware that a station of this template says at its boot."""


class Worker(Struct, frozen=True):
    """One of the people: name, phone number, CPOs."""

    name: str
    phone: str
    cpo_ids: tuple[str, ...]


INSTALLER = Worker("Sanne Visser", "+31 6 0000 0101", (PUBLIC, HOMES))
DESK = Worker("Joost Hendriks", "+31 6 0000 0102", ())
"""Whom the links of a demo sign in: the same two at every start, so that their work is theirs again."""

SUPPORT = Worker("Marjan de Groot", "+31 6 0000 0103", (PUBLIC, HOMES))
INSTALLERS = (
    INSTALLER,
    Worker("Bram Kuipers", "+31 6 0000 0104", (PUBLIC,)),
    Worker("Fatima El Idrissi", "+31 6 0000 0105", (PUBLIC, HOMES)),
    Worker("Kees van Dam", "+31 6 0000 0106", (HOMES,)),
)


class Text(Struct, frozen=True):
    nl: str
    en: str


DIRECTIONS = (
    Text("Rechts naast de ingang, bij de fietsenstalling.", "To the right of the entrance, by the bicycle stands."),
    Text("Achterste rij, tegenover de betaalautomaat.", "Last row, opposite the ticket machine."),
    Text("Aan de waterkant, tussen de twee bomen.", "On the water side, between the two trees."),
    Text("Voor nummer 71, aan de kant van het park.", "In front of number 71, on the park side."),
    Text("Eerste verdieping, vak B, naast de lift.", "First floor, section B, next to the lift."),
    Text("Volg de borden Laden; het laatste vak is het breedst.", "Follow the Charging signs; the last bay is widest."),
)
HOME_DIRECTIONS = Text("Op de oprit, links van de garagedeur.", "On the drive, to the left of the garage door.")
RESTRICTIONS = ((ParkingRestriction.EV_ONLY,), (ParkingRestriction.EV_ONLY, ParkingRestriction.PLUGGED), ())

UNMADE = ("DSL-AC-0141", "DSL-AC-0142", "DSL-DC-0031", "EOP-10431")
"""Ids with a label whose stations nobody has put up yet. The last one's label is the last thing the demo makes."""
