"""A QR code in a terminal: two modules in each character."""

from app.labels.codes import QUIET, screen_code

BLACK_ON_WHITE = "\x1b[0;40;97m"
RESET = "\x1b[0m"
HALVES = {(True, True): " ", (True, False): "▄", (False, True): "▀", (False, False): "█"}
"""Dark over dark, dark over light ...: what is light is drawn, so that the colours of the terminal are set for all."""


def qr_lines(text: str, *, colours: bool) -> list[str]:
    """The code's lines with its quiet zone; `colours` for a terminal, whatever its theme."""
    rows = [list(row) for row in screen_code(text).rows]
    width = len(rows) + 2 * QUIET
    light = [[False] * width for _ in range(QUIET)]
    padded = [*light, *([False] * QUIET + row + [False] * QUIET for row in rows), *light]
    if len(padded) % 2:
        padded.append([False] * width)
    lines = ["".join(HALVES[pair] for pair in zip(*padded[y : y + 2], strict=True)) for y in range(0, len(padded), 2)]
    return [f"{BLACK_ON_WHITE}{line}{RESET}" for line in lines] if colours else lines
