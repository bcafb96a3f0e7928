"""The desk in English: the words for what the domain names."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
COLUMNS = {
    "help": "Needs help",
    "online": "Waiting for online",
    "progress": "In progress",
    "ready": "Ready",
    "done": "Handed over",
}
WHY = {
    "refused": "{subject}, {count} attempts",
    "check_failed": "{subject}: failed",
    "parked": "Parked: {subject}",
    "parked_overdue": "Parked until {note}: {subject}",
    "lost": "Was online: {subject}",
    "boot_pending": "Starting up, not accepted yet",
    "boot_rejected": "Refused at start-up",
    "not_called": "Not called yet",
    "not_online": "Not online yet",
    "not_online_long": "Not online for {age}",
    "waits_long": "Not called for {age}",
    "all_done": "All checks done",
    "waits_for_release": "Waits for release",
    "online_for": "Online {age}",
    "offline_now": "Offline {age}",
    "next_check": "{count} of {total} · next: {subject}",
}
KINDS = {
    "new": "New station",
    "replace": "Replacement",
    "move": "Move",
    "revisit": "Revisit",
    "remove": "Removal",
}
COMMISSIONING_STATES = {
    "open": "open",
    "handed_over": "handed over",
    "abandoned": "given up",
}
CHECKS = {
    "location": "Location",
    "hardware": "Hardware",
    "texts": "Directions & parking",
    "online": "Online",
    "tests": "Tests",
    "yes_no": "Question",
    "text": "Note",
    "reading": "Reading",
    "photo": "Photo",
}
CHECK_STATES = {
    "open": "Open",
    "done": "Done",
    "failed": "Failed",
    "waived": "Skipped",
}
PARKED = {
    "power": "no power",
    "sim": "no SIM card",
    "network": "no network",
    "part": "a part is missing",
    "access": "no access",
    "other": "another reason",
}
DEPLOY_STATES = {
    "Stock": "In stock",
    "Production": "In use",
    "Deprecated": "Taken out of use",
}
REGISTRATIONS = {
    "unknown": "unknown",
    "pending": "starting up, not accepted yet",
    "accepted": "accepted",
    "rejected": "refused",
}
KNOCKS = {
    "accepted": "Let in",
    "unknown_id": "Unknown station id",
    "bad_id": "Unreadable station id",
    "no_password": "No password sent",
    "wrong_password": "Wrong password",
    "hex_password": "Password sent as hex",
    "wrong_user": "Wrong user name",
    "no_subprotocol": "No OCPP version offered",
    "wrong_subprotocol": "OCPP version not spoken here",
    "not_websocket": "Not a WebSocket",
}
KNOCK_ADVICE = {
    "accepted": "Nothing to do.",
    "unknown_id": "Compare the identity in the station with its id, letter by letter, or let an installer scan it.",
    "bad_id": "The address ends in something that is no station id.",
    "no_password": "Type the station's password in its OCPP settings (security profile 1).",
    "wrong_password": "Make a new password and type it in again.",
    "hex_password": "The station converts the password: enter it as plain text.",
    "wrong_user": "The user name has to be the station id.",
    "no_subprotocol": "Choose OCPP 1.6 JSON in the station.",
    "wrong_subprotocol": "Choose OCPP 1.6 JSON in the station.",
    "not_websocket": "Something else than a station opened this address, or a proxy is in between.",
}
OFFLINE = {
    "never": "has never been online",
    "closed": "the station ended the connection",
    "lost": "the connection broke off",
    "ping_failed": "no sign of life any more",
    "replaced": "a newer connection took over",
    "password_changed": "its password was changed",
    "server_restart": "our server restarted",
    "abandoned": "the commissioning was given up",
}
EVSE_STATUS = {
    "AVAILABLE": "Available",
    "BLOCKED": "Blocked",
    "CHARGING": "Charging",
    "INOPERATIVE": "Switched off",
    "OUTOFORDER": "Out of order",
    "PLANNED": "Planned",
    "REMOVED": "Removed",
    "RESERVED": "Reserved",
    "UNKNOWN": "Unknown",
}
CONNECTOR_STATUS = {
    "Available": "available",
    "Preparing": "preparing",
    "Charging": "charging",
    "SuspendedEV": "paused by the car",
    "SuspendedEVSE": "paused by the station",
    "Finishing": "finishing",
    "Reserved": "reserved",
    "Unavailable": "switched off",
    "Faulted": "fault",
}
PARKING = {
    "EV_ONLY": "electric cars only",
    "PLUGGED": "only while plugged in",
    "DISABLED": "disabled permit",
    "CUSTOMERS": "customers only",
    "MOTORCYCLES": "motorcycles",
}
HARDWARE = {
    "socket": "socket",
    "cable": "cable",
}
BOOT = {
    "vendor": "Maker",
    "model": "Model",
    "serial": "Serial number",
    "box_serial": "Charge box serial",
    "firmware": "Firmware",
    "iccid": "SIM card (ICCID)",
    "imsi": "IMSI",
    "meter_type": "Meter",
    "meter_serial": "Meter serial",
}
TRIAL_KINDS = {
    "trigger": "Reach the station",
    "reboot": "Restart the station",
    "charge": "Charge with a card",
}
TRIAL_STATES = {
    "running": "Running",
    "passed": "Passed",
    "failed": "Failed",
}
OUTCOMES = {
    "answered": "it answered",
    "answered_not_supported": "it answered, though it does not know the question",
    "rebooted": "it restarted and came back",
    "returned_without_boot": "it came back without a start-up message",
    "rejected": "it refused to",
    "not_supported": "it cannot do that",
    "no_answer": "no answer in time",
    "station_offline": "it was offline",
    "did_not_go": "it did not restart",
    "did_not_return": "it went and did not come back",
    "charged": "it charged",
    "did_not_charge": "no socket began to charge",
    "interrupted": "our server restarted meanwhile",
}
SOURCES = {
    "scan": "scanned",
    "photo": "from a photo",
    "typed": "typed",
}
ROLES = {
    "installer": "installer",
    "support": "support",
    "admin": "admin",
}
ROLE_HINTS = {
    "installer": "Commissions stations with the phone app.",
    "support": "Helps at the desk: sees everything of these CPOs live, prints labels, invites installers.",
    "admin": "The same, plus CPOs, keys and people.",
}
CHARGER_TYPES = {
    "Public": "Public",
    "Home": "Homes",
    "Business": "Business",
}
RELEASES = {
    "hand_over": "the installer's hand-over",
    "support": "release by support",
}
PERMISSIONS = {
    "r": "read",
    "w": "write",
    "d": "delete",
}
SUBSCRIPTION_STATES = {
    "valid": "Valid",
    "expired": "Expired",
    "revoked": "Revoked",
}
GRACES = {
    "0": "not at all",
    "1": "for an hour",
    "24": "for a day",
    "168": "for a week",
}
WORLDS = {
    "own": "our own platform",
    "acceptance": "acceptance",
    "production": "production",
    "other": "another platform",
}
PLATFORM_CHOICES = {
    "builtin": "Stationlink itself",
    "acceptance": "GreenFlux acceptance (test)",
    "production": "GreenFlux production",
    "address": "Another address with the same API",
}
OPENED = {
    "chargestations": "stations",
    "locations": "locations",
    "templates": "station models",
    "remotecommands": "restarting stations",
}
NOTICES = {
    "released": "{subject} is on drivers' maps now.",
    "virtual_on": "The virtual station {subject} is switched on.",
    "virtual_off": "The virtual station {subject} is switched off.",
    "label_made": "The labels of {subject} are ready to print.",
    "device_revoked": "The device is signed out.",
    "device_restored": "The device is signed in again.",
    "cpo_saved": "{subject} is saved.",
    "platform_saved": "The platform of {subject} is saved; what its tokens open is below.",
    "subscription_changed": "{subject} is saved.",
    "subscription_revoked": "The key of {subject} is revoked.",
}
FIELD_ERRORS = {
    "party": "Three letters or digits",
    "country": "A country code like NL",
    "country_code": "A country code like NL",
    "language": "A language of two letters like nl",
    "time_zone": "A time zone like Europe/Amsterdam",
    "support_phone": "A phone number of five digits or more",
    "charge_station_id": "Printable characters only",
    "evse_sequence_number": "A number from 1",
    "platform": "An https address without user, query or fragment",
    "platform_ocpp_url": "An address that begins with ws:// or wss://",
    "token": "The key as the platform gave it, without spaces",
    "module": "Choose at least one thing that a module may",
    "expires": "Today or a later day",
    "per_minute": "A whole number up to 1000000",
    "name": "100 characters at most",
}
FACTS = {
    "station_created": "Station created",
    "station_changed": "Station changed",
    "station_released": "Put on drivers' maps",
    "station_withdrawn": "Station taken back",
    "template_applied": "Station model applied",
    "evses_described": "Directions & parking saved",
    "location_created": "Location created",
    "location_changed": "Location changed",
    "template_saved": "Station model saved",
    "commissioning_begun": "Commissioning begun",
    "commissioning_continued": "Commissioning continued",
    "commissioning_parked": "Parked",
    "commissioning_resumed": "Taken up again",
    "commissioning_abandoned": "Given up, restored as before",
    "location_chosen": "Location chosen",
    "template_chosen": "Station model chosen",
    "check_answered": "Check answered",
    "check_waived": "Check skipped",
    "check_reopened": "Check opened again",
    "trial_started": "Test started",
    "trial_ended": "Test ended",
    "handed_over": "Handed over",
    "password_set": "Station password set",
    "station_connected": "Station connected",
    "station_booted": "Station started up",
    "station_disconnected": "Connection ended",
    "station_elsewhere": "Online on the other environment",
    "station_left_elsewhere": "No longer online on the other environment",
    "evse_status_changed": "Status changed",
    "station_refused": "Connection refused",
    "card_shown": "Charging card shown",
    "transaction_started": "Charging started",
    "transaction_stopped": "Charging stopped",
    "label_made": "Label made",
    "person_invited": "Somebody invited",
    "person_joined": "Somebody joined",
    "person_changed": "Person changed",
    "device_revoked": "Device signed out",
    "cpo_changed": "CPO changed",
    "subscription_created": "API key made",
    "subscription_changed": "API key changed",
    "subscription_rotated": "API key replaced by a new one",
    "subscription_revoked": "API key revoked",
}
ERRORS = {
    "error": "That did not work",
    "invalid": "Something in it is not right",
    "missing_field": "Fill this in",
    "invalid_field": "This value is not possible here",
    "malformed": "We could not read this request",
    "unreadable_code": "This code is not readable",
    "invalid_code": "This link or code does not work any more",
    "not_found": "There is nothing here",
    "unknown_station": "This station is not known",
    "unknown_location": "This location is not known",
    "unknown_template": "This station model is not known",
    "unknown_cpo": "This CPO is not known",
    "unknown_commissioning": "This commissioning is not known",
    "unknown_label": "This label is not known",
    "unknown_person": "This person or device is not known",
    "unknown_invite": "This invitation is not known",
    "unknown_subscription": "This key is not known",
    "refused": "That is not possible now",
    "station_exists": "A station with this id exists already",
    "location_exists": "This location exists already",
    "cpo_exists": "A CPO with this name exists already",
    "party_taken": "Another CPO of this country has this party id",
    "etag_mismatch": "Somebody changed it meanwhile",
    "changed_meanwhile": "Somebody changed it meanwhile",
    "operation_reused": "This was sent before with other content",
    "begun_by_other": "Somebody else has begun this",
    "in_production": "This station is in use",
    "commissioning_closed": "This commissioning is closed",
    "checks_open": "Some checks are still open",
    "hardware_first": "Choose the station model first",
    "location_first": "Choose the location first",
    "may_not_create": "This CPO does not let installers create that",
    "not_yours": "Somebody else works on this now",
    "password_in_use": "The station uses its password already",
    "station_offline": "The station is offline",
    "station_in_use": "Somebody is charging at this station",
    "trial_running": "A test is still running",
    "other_cpo": "A station with this id belongs to somebody else",
    "denied": "You may not do that",
    "not_signed_in": "Sign in first",
    "not_allowed": "That is not for your role",
    "key_expired": "This key has expired or was replaced: ask for a new one",
    "too_many_requests": "Too many requests: wait a little",
    "too_many_tries": "Too many tries: wait a few minutes",
    "unavailable": "Not possible at the moment, try again in a minute",
    "rev_conflict": "Somebody was faster: look again and try once more",
    "store_unavailable": "We cannot store anything at the moment",
    "platform_unavailable": "The platform does not answer at the moment",
    "platform_in_use": "This operator has stations or open work on its platform, so the platform stays",
    "platform_sets_password": "This station connects to the operator's platform, which sets its password",
    "token_refused": "The platform does not accept this token, or it may not read everything we need",
    "token_of_others": "This token is for another operator. The name must be as the platform has it, letter for letter",
    "platform_key_refused": "The platform refuses this operator's token: it has expired, or may read less than before",
    "platform_busy": "The platform asks us to slow down; try again in a moment",
    "waits_for_earlier": "Waits for an earlier change",
}
