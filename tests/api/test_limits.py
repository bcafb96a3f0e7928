"""The edges of what is taken: names in any script, texts at their full length, windows beyond the end, words that are
no ids, and two writers at once.
"""

import asyncio
from typing import Any

import pytest

from tests.api.conftest import LOCATIONS, STATIONS, TEMPLATES, Api, location_body, one, station_body, template_body

NAMES = [
    "Straße 站 – Лаадпунт",
    "محطة الشحن",
    "\u05ea\u05d7\u05e0\u05d4 17",
    "\U0001f50c Depot \U0001f469\u200d\U0001f527",
    "e\u0301 and \u00e9",
]


@pytest.mark.parametrize("name", NAMES, ids=["accents", "Arabic", "Hebrew", "emoji", "combining"])
async def test_a_name_in_any_script_is_kept_as_it_is(api: Api, name: str) -> None:
    place = await api.ok("POST", LOCATIONS, location_body(name=name))
    made = await api.ok("POST", STATIONS, station_body(place["id"], name=name))
    model = await api.ok("POST", TEMPLATES, template_body(name=name))
    read = await api.ok("GET", one(STATIONS, made["charge_station_id"]))
    assert [place["name"], read["name"], model["name"]] == [name] * 3
    assert [each["name"] for each in await api.ok("GET", LOCATIONS)] == [name]


@pytest.mark.parametrize("sign", ["x", "é", "\U0001f50c"])
async def test_directions_have_512_characters_in_any_script_and_not_one_more(
    api: Api, station: dict[str, Any], sign: str
) -> None:
    def said(length: int) -> dict[str, Any]:
        return {"directions": [{"language": "en", "text": sign * length}]}

    path, evse = one(STATIONS, "UTR-017"), {"evse_sequence_number": 1}
    kept = await api.ok("PATCH", path, {"charge_station_id": "UTR-017", "evses": [{**evse, **said(512)}]})
    assert kept["evses"][0]["directions"] == said(512)["directions"]
    longer = {"charge_station_id": "UTR-017", "evses": [{**evse, **said(513)}]}
    http, status, message = await api.refused("PATCH", path, longer)
    assert (http, status) == (200, 2000) and "directions" in message
    assert await api.ok("GET", path) == kept


@pytest.mark.parametrize("collection", [STATIONS, LOCATIONS])
@pytest.mark.parametrize("offset", ["-1", "2147483648", "9" * 40])
async def test_an_offset_that_is_no_place_in_a_list_is_2001(api: Api, collection: str, offset: str) -> None:
    http, status, message = await api.refused("GET", f"{collection}?offset={offset}")
    assert (http, status) == (400, 2001) and "offset" in message


@pytest.mark.parametrize("collection", [STATIONS, LOCATIONS])
async def test_a_window_beyond_the_end_is_empty_and_tells_the_total(
    api: Api, station: dict[str, Any], collection: str
) -> None:
    answer = await api.send("GET", f"{collection}?offset=2147483647&limit={'9' * 40}")
    assert answer.json()["data"] == [] and "link" not in answer.headers
    assert (answer.headers["x-total-count"], answer.headers["x-limit"]) == ("1", "1000")


@pytest.mark.parametrize("word", ["batch", "Batch", "chargestationtemplate", "ChargestationTemplate"])
async def test_a_word_of_the_path_is_no_stations_id(api: Api, location: dict[str, Any], word: str) -> None:
    http, status, message = await api.refused("POST", STATIONS, station_body(location["id"], word))
    assert (http, status) == (200, 2000) and "charge_station_id" in message
    assert await api.ok("GET", STATIONS) == []


@pytest.mark.parametrize("word", ["batch", "BATCH", "a/b", "..", " x"])
async def test_what_cannot_stand_in_a_path_is_no_locations_id(api: Api, word: str) -> None:
    http, status, message = await api.refused("POST", LOCATIONS, location_body(id=word))
    assert (http, status) == (200, 2000) and "id" in message
    assert await api.ok("GET", LOCATIONS) == []


@pytest.mark.parametrize("depth", [100, 100_000])
async def test_what_is_ignored_may_be_nested_but_not_without_end(
    api: Api, location: dict[str, Any], depth: int
) -> None:
    path, nested = one(LOCATIONS, location["id"]), "[" * depth + "]" * depth
    answer = await api.send("PATCH", path, content=f'{{"id": "{location["id"]}", "name": "N", "new": {nested}}}')
    assert answer.status_code == (200 if depth == 100 else 400)
    assert (await api.ok("GET", path))["name"] == ("N" if depth == 100 else location["name"])


async def test_of_two_who_replace_a_station_at_once_one_wins_and_the_other_is_told(
    api: Api, station: dict[str, Any]
) -> None:
    path = one(STATIONS, "UTR-017")
    calls = [api.send("PUT", path, {**station, "name": name}) for name in ("first", "second")]
    told = [answer.json() for answer in await asyncio.gather(*calls)]
    (won,) = [each["data"] for each in told if each["status_code"] == 1000]
    (lost,) = [each for each in told if each["status_code"] == 2000]
    assert "etag" in lost["status_message"] and lost["data"] == [won]
    assert await api.ok("GET", path) == won


async def test_of_two_who_replace_a_location_at_once_one_wins_and_the_other_is_told(
    api: Api, location: dict[str, Any]
) -> None:
    path = one(LOCATIONS, location["id"])
    calls = [api.send("PUT", path, {**location, "name": name}) for name in ("first", "second")]
    told = [answer.json() for answer in await asyncio.gather(*calls)]
    (won,) = [each["data"] for each in told if each["status_code"] == 1000]
    (lost,) = [each for each in told if each["status_code"] == 2000]
    assert "etag" in lost["status_message"] and lost["data"] == won
    assert await api.ok("GET", path) == won
