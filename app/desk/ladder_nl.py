"""Wat de desk zegt over hoe een station verbonden is, en over het bewijs van zijn tests, in het Nederlands."""

RUNGS = {
    "never": "Het heeft zich nog niet gemeld.",
    "other_id": "Een station meldt zich met bijna dit id.",
    "refused": "Het meldt zich en wordt niet toegelaten.",
    "pending": "Het is verbonden en start nog op.",
    "rejected": "Het is verbonden, en zijn opstarten is geweigerd.",
    "silent": "Het is verbonden en heeft nog niets gezegd.",
    "deaf": "Het is online en antwoordt op niets dat we vragen.",
    "online": "Het is online en antwoordt.",
    "lost": "Het was online en is weg.",
    "unseen": "Zijn platform heeft het nog niet online gezien.",
}
RUNG_NEXT = {
    "never": (
        "Heeft het stroom en bereik, en kloppen simkaart en APN? Houdt een firewall het tegen, staat er een andere "
        "backoffice in, of stopt een verkeerde klok zijn TLS? Laat de installateur het adres hieronder vergelijken met "
        "wat erin staat."
    ),
    "other_id": "Kijk hieronder wie zich meldt. Is het dit station, zeg dat dan: het werk gaat verder onder zijn id.",
    "refused": "Zie de geweigerde pogingen hieronder.",
    "pending": "Wacht een minuut. Blijft het zo, laat de installateur het dan herstarten.",
    "rejected": "Neem het opnieuw in gebruik, of vergelijk het id: we verwachten hier geen station.",
    "silent": "Na een halve minuut wordt het vanzelf gevraagd. Blijft het stil, laat het dan herstarten.",
    "deaf": "Een firewall of modem laat maar één kant door, of het hangt. Herstart het met de schakelaar.",
    "online": "Niets te doen.",
    "lost": "Heeft het stroom en bereik? Laat iemand in de buurt kijken.",
    "unseen": "Heeft het stroom, een netwerk en het adres hieronder? Het platform zegt alleen of het online is.",
}
OFFLINE_NEXT = {
    "never": "Heeft het stroom en bereik?",
    "closed": "Het verbrak de verbinding zelf: is het herstart, uitgezet, of kreeg het een ander adres?",
    "lost": "Zijn netwerk of stroom viel weg. Laat iemand in de buurt naar beide kijken.",
    "ping_failed": "Zijn stroom of netwerk viel weg zonder bericht. Laat iemand in de buurt naar beide kijken.",
    "replaced": "Misschien melden zich twee stations met dit id: vergelijk de adressen hieronder.",
    "password_changed": "Zet het nieuwe wachtwoord erin.",
    "server_restart": "Het komt binnen enkele minuten vanzelf terug.",
    "abandoned": "Begin opnieuw om het toe te laten.",
}
AXES = {
    "title": "Verbinding",
    "socket": "Lijn",
    "registration": "Opstartbericht",
    "life": "Teken van leven",
    "ear": "Antwoord aan ons",
    "open": "open",
    "none": "geen",
    "ended": "beëindigd",
    "unheard": "nooit gehoord",
    "not_reported": "nog geen",
    "hears": "laatste antwoord",
    "deaf": "geen sinds",
    "not_asked": "nog niet gevraagd",
    "from": "van {address}",
    "tls": "versleuteld",
    "plain": "niet versleuteld",
    "within": "Een dode lijn staat binnen {seconds} s op offline.",
    "only_online": "Het platform zegt alleen of het online is.",
    "clock": "Zijn klok",
    "clock_right": "klopt",
    "behind": "loopt {span} achter",
    "ahead": "loopt {span} voor",
    "with": "Waarmee het verbindt",
    "sockets": "Zijn aansluitingen",
    "unknown_since": "onbekend sinds het offline is",
    "unknown_yet": "onbekend tot het online is",
    "attempts": "Verbindingspogingen",
    "no_attempts": "Geen in de laatste 24 uur.",
    "how": "Hoe",
    "security": "Beveiliging",
    "asked": "gevraagd",
    "came": "kwam met",
    "below": "Het kwam voordat dit werd gevraagd: het moet opnieuw verbinden.",
}
PROFILES = {
    "0": "0: open, geen wachtwoord",
    "1": "1: wachtwoord",
    "2": "2: wachtwoord, versleuteld (TLS)",
}
TUNING = {
    "title": "Verbindingsinstellingen",
    "why": (
        "Voor een station dat wordt afgesloten hoewel het leeft, achter een netwerk zit dat stille lijnen verbreekt, "
        "of andere beveiliging nodig heeft. Een leeg veld is de standaard. Het geldt vanaf de volgende verbinding."
    ),
    "ping": "Ping na zoveel seconden stilte",
    "pong": "Seconden om een ping te beantwoorden",
    "pong_hint": "0 voor een station dat nooit op pings antwoordt; standaard: {seconds}",
    "close": "Seconden om een verbinding te sluiten",
    "standard": "Standaard: {seconds}",
    "bound": "Een dode verbinding staat binnen {seconds} seconden op offline.",
    "profile": "OCPP-beveiligingsprofiel",
    "profile_hint": "Wat het moet tonen om te worden toegelaten. Wie meer doet, mag ook naar binnen.",
    "as_setting": "Standaard ({profile})",
    "came_last": "Het verbond het laatst met {profile}",
    "never_came": "Het heeft nog niet verbonden.",
    "would_lock": "Hiermee wordt het pas weer toegelaten als het daarop is ingesteld.",
}
ROTATION = {
    "button": "Wachtwoord via OCPP wijzigen",
    "title": "Het wachtwoord via OCPP wijzigen",
    "explains": (
        "Het station krijgt een nieuw wachtwoord, dat niemand ziet. Het oude laat het binnen tot het nieuwe is "
        "gebruikt; er wordt dus niets afgesloten."
    ),
    "send": "Stuur een nieuw wachtwoord",
    "first": "Het heeft nog geen wachtwoord: stel een eerste in.",
    "made": "Een nieuw wachtwoord is gemaakt",
    "unused": "nog niet gebruikt, dus beide laten het binnen",
    "command": "Nieuw wachtwoord",
}
EVIDENCE = {
    "charge_by_us": "Laden, door ons gestart",
    "frame": "Bericht",
    "energy": "Energie: {text} Wh",
    "charging": "Aansluiting {text} laadt",
    "reacted": "Er reageerde: {text}",
    "seen": "De installateur zag aansluiting {text}",
    "seen_none": "De installateur zag niets",
    "title": "Wat is gestuurd en gehoord ({count})",
    "none": "Er is niets gestuurd of gehoord.",
    "lasted": "duurde {span}",
    "until": "tot {time}",
    "connector": "Connector {number}",
    "energy_total": "Energie: {value} Wh",
    "card": "Pas {value}",
    "told_number": "Het zegt {number} aansluitingen te hebben, het model heeft er {expected}",
    "rebooted": "Het is ervoor herstart",
    "seconds": "{n} s",
    "kind_differs": "{told} in plaats van {expected}",
    "expected": "verwacht {value}",
    "found": "gevonden {value}",
}
ROWS = {
    "reported": "gemeld",
    "missing": "ontbreekt",
    "extra": "te veel",
    "faulted": "storing",
    "ok": "klopt",
    "wrong": "wijkt af",
    "hidden": "niet verteld",
    "fixed": "hersteld",
    "refused": "geweigerd",
    "not_fixed": "niet hersteld",
}
HOWS = {
    "plug": "met een stekker",
    "unlock": "met ontgrendelen",
    "reboot": "met herstarten",
    "card": "met een pas",
    "remote": "door ons gestart",
    "check": "alleen gelezen",
    "fix": "ook hersteld",
}
WAYS = {
    "accept": "zeggen waarom het klopt",
    "take_serial": "het serienummer van het station overnemen",
    "choose_template": "een ander stationmodel kiezen",
    "swap": "de aansluitingen omwisselen",
}
WAYS_TITLE = "De installateur kan"
