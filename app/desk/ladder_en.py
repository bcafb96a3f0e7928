"""What the desk says about how a station is connected, and about the evidence of its tests, in English."""

RUNGS = {
    "never": "It has not called yet.",
    "other_id": "A station calls with nearly this id.",
    "refused": "It calls and is not let in.",
    "pending": "It is connected and still starting up.",
    "rejected": "It is connected, and its start-up was refused.",
    "silent": "It is connected and has said nothing yet.",
    "deaf": "It is online and answers nothing that we ask.",
    "online": "It is online and answers.",
    "lost": "It was online and is gone.",
    "unseen": "Its platform has not shown it online yet.",
}
RUNG_NEXT = {
    "never": (
        "Has it power and signal, and are SIM and APN right? Does a firewall stop it, is another back office set, "
        "or does a wrong clock stop its TLS? Let the installer compare the address below with what is typed in."
    ),
    "other_id": "See who calls, below. If it is this one, say so: the work goes on under its id.",
    "refused": "See the refused attempts below.",
    "pending": "Wait a minute. If it stays so, let the installer restart it.",
    "rejected": "Take it into use again, or compare its id: we do not expect a station here.",
    "silent": "It is asked by itself after half a minute. If it stays silent, let the installer restart it.",
    "deaf": "A firewall or modem lets only one way through, or it hangs. Restart it at its switch.",
    "online": "Nothing to do.",
    "lost": "Has it power and signal? Let somebody near it look.",
    "unseen": "Has it power, a network, and the address below? The platform tells no more than whether it is online.",
}
OFFLINE_NEXT = {
    "never": "Has it power and signal?",
    "closed": "It ended the connection itself: was it restarted, switched off, or given another address?",
    "lost": "Its network or its power went. Let somebody near it look at both.",
    "ping_failed": "Its power or network went without a word. Let somebody near it look at both.",
    "replaced": "Two stations may call with this id: compare the addresses below.",
    "password_changed": "Type the new password into it.",
    "server_restart": "It comes back by itself in a few minutes.",
    "abandoned": "Begin again to let it in.",
}
AXES = {
    "title": "Connection",
    "socket": "Line",
    "registration": "Start-up message",
    "life": "Sign of life",
    "ear": "Answers to us",
    "open": "open",
    "none": "none",
    "ended": "ended",
    "unheard": "never heard",
    "not_reported": "none yet",
    "hears": "answered last",
    "deaf": "none since",
    "not_asked": "not asked yet",
    "from": "from {address}",
    "tls": "encrypted",
    "plain": "not encrypted",
    "within": "A dead line shows as offline within {seconds} s.",
    "only_online": "The platform tells only whether it is online.",
    "clock": "Its clock",
    "clock_right": "right",
    "behind": "{span} behind",
    "ahead": "{span} ahead",
    "with": "What it connects with",
    "sockets": "Its sockets",
    "unknown_since": "unknown since it went offline",
    "unknown_yet": "unknown until it is online",
    "attempts": "Connection attempts",
    "no_attempts": "None of the last 24 hours.",
    "how": "How",
    "security": "Security",
    "asked": "asked",
    "came": "came with",
    "below": "It came before this was asked: it has to connect again.",
}
PROFILES = {
    "0": "0: open, no password",
    "1": "1: password",
    "2": "2: password, encrypted (TLS)",
}
TUNING = {
    "title": "Connection settings",
    "why": (
        "For a station that is cut off though it lives, sits behind a network that cuts idle lines, or needs another "
        "security. An empty field is the standard. It counts from the station's next connection."
    ),
    "ping": "Ping after so many seconds of silence",
    "pong": "Seconds to answer a ping",
    "pong_hint": "0 for a station that never answers pings; standard: {seconds}",
    "close": "Seconds to close a connection",
    "standard": "Standard: {seconds}",
    "bound": "A connection that is dead shows as offline within {seconds} seconds.",
    "profile": "OCPP security profile",
    "profile_hint": "What it must show to be let in. One that does more is let in, too.",
    "as_setting": "Standard ({profile})",
    "came_last": "It connected last with {profile}",
    "never_came": "It has not connected yet.",
    "would_lock": "With this it is not let in again until it is set up for it.",
}
ROTATION = {
    "button": "Change password over OCPP",
    "title": "Change the password over OCPP",
    "explains": (
        "The station is sent a new password, which nobody sees. The old one lets it in until it has used the new one, "
        "so nothing is cut off."
    ),
    "send": "Send a new password",
    "first": "It has no password yet: set a first one.",
    "made": "A new password was made",
    "unused": "not used yet, so both let it in",
    "command": "New password",
}
EVIDENCE = {
    "charge_by_us": "Charge started by us",
    "frame": "Message",
    "energy": "Energy: {text} Wh",
    "charging": "Socket {text} charges",
    "reacted": "It reacted: {text}",
    "seen": "The installer saw socket {text}",
    "seen_none": "The installer saw nothing",
    "title": "What was sent and heard ({count})",
    "none": "Nothing was sent or heard.",
    "lasted": "took {span}",
    "until": "until {time}",
    "connector": "Connector {number}",
    "energy_total": "Energy: {value} Wh",
    "card": "Card {value}",
    "told_number": "It says it has {number} sockets, the model has {expected}",
    "rebooted": "It was restarted for it",
    "seconds": "{n} s",
    "kind_differs": "{told} instead of {expected}",
    "expected": "expected {value}",
    "found": "found {value}",
}
ROWS = {
    "reported": "reported",
    "missing": "missing",
    "extra": "too many",
    "faulted": "fault",
    "ok": "as it should be",
    "wrong": "differs",
    "hidden": "not told",
    "fixed": "mended",
    "refused": "refused",
    "not_fixed": "not mended",
}
HOWS = {
    "plug": "by plugging in",
    "unlock": "by unlocking",
    "reboot": "by restarting",
    "card": "with a card",
    "remote": "started by us",
    "check": "read only",
    "fix": "mended too",
}
WAYS = {
    "accept": "say why it is right",
    "take_serial": "take over the serial of the station",
    "choose_template": "choose another station model",
    "swap": "swap the sockets",
}
WAYS_TITLE = "The installer can"
