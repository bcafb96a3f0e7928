"""Malformed and invalid bodies are told apart, and an invalid one names its field and what was expected."""

import pytest

from app.domain.errors import InvalidField, Malformed, MissingField
from app.domain.locations import PostLocation
from app.domain.model import Connector, EnergyMix, HardwareTemplate, Hours, ParkingRestriction
from app.domain.stations import PatchChargeStation, PostChargeStation
from app.web.bodies import decode

DEEP = b"[" * 200_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"name": "x",}',
        b'{"name": 5, nonsense}',
        b'{"name": "x"} trailing',
        b'{"name": "\xff"}',
        b'{"nobody knows this": "\xff"}',
        b'{"name": "\\ud800"}',
        b'{"nobody knows this": ' + DEEP,
        DEEP,
        b'{"evses": ' + DEEP,
        b'{"name": NaN}',
        b"\xef\xbb\xbf{}",
    ],
    ids=range(13),
)
def test_what_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(body, PostChargeStation)


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        (b"[]", "body", "object, got array"),
        (b"null", "body", "object, got null"),
        (b'{"name": 5}', "name", "str or null, got int"),
        (b'{"installation_date": "2021-01-27"}', "installation_date", "a date-time such as 2026-03-02T08:00:00Z"),
        (b'{"deploy_state": "Store"}', "deploy_state", "one of Stock, Production, Deprecated, got 'Store'"),
        (
            b'{"evses": [{}, {"connectors": [{"format": "PLUG"}]}]}',
            "evses[1].connectors[0].format",
            "one of SOCKET, CABLE, got 'PLUG'",
        ),
        (
            b'{"evses": [{"connectors": [{"voltage": "230 V"}]}]}',
            "evses[0].connectors[0].voltage",
            "int or null, got str",
        ),
        (b'{"nobody knows this": 1e400, "name": 5}', "body", "a smaller number"),
    ],
)
def test_what_is_json_but_invalid_names_the_field(body: bytes, field: str, expected: str) -> None:
    with pytest.raises(InvalidField) as caught:
        decode(body, PostChargeStation)
    assert caught.value.detail["field"] == field
    assert expected in caught.value.message and field in caught.value.message


def test_a_missing_field_inside_is_named_with_its_place() -> None:
    with pytest.raises(MissingField, match=r"opening_times.regular_hours\[0\].period_begin not provided"):
        decode(b'{"opening_times": {"regular_hours": [{"weekday": 1}]}}', PostLocation)
    with pytest.raises(MissingField, match=r"evse_templates\[0\].evse_sequence_number not provided"):
        decode(b'{"evse_templates": [{}]}', HardwareTemplate)


def test_read_only_keys_are_ignored_whatever_they_hold() -> None:
    body = b"""{"created": 7, "status": [], "evses": [{"uid": "u", "status": null, "last_updated": "yesterday",
        "connectors": [{"id": "1", "last_updated": 5}]}]}"""
    post = decode(body, PostChargeStation)
    assert isinstance(post.evses, list) and post.evses[0].uid == "u"
    patch = decode(body, PatchChargeStation)
    assert isinstance(patch.evses, list) and patch.evses[0].uid == "u"


def test_a_wrong_value_beside_an_ignored_one_is_still_found() -> None:
    with pytest.raises(InvalidField, match="evses"):
        decode(b'{"evses": [{"status": null, "uid": 7}, "no object"]}', PostChargeStation)


def test_parking_restrictions_come_in_any_case() -> None:
    post = decode(b'{"evses": [{"parking_restrictions": ["Customers", "ev_only"]}]}', PostChargeStation)
    assert isinstance(post.evses, list)
    assert post.evses[0].parking_restrictions == [ParkingRestriction.CUSTOMERS, ParkingRestriction.EV_ONLY]


def test_what_a_location_derives_is_ignored_whatever_it_holds() -> None:
    body = b"""{"opening_times": {"twentyfourseven": "so they say", "twenty_four_seven": true, "regular_hours": []},
        "energy_mix": {"energy_mix_profile_id": "p", "energy_sources": [{"source": "PEAT"}], "supplier_name": 7}}"""
    post = decode(body, PostLocation)
    assert post.opening_times == Hours(regular_hours=[])
    assert post.energy_mix == EnergyMix(energy_mix_profile_id="p")


def test_numbers_and_truths_may_come_quoted() -> None:
    body = b"""{"tap_to_stop": "True", "contactless_terminal_auth_amount": "1.25", "evses": [
        {"evse_sequence_number": "1", "connectors": [{"id": "1", "voltage": "230", "amperage": "32"}]}]}"""
    post = decode(body, PostChargeStation)
    assert (post.tap_to_stop, post.contactless_terminal_auth_amount) == (True, 1.25)
    assert isinstance(post.evses, list)
    assert post.evses[0].evse_sequence_number == 1
    assert post.evses[0].connectors == [Connector(id="1", voltage=230, amperage=32)]
    assert decode(b'{"publish": "false"}', PostLocation).publish is False


@pytest.mark.parametrize("said", ['"yes"', '"1e3"', '"NaN"', '" 1"', '"0x10"', '"01"', '""', "[]"])
def test_what_is_quoted_must_be_a_number_or_a_truth(said: str) -> None:
    with pytest.raises(InvalidField, match="contactless_terminal_auth_amount"):
        decode(b'{"contactless_terminal_auth_amount": %s}' % said.encode(), PostChargeStation)


def test_texts_that_look_like_numbers_stay_texts() -> None:
    post = decode(b'{"name": "230", "remarks": "true", "tap_to_stop": "true"}', PostChargeStation)
    assert (post.name, post.remarks, post.tap_to_stop) == ("230", "true", True)
