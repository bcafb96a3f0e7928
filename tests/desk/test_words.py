"""The desk's words: complete in both languages, with the same places for values, for everything the domain names."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import msgspec
import pytest

from app.desk.languages import LANGUAGES
from app.desk.triage import Column
from app.desk.words import Words
from app.domain import errors
from app.domain.checks import CheckState
from app.domain.commissioning import CommissioningKind, CommissioningState, ParkReason
from app.domain.facts import FactKind
from app.domain.findings import FindingKind, Way
from app.domain.knocks import Difference
from app.domain.live import AuthOutcome, KnockReason, OfflineReason, Registration
from app.domain.model import ChargerType, DeployState, EvseStatus, ParkingRestriction
from app.domain.people import CheckKind, ReleaseOn, Role
from app.domain.profiles import Profile
from app.domain.stations import Rung
from app.domain.trials import Cause, How, Outcome, TrialKind, TrialState, WaitsFor

DESK = Path(__file__).parent.parent.parent / "app" / "desk"
NAMED = {
    "facts": FactKind,
    "knocks": KnockReason,
    "knock_advice": KnockReason,
    "differs": Difference,
    "auths": AuthOutcome,
    "offline": OfflineReason,
    "offline_next": OfflineReason,
    "rungs": Rung,
    "rung_next": Rung,
    "hows": How,
    "ways": Way,
    "registrations": Registration,
    "checks": CheckKind,
    "check_states": CheckState,
    "kinds": CommissioningKind,
    "commissioning_states": CommissioningState,
    "parked": ParkReason,
    "trial_kinds": TrialKind,
    "trial_states": TrialState,
    "outcomes": Outcome,
    "causes": Cause,
    "waits": WaitsFor,
    "findings": FindingKind,
    "evse_status": EvseStatus,
    "deploy_states": DeployState,
    "parking": ParkingRestriction,
    "roles": Role,
    "role_hints": Role,
    "charger_types": ChargerType,
    "releases": ReleaseOn,
    "columns": Column,
}


def all_errors(kind: type[errors.StationlinkError]) -> Iterator[type[errors.StationlinkError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from all_errors(each)


def sentences(words: Words) -> dict[str, str]:
    """Every single text under a name of its own."""
    found: dict[str, str] = {}
    for name, value in msgspec.structs.asdict(words).items():
        if isinstance(value, str):
            found[name] = value
        else:
            items = value.items() if isinstance(value, dict) else enumerate(value)
            found.update({f"{name}.{key}": text for key, text in items})
    return found


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_the_domain_names_has_words(language: str) -> None:
    words = LANGUAGES[language]
    for table, names in NAMED.items():
        assert set(getattr(words, table)) == {each.value for each in names}, table
    assert set(words.profiles) == {str(profile.value) for profile in Profile}
    assert {kind.code for kind in all_errors(errors.StationlinkError)} == set(words.errors)


def test_languages_have_the_same_texts_with_the_same_places_and_none_is_empty() -> None:
    english, dutch = sentences(LANGUAGES["en"]), sentences(LANGUAGES["nl"])
    assert english.keys() == dutch.keys()
    for name, text in english.items():
        assert text.strip() and dutch[name].strip(), name
        assert places(text) == places(dutch[name]), name


def test_whole_sentences_are_really_translated() -> None:
    english, dutch = sentences(LANGUAGES["en"]), sentences(LANGUAGES["nl"])
    same = [name for name, text in english.items() if len(text.split()) > 3 and text == dutch[name]]
    assert same == []


def test_every_word_is_used_and_every_used_word_exists() -> None:
    sources = "\n".join(path.read_text() for path in [*DESK.glob("templates/*.html"), *DESK.glob("*.py")])
    used = set(re.findall(r"\b(?:w|words)\.([a-z_]+)", sources))
    known = set(Words.__struct_fields__)
    assert used - known <= {"py", "html"}
    assert known - used == set()
