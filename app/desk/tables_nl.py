"""The desk in Dutch: the words for what the domain names."""

MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
COLUMNS = {
    "help": "Hulp nodig",
    "online": "Wacht op verbinding",
    "progress": "Bezig",
    "ready": "Klaar",
    "done": "Overgedragen",
}
WHY = {
    "refused": "{subject}, {count} pogingen",
    "check_failed": "{subject}: mislukt",
    "parked": "Geparkeerd: {subject}",
    "parked_overdue": "Geparkeerd tot {note}: {subject}",
    "lost": "Was online: {subject}",
    "boot_pending": "Start op, nog niet toegelaten",
    "boot_rejected": "Geweigerd bij opstarten",
    "not_called": "Nog niet gebeld",
    "not_online": "Nog niet online",
    "not_online_long": "Al {age} niet online",
    "waits_long": "Belt al {age} niet",
    "all_done": "Alle controles klaar",
    "waits_for_release": "Wacht op vrijgave",
    "online_for": "Online {age}",
    "offline_now": "Offline {age}",
    "next_check": "{count} van {total} · nu: {subject}",
}
KINDS = {
    "new": "Nieuw station",
    "replace": "Vervanging",
    "move": "Verplaatsing",
    "revisit": "Terugkomst",
    "remove": "Verwijdering",
}
COMMISSIONING_STATES = {
    "open": "open",
    "handed_over": "overgedragen",
    "abandoned": "opgegeven",
}
CHECKS = {
    "location": "Locatie",
    "hardware": "Hardware",
    "texts": "Route & parkeren",
    "online": "Online",
    "tests": "Tests",
    "yes_no": "Vraag",
    "text": "Notitie",
    "reading": "Meting",
    "photo": "Foto",
}
CHECK_STATES = {
    "open": "Open",
    "done": "Klaar",
    "failed": "Mislukt",
    "waived": "Overgeslagen",
}
PARKED = {
    "power": "geen stroom",
    "sim": "geen simkaart",
    "network": "geen netwerk",
    "part": "onderdeel ontbreekt",
    "access": "geen toegang",
    "other": "andere reden",
}
DEPLOY_STATES = {
    "Stock": "Op voorraad",
    "Production": "In gebruik",
    "Deprecated": "Buiten gebruik",
}
REGISTRATIONS = {
    "unknown": "onbekend",
    "pending": "start op, nog niet toegelaten",
    "accepted": "toegelaten",
    "rejected": "geweigerd",
}
KNOCKS = {
    "accepted": "Toegelaten",
    "unknown_id": "Onbekend station-id",
    "bad_id": "Onleesbaar station-id",
    "no_password": "Geen wachtwoord gestuurd",
    "wrong_password": "Verkeerd wachtwoord",
    "hex_password": "Wachtwoord als hex gestuurd",
    "wrong_user": "Verkeerde gebruikersnaam",
    "no_subprotocol": "Geen OCPP-versie aangeboden",
    "wrong_subprotocol": "OCPP-versie spreken we niet",
    "not_websocket": "Geen WebSocket",
}
KNOCK_ADVICE = {
    "accepted": "Niets te doen.",
    "unknown_id": (
        "Vergelijk de identiteit in het station letter voor letter met het id, of laat een installateur het scannen."
    ),
    "bad_id": "Het adres eindigt op iets dat geen station-id is.",
    "no_password": "Stel het wachtwoord in bij de OCPP-instellingen (security profile 1).",
    "wrong_password": "Maak een nieuw wachtwoord en stel het opnieuw in.",
    "hex_password": "Het station zet het wachtwoord om: voer het in als gewone tekst.",
    "wrong_user": "De gebruikersnaam moet het station-id zijn.",
    "no_subprotocol": "Kies OCPP 1.6 JSON in het station.",
    "wrong_subprotocol": "Kies OCPP 1.6 JSON in het station.",
    "not_websocket": "Iets anders dan een station opende dit adres, of er zit een proxy tussen.",
}
OFFLINE = {
    "never": "is nog nooit online geweest",
    "closed": "het station verbrak de verbinding",
    "lost": "de verbinding viel weg",
    "ping_failed": "geen teken van leven meer",
    "replaced": "een nieuwere verbinding nam het over",
    "password_changed": "het wachtwoord is gewijzigd",
    "server_restart": "onze server is herstart",
    "abandoned": "de ingebruikname is opgegeven",
}
EVSE_STATUS = {
    "AVAILABLE": "Beschikbaar",
    "BLOCKED": "Geblokkeerd",
    "CHARGING": "Laadt",
    "INOPERATIVE": "Uitgeschakeld",
    "OUTOFORDER": "Defect",
    "PLANNED": "Gepland",
    "REMOVED": "Verwijderd",
    "RESERVED": "Gereserveerd",
    "UNKNOWN": "Onbekend",
}
CONNECTOR_STATUS = {
    "Available": "beschikbaar",
    "Preparing": "voorbereiden",
    "Charging": "laadt",
    "SuspendedEV": "gepauzeerd door de auto",
    "SuspendedEVSE": "gepauzeerd door het station",
    "Finishing": "afronden",
    "Reserved": "gereserveerd",
    "Unavailable": "uitgeschakeld",
    "Faulted": "storing",
}
PARKING = {
    "EV_ONLY": "alleen elektrische auto's",
    "PLUGGED": "alleen tijdens het laden",
    "DISABLED": "gehandicaptenkaart",
    "CUSTOMERS": "alleen klanten",
    "MOTORCYCLES": "motoren",
}
HARDWARE = {
    "socket": "contactdoos",
    "cable": "kabel",
}
BOOT = {
    "vendor": "Merk",
    "model": "Model",
    "serial": "Serienummer",
    "box_serial": "Serienummer kast",
    "firmware": "Firmware",
    "iccid": "Simkaart (ICCID)",
    "imsi": "IMSI",
    "meter_type": "Meter",
    "meter_serial": "Serienummer meter",
}
TRIAL_KINDS = {
    "trigger": "Station bereiken",
    "reboot": "Station herstarten",
    "charge": "Laden met een pas",
}
TRIAL_STATES = {
    "running": "Bezig",
    "passed": "Geslaagd",
    "failed": "Mislukt",
}
OUTCOMES = {
    "answered": "het antwoordde",
    "answered_not_supported": "het antwoordde, al kent het de vraag niet",
    "rebooted": "het herstartte en kwam terug",
    "returned_without_boot": "het kwam terug zonder opstartbericht",
    "rejected": "het weigerde",
    "not_supported": "dat kan het niet",
    "no_answer": "geen antwoord op tijd",
    "station_offline": "het was offline",
    "did_not_go": "het herstartte niet",
    "did_not_return": "het ging weg en kwam niet terug",
    "charged": "het laadde",
    "did_not_charge": "geen aansluiting begon te laden",
    "interrupted": "onze server herstartte ondertussen",
}
SOURCES = {
    "scan": "gescand",
    "photo": "van een foto",
    "typed": "getypt",
}
ROLES = {
    "installer": "installateur",
    "support": "support",
    "admin": "beheerder",
}
ROLE_HINTS = {
    "installer": "Neemt stations in gebruik met de telefoon-app.",
    "support": "Helpt aan de desk: ziet alles van deze CPO's live, drukt labels af, nodigt installateurs uit.",
    "admin": "Hetzelfde, plus CPO's, sleutels en mensen.",
}
CHARGER_TYPES = {
    "Public": "Openbaar",
    "Home": "Thuis",
    "Business": "Zakelijk",
}
RELEASES = {
    "hand_over": "overdracht door de installateur",
    "support": "vrijgave door support",
}
PERMISSIONS = {
    "r": "lezen",
    "w": "schrijven",
    "d": "verwijderen",
}
SUBSCRIPTION_STATES = {
    "valid": "Geldig",
    "expired": "Verlopen",
    "revoked": "Ingetrokken",
}
GRACES = {
    "0": "niet",
    "1": "een uur",
    "24": "een dag",
    "168": "een week",
}
WORLDS = {
    "own": "ons eigen platform",
    "acceptance": "acceptatie",
    "production": "productie",
    "other": "een ander platform",
}
PLATFORM_CHOICES = {
    "builtin": "Stationlink zelf",
    "acceptance": "GreenFlux-acceptatie (test)",
    "production": "GreenFlux-productie",
    "address": "Een ander adres met dezelfde API",
}
OPENED = {
    "chargestations": "stations",
    "locations": "locaties",
    "templates": "stationmodellen",
    "remotecommands": "stations herstarten",
}
NOTICES = {
    "released": "{subject} is nu zichtbaar voor rijders.",
    "virtual_on": "Het virtuele station {subject} staat aan.",
    "virtual_off": "Het virtuele station {subject} staat uit.",
    "label_made": "De labels van {subject} zijn klaar om af te drukken.",
    "device_revoked": "Het apparaat is afgemeld.",
    "device_restored": "Het apparaat is weer aangemeld.",
    "cpo_saved": "{subject} is opgeslagen.",
    "platform_saved": "Het platform van {subject} is opgeslagen; wat de tokens openen staat hieronder.",
    "subscription_changed": "{subject} is opgeslagen.",
    "subscription_revoked": "De sleutel van {subject} is ingetrokken.",
}
FIELD_ERRORS = {
    "party": "Drie letters of cijfers",
    "country": "Een landcode zoals NL",
    "country_code": "Een landcode zoals NL",
    "language": "Een taal van twee letters zoals nl",
    "time_zone": "Een tijdzone zoals Europe/Amsterdam",
    "support_phone": "Een telefoonnummer van vijf cijfers of meer",
    "charge_station_id": "Alleen leesbare tekens",
    "evse_sequence_number": "Een getal vanaf 1",
    "platform": "Een https-adres zonder gebruiker, query of fragment",
    "platform_ocpp_url": "Een adres dat begint met ws:// of wss://",
    "token": "De sleutel zoals het platform hem gaf, zonder spaties",
    "module": "Kies minstens één ding dat een module mag",
    "expires": "Vandaag of een latere dag",
    "per_minute": "Een heel getal tot en met 1000000",
    "name": "Hoogstens 100 tekens",
}
FACTS = {
    "station_created": "Station aangemaakt",
    "station_changed": "Station gewijzigd",
    "station_released": "Zichtbaar gemaakt voor rijders",
    "station_withdrawn": "Station teruggenomen",
    "template_applied": "Stationmodel toegepast",
    "evses_described": "Route & parkeren opgeslagen",
    "location_created": "Locatie aangemaakt",
    "location_changed": "Locatie gewijzigd",
    "template_saved": "Stationmodel opgeslagen",
    "commissioning_begun": "Ingebruikname begonnen",
    "commissioning_continued": "Ingebruikname voortgezet",
    "commissioning_parked": "Geparkeerd",
    "commissioning_resumed": "Weer opgepakt",
    "commissioning_abandoned": "Opgegeven, teruggezet zoals het was",
    "location_chosen": "Locatie gekozen",
    "template_chosen": "Stationmodel gekozen",
    "check_answered": "Controle beantwoord",
    "check_waived": "Controle overgeslagen",
    "check_reopened": "Controle heropend",
    "trial_started": "Test gestart",
    "trial_ended": "Test afgelopen",
    "command_asked": "Opdracht gevraagd",
    "command_answered": "De installateur antwoordde",
    "command_ended": "Opdracht afgelopen",
    "handed_over": "Overgedragen",
    "password_set": "Stationwachtwoord ingesteld",
    "station_connected": "Station verbonden",
    "station_booted": "Station opgestart",
    "station_disconnected": "Verbinding beëindigd",
    "station_elsewhere": "Online op de andere omgeving",
    "station_left_elsewhere": "Niet meer online op de andere omgeving",
    "evse_status_changed": "Status gewijzigd",
    "station_refused": "Verbinding geweigerd",
    "stranger_knocked": "Een station met een ander id meldde zich",
    "station_adopted": "Station herkend, id gecorrigeerd",
    "card_shown": "Laadpas getoond",
    "transaction_started": "Laden begonnen",
    "transaction_stopped": "Laden gestopt",
    "label_made": "Label gemaakt",
    "person_invited": "Iemand uitgenodigd",
    "person_joined": "Iemand aangemeld",
    "person_changed": "Persoon gewijzigd",
    "device_revoked": "Apparaat afgemeld",
    "cpo_changed": "CPO gewijzigd",
    "subscription_created": "API-sleutel gemaakt",
    "subscription_changed": "API-sleutel gewijzigd",
    "subscription_rotated": "API-sleutel vervangen door een nieuwe",
    "subscription_revoked": "API-sleutel ingetrokken",
}
ERRORS = {
    "error": "Dat is niet gelukt",
    "invalid": "Er klopt iets niet",
    "missing_field": "Vul dit in",
    "invalid_field": "Deze waarde kan hier niet",
    "malformed": "We konden dit verzoek niet lezen",
    "unreadable_code": "Deze code is niet leesbaar",
    "invalid_code": "Deze link of code werkt niet meer",
    "not_found": "Hier is niets",
    "unknown_station": "Dit station is niet bekend",
    "unknown_location": "Deze locatie is niet bekend",
    "unknown_template": "Dit stationmodel is niet bekend",
    "unknown_cpo": "Deze CPO is niet bekend",
    "unknown_commissioning": "Deze ingebruikname is niet bekend",
    "unknown_label": "Dit label is niet bekend",
    "unknown_person": "Deze persoon of dit apparaat is niet bekend",
    "unknown_invite": "Deze uitnodiging is niet bekend",
    "unknown_subscription": "Deze sleutel is niet bekend",
    "unknown_request": "Deze opdracht is niet bekend, of te lang geleden",
    "refused": "Dat kan nu niet",
    "station_exists": "Er is al een station met dit id",
    "location_exists": "Deze locatie bestaat al",
    "cpo_exists": "Er is al een CPO met deze naam",
    "party_taken": "Een andere CPO in dit land heeft dit party id",
    "etag_mismatch": "Iemand heeft het ondertussen gewijzigd",
    "changed_meanwhile": "Iemand heeft het ondertussen gewijzigd",
    "operation_reused": "Dit is eerder met andere inhoud verstuurd",
    "begun_by_other": "Iemand anders is hier al mee bezig",
    "in_production": "Dit station is in gebruik",
    "commissioning_closed": "Deze ingebruikname is afgesloten",
    "checks_open": "Er staan nog controles open",
    "hardware_first": "Kies eerst het stationmodel",
    "location_first": "Kies eerst de locatie",
    "may_not_create": "Bij deze CPO mogen installateurs dat niet aanmaken",
    "not_yours": "Iemand anders werkt hier nu aan",
    "password_in_use": "Het station gebruikt zijn wachtwoord al",
    "station_offline": "Het station is offline",
    "station_in_use": "Er wordt geladen aan dit station",
    "trial_running": "Er loopt nog een test",
    "command_running": "Er loopt nog een andere opdracht aan dit station",
    "request_over": "Dit is al beantwoord, of de tijd is om",
    "too_many_commands": "Dit station kreeg veel opdrachten: wacht een minuut",
    "other_cpo": "Een station met dit id is van een ander",
    "denied": "Dat mag je niet",
    "not_signed_in": "Meld je eerst aan",
    "not_allowed": "Dat is niet voor jouw rol",
    "key_expired": "Deze sleutel is verlopen of vervangen: vraag een nieuwe",
    "too_many_requests": "Te veel verzoeken: wacht even",
    "too_many_tries": "Te veel pogingen: wacht een paar minuten",
    "unavailable": "Even niet mogelijk, probeer het over een minuut opnieuw",
    "rev_conflict": "Iemand was sneller: kijk opnieuw en probeer het nog eens",
    "store_unavailable": "We kunnen even niets opslaan",
    "platform_unavailable": "Het platform antwoordt even niet",
    "platform_in_use": "Deze exploitant heeft stations of open werk op zijn platform; het platform blijft",
    "platform_sets_password": "Dit station verbindt met het platform van de exploitant; dat stelt het wachtwoord in",
    "token_refused": "Het platform accepteert dit token niet, of het mag niet alles lezen wat nodig is",
    "token_of_others": "Dit token is van een andere exploitant. De naam moet letterlijk die op het platform zijn",
    "platform_key_refused": "Het platform weigert het token van deze exploitant: verlopen, of het mag minder dan eerst",
    "platform_busy": "Het platform vraagt om rustiger aan te doen; probeer het zo nog eens",
    "waits_for_earlier": "Wacht op een eerdere wijziging",
}
