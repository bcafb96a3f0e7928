"""What a browser is called in the list of somebody's devices."""

BROWSERS = {
    "Edg": "Edge",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def device_name(user_agent: str) -> str:
    """A few words that tell two devices apart, such as "Firefox, Windows"; of an unknown browser just "browser".

    The first mark wins: a browser that passes for another one, and a system that runs on another, come first.
    """
    named = [next((name for mark, name in table.items() if mark in user_agent), "") for table in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in named if name) or "browser"
