"""Label codes, and what a scanned or typed text may mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import UnreadableCode
from app.domain.labels import ALPHABET, folded
from app.domain.scan import (
    Reading,
    ReadingKind,
    label_code,
    label_url,
    nearest,
    parse_label,
    readings,
    redacted,
)

CODE = label_code("7KQ2M4XA")
PLAIN = CODE.replace("-", "")
codes = st.text(ALPHABET, min_size=8, max_size=8)


def ids(text: str) -> list[str]:
    return [reading.text for reading in readings(text) if reading.kind is ReadingKind.STATION]


# --- Label codes -----------------------------------------------------------------------------------------------------


def test_a_code_is_grouped_and_checked_by_a_character_of_its_own_alphabet() -> None:
    assert CODE.startswith("7KQ2-M4XA-") and len(CODE) == 11
    assert CODE[-1] in ALPHABET
    assert {label_code(f"000000{a}0")[-1] for a in ALPHABET} == set(ALPHABET)


def test_the_check_character_is_luhn_mod_32() -> None:
    assert label_code("00000000") == "0000-0000-0"
    assert label_code("00000001") == "0000-0001-Y"
    assert label_code("0000000G") == "0000-000G-Z"
    assert label_code("00000010") == "0000-0010-Z"


@given(codes, st.integers(0, 8), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(random8: str, position: int, wrong: str) -> None:
    plain = label_code(random8).replace("-", "")
    damaged = plain[:position] + wrong + plain[position + 1 :]
    if damaged == plain:
        assert parse_label(damaged) == label_code(random8)
        return
    with pytest.raises(UnreadableCode) as refused:
        parse_label(damaged)
    assert refused.value.detail["reason"] == "bad_check"


@given(codes, st.integers(0, 7))
def test_a_swap_of_neighbours_is_noticed_but_for_the_known_pair(random8: str, at: int) -> None:
    plain = label_code(random8).replace("-", "")
    pair = {plain[at], plain[at + 1]}
    if len(pair) == 1 or pair == {"0", "Z"}:
        return
    with pytest.raises(UnreadableCode):
        parse_label(plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :])


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        CODE.lower(),
        PLAIN,
        f" {PLAIN[:4]} {PLAIN[4:8]} {PLAIN[8:]} \n",
        f"HTTPS://I.EXAMPLE.COM/S/{CODE}",
        f"https://i.example.com/s/{CODE.lower()}",
        f"http://192.168.1.20:8000/S/{PLAIN}/",
        f"https://i.example.com/S/{CODE}?utm=x#top",
        f"i.example.com/s/{CODE}",
        f"/S/{CODE}",
    ],
)
def test_a_code_is_read_in_any_form(text: str) -> None:
    assert parse_label(text) == CODE
    assert readings(text)[0] == Reading(kind=ReadingKind.LABEL, text=CODE)


def test_look_alikes_are_forgiven() -> None:
    code = label_code("01AB01AB")
    assert parse_label(code.replace("0", "O").replace("1", "l")) == code
    assert parse_label(code.replace("0", "o").replace("1", "I")) == code
    assert folded("o-I l") == "011"


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "empty"),
        ("  ", "empty"),
        ("UTR-017", "not_a_label"),
        (PLAIN + "0", "not_a_label"),
        ("7KQ2-M4XU-9", "not_a_label"),
    ],
)
def test_what_is_no_code_is_told_apart_from_a_damaged_one(text: str, reason: str) -> None:
    with pytest.raises(UnreadableCode) as refused:
        parse_label(text)
    assert refused.value.detail["reason"] == reason


@pytest.mark.parametrize("random8", ["7KQ2M4X", "7KQ2M4XAB", "7KQ2M4XU", "7KQ2-M4X"])
def test_a_code_is_made_of_eight_characters_of_the_alphabet(random8: str) -> None:
    with pytest.raises(ValueError):
        label_code(random8)


def test_the_url_on_a_label_is_upper_case_and_fits_the_alphanumeric_mode() -> None:
    url = label_url("https://i.example.com/", CODE)
    assert url == f"HTTPS://I.EXAMPLE.COM/S/{CODE}"
    assert set(url) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


# --- Readings --------------------------------------------------------------------------------------------------------


def test_a_damaged_label_says_so_and_may_still_be_an_id() -> None:
    damaged = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    assert readings(f"https://i.example.com/S/{damaged}") == [
        Reading(kind=ReadingKind.LABEL, text=damaged, damaged=True),
        Reading(kind=ReadingKind.STATION, text=damaged),
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\ufeff", "\x00"])
def test_nothing_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableCode) as refused:
        readings(text)
    assert refused.value.detail["reason"] == "empty"


@pytest.mark.parametrize("text", ["UTR-017", "UTR 017", "RDAM|123456", "a/b/c", "utr-017", "AA:BB:CC", "CSR-0001234"])
def test_a_bare_id_is_kept_as_written(text: str) -> None:
    assert readings(f" {text}\r\n") == [Reading(kind=ReadingKind.STATION, text=text)]


@pytest.mark.parametrize(
    "text, station, number, evse_id",
    [
        ("NL-ABC-EUTR-DEPOT-017-1", "UTR-DEPOT-017", 1, "NL-ABC-EUTR-DEPOT-017-1"),
        ("nl-abc-eUtr 1-12", "Utr 1", 12, "NL-ABC-EUTR 1-12"),
        ("NL*ABC*EUTR171220*2", "UTR171220", 2, "NL*ABC*EUTR171220*2"),
        ("nlabceutr171220*2", "UTR171220", 2, "NL*ABC*EUTR171220*2"),
        ("DE*HUB*E030000012", "030000012", None, "DE*HUB*E030000012"),
    ],
)
def test_an_evse_id_names_its_station(text: str, station: str, number: int | None, evse_id: str) -> None:
    first = readings(text)[0]
    assert first == Reading(kind=ReadingKind.EVSE, text=station, evse_sequence_number=number, evse_id=evse_id)
    assert Reading(kind=ReadingKind.STATION, text=text) in readings(text)


def test_a_starred_evse_id_may_stand_for_hyphens() -> None:
    texts = [reading.text for reading in readings("NL*ABC*EUTR*DEPOT*017*1") if reading.evse_sequence_number == 1]
    assert texts == ["UTR*DEPOT*017", "UTR-DEPOT-017", "UTRDEPOT017"]


@pytest.mark.parametrize(
    "text, first",
    [
        ("https://m.intercharge.eu/evse/show?evseid=DE*HUB*030*000012", "DE*HUB*030*000012"),
        ("https://charging.wattify.be/charger-7", "charger-7"),
        ("https://x.example/cp/UTR%20017/", "UTR 017"),
        ("https://x.example/start?lang=nl&chargepoint=UTR-017&pin=4711", "UTR-017"),
        ("HTTPS://X.EXAMPLE/#/station/UTR-017", "UTR-017"),
        ("evse://UTR-017/1", "1"),
    ],
)
def test_a_foreign_url_is_read_and_its_last_part_or_query_taken(text: str, first: str) -> None:
    assert ids(text)[0] == first
    assert "4711" not in ids(text)


def test_the_phone_apps_own_link_is_a_label_too() -> None:
    assert readings(f"https://x.example/#/scan/{CODE}")[0] == Reading(kind=ReadingKind.LABEL, text=CODE)


@pytest.mark.parametrize(
    "text, wanted, secret",
    [
        (
            "WIFI:S:TeslaWallConnector_A1B2C3;T:WPA;P:hunter2-hunter;;",
            ["TeslaWallConnector_A1B2C3", "A1B2C3"],
            "hunter2",
        ),
        ("wifi:T:WPA;P:hunter2\\;hunter;S:EVBOX-77\\;8;;", ["EVBOX-77;8", "77;8"], "hunter"),
        ("EH123456,4711", ["EH123456"], "4711"),
        ("EH123456;AB-4711", ["EH123456"], "4711"),
        ("EH123456 PIN 4711", ["EH123456"], "4711"),
        ("S/N: EH123456 PIN: 4711", ["EH123456"], "4711"),
        ("S/N: EH123456\nPIN: 4711\nModel: Home", ["EH123456", "Home"], "4711"),
        ("SN=EH123456;PIN=4711", ["EH123456"], "4711"),
        ("id=UTR-017&security_code=ABCD4711", ["UTR-017"], "4711"),
        ('{"serialNumber":"ZAP001","pin":"4711","type":"Pro"}', ["ZAP001", "Pro"], "4711"),
        ('{"device":{"id":"ZAP001","wifi":{"ssid":"x","password":"hunter4711"}}}', ["ZAP001"], "4711"),
        ('[{"userPin":4711,"cp":"ZAP001"}]', ["ZAP001"], "4711"),
        ("https://app.example/?serial=ZAP001&key=k4711&token=t4711", ["ZAP001"], "4711"),
    ],
)
def test_a_secret_beside_an_id_does_not_come_out_again(text: str, wanted: list[str], secret: str) -> None:
    found = ids(text)
    assert [candidate for candidate in wanted if candidate in found] == wanted
    assert found[0] == wanted[0]
    assert secret not in repr(readings(text))
    assert secret not in redacted(text)


def test_a_list_gives_each_of_its_parts() -> None:
    assert ids("UTR-017\nModel X\n2025") == ["UTR-017", "Model X", "2025"]
    assert ids("Model=Twin;Serial=EH12;FW=1") == ["EH12", "Twin", "1"]


def test_broken_json_is_taken_whole() -> None:
    assert ids('{"serial":') == ['{"serial":']


@given(st.text(max_size=300))
def test_any_text_at_all_gives_readings_or_is_unreadable(text: str) -> None:
    try:
        found = readings(text)
    except UnreadableCode:
        return
    assert len(found) <= 20
    assert all(reading.text.isprintable() for reading in found)
    redacted(text)


def test_a_very_long_or_deep_text_is_cut_short() -> None:
    assert readings("x" * 100_000) == []
    assert isinstance(readings("[" * 100_000), list)


# --- Near misses -----------------------------------------------------------------------------------------------------

KNOWN = ["UTR-017", "UTR-018", "UTR-117", "RDAM-5", "AMS 12"]


@pytest.mark.parametrize(
    "text, first",
    [
        ("utr-017", "UTR-017"),
        ("UTR 017", "UTR-017"),
        ("UTR-O17", "UTR-017"),
        ("UTR-0l7", "UTR-017"),
        ("UTR-07", "UTR-017"),
        ("UTR-0117", "UTR-017"),
        ("UTR-O71", "UTR-017"),
        ("AMS12", "AMS 12"),
        ("RDM-5", "RDAM-5"),
    ],
)
def test_the_nearest_id_comes_first(text: str, first: str) -> None:
    assert nearest(text, KNOWN, 3)[0] == first


def test_only_near_ids_are_offered_and_no_more_than_asked_for() -> None:
    assert nearest("XYZ-999", KNOWN) == []
    assert nearest("", KNOWN) == []
    assert nearest("UTR-017", KNOWN, 1) == ["UTR-017"]
    assert nearest("UTR-017", KNOWN) == ["UTR-017", "UTR-018", "UTR-117"]


@given(st.text("AB01", max_size=8), st.text("AB01", max_size=8))
def test_nearness_is_the_same_both_ways(one: str, other: str) -> None:
    if len(one) == len(other):
        assert nearest(one, [other]) == ([other] if nearest(other, [one]) else [])
