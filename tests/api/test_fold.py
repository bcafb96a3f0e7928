"""Literal path segments in any case, ids exactly as written."""

from urllib.parse import quote

import pytest

from app.api.fold import folded_path, path_id

IDS = ["UTR-017", "a b", "a|b", "a/b", "a%b", "a%2Fb", "a?b", "a#b", "é-ß-站", "Batch1", "CHARGESTATIONS", "a+b", "..."]


@pytest.mark.parametrize("station_id", IDS)
def test_an_id_survives_the_path_unchanged(station_id: str) -> None:
    folded = folded_path(f"/API/1.0/chargestations/{quote(station_id, safe='')}")
    assert folded is not None
    prefix, _, last = folded.rpartition("/")
    assert (prefix, path_id(last)) == ("/api/1.0/ChargeStations", station_id)


def test_a_literal_slash_belongs_to_the_id_but_not_the_trailing_one() -> None:
    folded = folded_path("/api/1.0/ChargeStations/Depot/north/17/")
    assert folded is not None and path_id(folded.rpartition("/")[2]) == "Depot/north/17"


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/api/1.0/CHARGESTATIONS", "/api/1.0/ChargeStations"),
        ("/Api/1.0/chargestations/?limit=1", "/api/1.0/ChargeStations"),
        ("/api/2.0/locations", "/api/2.0/Locations"),
        ("/api/1.0/chargestations/chargestationtemplate", "/api/1.0/ChargeStations/ChargestationTemplate"),
        ("/api/1.0/chargestations/%43hargeStationTemplate/", "/api/1.0/ChargeStations/ChargestationTemplate"),
        ("/api/1.0/RemoteCommands/reset/", "/api/1.0/remotecommands/RESET"),
        ("/API/9.9/Nothing", "/api/9.9/Nothing"),
        ("/api", "/api"),
    ],
)
def test_literal_segments_are_folded(raw: str, path: str) -> None:
    assert folded_path(raw) == path


@pytest.mark.parametrize("uid", IDS)
def test_the_result_of_a_command_has_two_ids(uid: str) -> None:
    folded = folded_path(f"/api/1.0/RemoteCommands/{quote(uid, safe='')}/{quote('a b/c', safe='')}")
    assert folded is not None
    *prefix, evse, made = folded.split("/")
    assert "/".join(prefix) == "/api/1.0/remotecommands"
    assert (path_id(evse), path_id(made)) == (uid, "a b/c")


@pytest.mark.parametrize("each", IDS)
def test_a_customer_has_two_ids(each: str) -> None:
    folded = folded_path(f"/API/2.0/cpocustomers/{quote(each, safe='')}/{quote(each, safe='')}/")
    assert folded is not None
    *prefix, cpo_id, external_id = folded.split("/")
    assert "/".join(prefix) == "/api/2.0/CpoCustomers"
    assert (path_id(cpo_id), path_id(external_id)) == (each, each)


def test_a_literal_slash_behind_a_cpo_belongs_to_the_id_of_its_customer() -> None:
    assert folded_path("/api/2.0/CPOCUSTOMERS/ABC%20Charging/a/b") == "/api/2.0/CpoCustomers/ABC%20Charging/a%2Fb"


@pytest.mark.parametrize("raw", ["/", "/field/home", "/S/7KQ2-M4XA-9", "/apis/1.0/ChargeStations", "/desk/api"])
def test_paths_elsewhere_are_left_alone(raw: str) -> None:
    assert folded_path(raw) is None


def test_a_location_called_like_the_template_word_is_an_id() -> None:
    assert folded_path("/api/2.0/Locations/ChargestationTemplate") == "/api/2.0/Locations/ChargestationTemplate"
    assert folded_path("/api/2.0/Locations/chargestationtemplate") == "/api/2.0/Locations/chargestationtemplate"


def test_bytes_that_are_not_utf8_do_not_break_the_folding() -> None:
    assert folded_path("/api/1.0/ChargeStations/%FF%FE") == f"/api/1.0/ChargeStations/{quote(chr(0xFFFD) * 2)}"
