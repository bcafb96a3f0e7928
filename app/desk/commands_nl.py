"""What the desk says about commands, in Dutch."""

COMMANDS = {
    "reset": "Herstarten",
    "reset_hard": "Hard herstarten",
    "unlock": "Ontgrendelen",
    "read_configuration": "Configuratie lezen",
    "change_configuration": "Instelling wijzigen",
    "trigger": "Status opnieuw melden",
    "start": "Laden starten",
    "stop": "Laden beëindigen",
}
COMMAND_EXPLAINS = {
    "reset": "Het station start zijn software opnieuw. Het is een minuut of twee weg.",
    "reset_hard": "Het station schakelt de voeding van zijn besturing uit en aan. Het is enkele minuten weg.",
    "unlock": "Het station opent het slot van het stopcontact; een vaste stekker komt los. Wat daar laadt, stopt.",
    "read_configuration": "Het station vertelt al zijn instellingen. Er verandert niets.",
    "change_configuration": "Het station wijzigt een van zijn instellingen. Sommige werken pas na een herstart.",
    "trigger": "Het station meldt opnieuw hoe het met elk stopcontact staat. Er verandert niets.",
    "start": "Het station begint te laden.",
    "stop": "Het station beëindigt de laadsessie, en de bestuurder kan afkoppelen.",
}
COMMAND_RESULTS = {
    "waiting": "Wacht op het ja van de installateur",
    "allowed": "Onderweg",
    "refused": "De installateur zei nee; er is niets verstuurd",
    "expired": "De installateur antwoordde niet; er is niets verstuurd",
    "not_sent": "Niet verstuurd",
    "interrupted": "Onderbroken door een herstart van de server; niet opnieuw verstuurd",
    "done": "Klaar",
    "accepted": "Door het station aanvaard",
    "rejected": "Het station weigerde",
    "not_implemented": "Het station kan dit niet",
    "error": "Het station antwoordde met een fout",
    "timeout": "Geen antwoord; misschien is het toch gebeurd",
    "offline": "De verbinding viel weg voordat er een antwoord kwam",
}
COMMAND_WORDS = {
    "title": "Opdrachten",
    "none": "Geen opdracht in de laatste minuten.",
    "no_access": "Het token van dit platform mag geen opdrachten versturen.",
    "deaf": "Het station hoort nu niets: probeer Status opnieuw melden.",
    "no_session": "Er laadt niemand.",
    "sessions_unknown": "Dit platform vertelt ons zijn sessies niet.",
    "ask": "{command}: {station}",
    "asks_installer": (
        "{name} werkt aan dit station en heeft er misschien de handen in. De vraag komt op de telefoon, met een minuut "
        "om ja te zeggen."
    ),
    "why": "Waarom (de installateur ziet het)",
    "which_socket": "Welk stopcontact",
    "which_session": "Welke sessie",
    "session": "Stopcontact {number}, sinds {time}",
    "key": "Instelling",
    "value": "Nieuwe waarde",
    "now": "Waarde",
    "keys": "{count} instellingen",
    "configuration": "Configuratie",
    "readonly": "alleen lezen",
    "hidden": "niet getoond",
    "unknown_keys": "Niet bekend bij het station",
    "change": "Wijzigen",
    "left": "nog {seconds} s",
    "until": "tot",
}
