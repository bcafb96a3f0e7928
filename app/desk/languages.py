"""The languages of the desk."""

from app.desk.words import Words
from app.desk.words_en import ENGLISH
from app.desk.words_nl import DUTCH

LANGUAGES: dict[str, Words] = {"en": ENGLISH, "nl": DUTCH}


def pick(language: str) -> Words:
    """English for a language that we do not speak."""
    return LANGUAGES.get(language, ENGLISH)
