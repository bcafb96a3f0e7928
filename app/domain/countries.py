"""ISO 3166-1: the platform writes a CPO's country in two letters and a location's in three (platform-api 5.7)."""

from app.domain.errors import InvalidField

_PAIRS = (
    "AD:AND AL:ALB AM:ARM AT:AUT AU:AUS AZ:AZE BA:BIH BE:BEL BG:BGR BR:BRA BY:BLR CA:CAN CH:CHE CN:CHN CY:CYP "
    "CZ:CZE DE:DEU DK:DNK EE:EST ES:ESP FI:FIN FO:FRO FR:FRA GB:GBR GE:GEO GI:GIB GL:GRL GR:GRC HR:HRV HU:HUN "
    "IE:IRL IL:ISR IN:IND IS:ISL IT:ITA JP:JPN KR:KOR LI:LIE LT:LTU LU:LUX LV:LVA MA:MAR MC:MCO MD:MDA ME:MNE "
    "MK:MKD MT:MLT MX:MEX NL:NLD NO:NOR NZ:NZL PL:POL PT:PRT RO:ROU RS:SRB SE:SWE SI:SVN SK:SVK SM:SMR TR:TUR "
    "UA:UKR US:USA VA:VAT XK:XKX ZA:ZAF"
)

_LANGUAGES = (
    "AT:de BE:nl CH:de CZ:cs DE:de DK:da EE:et ES:es FI:fi FR:fr GR:el HR:hr HU:hu IS:is IT:it LI:de LT:lt LU:fr "
    "LV:lv MC:fr NL:nl NO:no PL:pl PT:pt RO:ro SE:sv SI:sl SK:sk SM:it"
)

_ZONES = (
    "AD:Europe/Andorra AL:Europe/Tirane AM:Asia/Yerevan AT:Europe/Vienna AU:Australia/Sydney AZ:Asia/Baku "
    "BA:Europe/Sarajevo BE:Europe/Brussels BG:Europe/Sofia BR:America/Sao_Paulo BY:Europe/Minsk CA:America/Toronto "
    "CH:Europe/Zurich CN:Asia/Shanghai CY:Asia/Nicosia CZ:Europe/Prague DE:Europe/Berlin DK:Europe/Copenhagen "
    "EE:Europe/Tallinn ES:Europe/Madrid FI:Europe/Helsinki FO:Atlantic/Faroe FR:Europe/Paris GB:Europe/London "
    "GE:Asia/Tbilisi GI:Europe/Gibraltar GL:America/Nuuk GR:Europe/Athens HR:Europe/Zagreb HU:Europe/Budapest "
    "IE:Europe/Dublin IL:Asia/Jerusalem IN:Asia/Kolkata IS:Atlantic/Reykjavik IT:Europe/Rome JP:Asia/Tokyo "
    "KR:Asia/Seoul LI:Europe/Vaduz LT:Europe/Vilnius LU:Europe/Luxembourg LV:Europe/Riga MA:Africa/Casablanca "
    "MC:Europe/Monaco MD:Europe/Chisinau ME:Europe/Podgorica MK:Europe/Skopje MT:Europe/Malta MX:America/Mexico_City "
    "NL:Europe/Amsterdam NO:Europe/Oslo NZ:Pacific/Auckland PL:Europe/Warsaw PT:Europe/Lisbon RO:Europe/Bucharest "
    "RS:Europe/Belgrade SE:Europe/Stockholm SI:Europe/Ljubljana SK:Europe/Bratislava SM:Europe/San_Marino "
    "TR:Europe/Istanbul UA:Europe/Kyiv US:America/New_York VA:Europe/Vatican XK:Europe/Belgrade "
    "ZA:Africa/Johannesburg"
)

ALPHA3 = {pair[:2]: pair[3:] for pair in _PAIRS.split()}
ZONES = {pair[:2]: pair[3:] for pair in _ZONES.split()}


def alpha3(alpha2: str) -> str:
    """The three letters for two, in any case. Raises InvalidField for a country that is not on the list."""
    found = ALPHA3.get(alpha2.strip().upper())
    if found is None:
        raise InvalidField("country", "two letters (ISO 3166-1), one of " + " ".join(sorted(ALPHA3)))
    return found


def driver_language(alpha2: str) -> str:
    """The language (ISO 639-1) that most drivers read there: a first guess that a CPO may change; else English."""
    return dict(pair.split(":") for pair in _LANGUAGES.split()).get(alpha2.strip().upper(), "en")


def time_zone(alpha2: str) -> str:
    """The time zone (IANA) of the capital or the largest city: a first guess that a CPO may change.

    Raises InvalidField for a country that is not on the list.
    """
    alpha3(alpha2)
    return ZONES[alpha2.strip().upper()]
