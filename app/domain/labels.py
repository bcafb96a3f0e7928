"""Label codes: eight random characters and one that checks them, as they stand on a label and in its URL.

Crockford's base 32 (no I, L, O, U), a Luhn mod 32 check character of the same alphabet, so that code and URL stay in
the alphanumeric mode of a QR code; grouped 4-4-1. A code is kept and compared in this form.
"""

import re

from app.domain.errors import UnreadableCode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_LENGTH = 8
LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
GAPS = re.compile(r"[\s\-_.·]+")
URL_PATH = re.compile(r"(?:^|/)s/([^/?#]+)/*(?:[?#].*)?$", re.IGNORECASE)


def label_code(random8: str) -> str:
    """The code of eight random characters of ALPHABET, like `7KQ2-M4XA-9`. Raises ValueError for anything else."""
    text = random8.upper()
    if len(text) != RANDOM_LENGTH or any(c not in ALPHABET for c in text):
        raise ValueError("eight characters of Crockford's base 32")
    return grouped(text + check_character(text))


def check_character(text: str) -> str:
    """Luhn mod 32: every single wrong character and nearly every swap of two neighbours changes it."""
    total = 0
    for position, character in enumerate(reversed(text)):
        value = ALPHABET.index(character) * (2 if position % 2 == 0 else 1)
        total += value // len(ALPHABET) + value % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]


def grouped(text: str) -> str:
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def folded(text: str) -> str:
    """What a person typed or a scanner read, without gaps and with look-alikes as the digits they stand for."""
    return GAPS.sub("", text).upper().translate(LOOK_ALIKES)


def looks_like_code(text: str) -> bool:
    """Nine characters of the alphabet once gaps and look-alikes are gone, whether or not the last one fits."""
    plain = folded(text)
    return len(plain) == RANDOM_LENGTH + 1 and all(c in ALPHABET for c in plain)


def parse_label(text: str) -> str:
    """The code in a label's text or URL, in its kept form. Raises UnreadableCode with `reason` in its detail:
    empty, not_a_label, or bad_check (it looks like a code, and a character of it is wrong).
    """
    if not text.strip():
        raise UnreadableCode("nothing was read", reason="empty")
    match = URL_PATH.search(text.strip())
    candidate = match[1] if match else text
    if not looks_like_code(candidate):
        raise UnreadableCode("this is not the code of a label", reason="not_a_label")
    plain = folded(candidate)
    if check_character(plain[:-1]) != plain[-1]:
        raise UnreadableCode("a character of this code is wrong: read it again", reason="bad_check")
    return grouped(plain)


def label_url(public_url: str, code: str) -> str:
    """What a label's QR code says: upper case, so that it stays small; the server's path is case-insensitive."""
    return f"{public_url.rstrip('/')}/S/{code}".upper()
