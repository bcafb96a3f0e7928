"""What the desk says about stations that call under another id, in English."""

DIFFERS = {
    "case": "capitals and small letters differ",
    "blanks": "a space or a dash differs",
    "look_alike": "a letter looks like a digit",
    "swapped": "two characters are swapped",
    "character": "one character is other",
    "missing": "one character less",
    "extra": "one character more",
    "several": "several characters differ",
}
AUTHS = {
    "none": "none sent",
    "wrong": "wrong",
    "hex": "sent as hex text",
    "right": "right",
    "offered": "one of its own",
}
ADOPTION = {
    "title": "Whose station is this?",
    "this_is": "This is my station",
    "strangers": "Unknown stations that call",
    "strangers_hint": "The installer sees these too. One of them may be this station under the id that was set in it.",
    "no_strangers": "None in the last 15 minutes.",
    "times": "{count} times",
    "spelt": "spelt here",
    "as_sent": "sent as",
    "known_now": "Unknown then",
    "known_now_advice": "Nobody knew this id when it called. It is known by now.",
    "held": "Held, not let in",
    "held_advice": "It is let in as soon as somebody says whose it is.",
    "says": "It says it is",
    "last": "Last attempt",
    "which": "Which work is it the station of?",
    "which_hint": "Work whose station was never online. Ask the installer to read the id off the station.",
    "near": "its id is nearly this one",
    "nobody": "No open work waits for a station. Let the installer begin first.",
    "moves": "The work goes on under {id}: sockets, texts, labels and history move along.",
    "undo": "The installer can undo it with “Not my station”.",
    "password_taken": "It keeps the password that it sent, and is let in on its next attempt.",
    "password_none": "It sent no password that it could keep: set one, and it is let in with that.",
    "adopted_as": "Begun as {id}; the station calls itself {now}.",
}
