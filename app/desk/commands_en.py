"""What the desk says about commands, in English."""

COMMANDS = {
    "reset": "Restart",
    "reset_hard": "Restart hard",
    "unlock": "Unlock socket",
    "read_configuration": "Read configuration",
    "change_configuration": "Change a key",
    "trigger": "Say status again",
    "start": "Start charging",
    "stop": "End charging",
}
COMMAND_EXPLAINS = {
    "reset": "The station starts its software again. It is away for a minute or two.",
    "reset_hard": "The station cuts the power of its controller, as if it were unplugged. It is away for some minutes.",
    "unlock": "The station opens the lock of the socket, so that a stuck plug comes out. What charges there, ends.",
    "read_configuration": "The station tells all its settings. Nothing changes.",
    "change_configuration": "The station changes one of its settings. Some take effect only after a restart.",
    "trigger": "The station tells again how each of its sockets is. Nothing changes.",
    "start": "The station begins to charge.",
    "stop": "The station ends the charging session, and the driver can unplug.",
}
COMMAND_RESULTS = {
    "waiting": "Waits for the installer's yes",
    "allowed": "On its way",
    "refused": "The installer said no; nothing was sent",
    "expired": "The installer did not answer; nothing was sent",
    "not_sent": "Not sent",
    "interrupted": "Interrupted by a restart of the server; not sent again",
    "done": "Done",
    "accepted": "Accepted by the station",
    "rejected": "The station refused",
    "not_implemented": "The station cannot do this",
    "error": "The station answered with an error",
    "timeout": "No answer; it may have done it all the same",
    "offline": "The connection ended before an answer came",
}
COMMAND_WORDS = {
    "title": "Commands",
    "none": "No command in the last minutes.",
    "no_access": "The token of this platform may not send commands.",
    "deaf": "The station hears nothing at the moment: try Say status again.",
    "no_session": "Nobody is charging.",
    "sessions_unknown": "This platform does not tell us its sessions.",
    "ask": "{command}: {station}",
    "asks_installer": (
        "{name} is working on this station, and hands may be inside. They are asked on their phone and have a minute "
        "to say yes."
    ),
    "why": "Why (the installer sees it)",
    "which_socket": "Which socket",
    "which_session": "Which session",
    "session": "Socket {number}, since {time}",
    "key": "Key",
    "value": "New value",
    "now": "Value",
    "keys": "{count} keys",
    "configuration": "Configuration",
    "readonly": "read only",
    "hidden": "not shown",
    "unknown_keys": "Not known to the station",
    "change": "Change",
    "left": "{seconds} s left",
    "until": "until",
}
