"""What goes wrong before a handler, always in the envelope: paths, methods, sizes, broken bodies, bad queries."""

from typing import Any

import pytest

from tests.api.conftest import BODY_LIMIT, CUSTOMERS, LOCATIONS, STATIONS, TEMPLATES, Api, one

ROUTES = [
    STATIONS,
    f"{STATIONS}/UTR-017",
    TEMPLATES,
    LOCATIONS,
    f"{LOCATIONS}/somewhere",
    CUSTOMERS,
    f"{CUSTOMERS}/ABC/C-1",
]


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/1.0", "/api/1.0/Locations", "/api/2.0/ChargeStations", "/API/9/x", "/api/%FF"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_path_is_404_in_the_envelope(api: Api, method: str, path: str) -> None:
    answer = await api.send(method, path)
    assert answer.status_code == 404
    assert set(answer.json()) == {"timestamp", "data", "status_code", "status_message"}
    assert answer.json()["status_code"] == 2000


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["DELETE", "TRACE"])
async def test_a_wrong_method_is_405_and_says_which_are_right(api: Api, method: str, path: str) -> None:
    answer = await api.send(method, path)
    assert (answer.status_code, answer.json()["status_code"]) == (405, 2000)
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("method", "path"), [("POST", STATIONS), ("POST", LOCATIONS), ("POST", TEMPLATES), ("POST", CUSTOMERS)]
)
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"name": 5, nonsense}', b'{"name": "\xff\xfe"}', b'{"x":' + b"[" * 300_000],
    ids=["empty", "cut off", "wrong and broken", "not UTF-8", "too deep"],
)
async def test_what_is_not_json_is_400(api: Api, method: str, path: str, content: bytes) -> None:
    http, status, message = await api.refused(method, path, content=content)
    assert (http, status) == (400, 2000)
    assert message.startswith("the body is")


async def test_broken_json_on_something_that_exists_is_400_without_data(api: Api, station: dict[str, Any]) -> None:
    for path in (one(STATIONS, station["charge_station_id"]), one(LOCATIONS, station["location_id"])):
        for method in ("PUT", "PATCH"):
            answer = await api.send(method, path, content=b"{ broken")
            assert (answer.status_code, answer.json()["data"]) == (400, None)


@pytest.mark.parametrize("path", [STATIONS, LOCATIONS, TEMPLATES, CUSTOMERS])
async def test_a_body_over_the_limit_is_413_with_and_without_a_declared_length(api: Api, path: str) -> None:
    async def chunks() -> Any:
        for _ in range(11):
            yield b" " * (BODY_LIMIT // 10)

    for content in (b" " * (BODY_LIMIT + 1), chunks()):
        assert (await api.refused("POST", path, content=content))[:2] == (413, 2000)


async def test_a_body_at_the_limit_is_read(api: Api) -> None:
    assert (await api.refused("POST", STATIONS, content=b" " * BODY_LIMIT))[0] == 400


@pytest.mark.parametrize("path", [STATIONS, LOCATIONS])
@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", "-1"), ("limit", "ten"), ("offset", "-5"), ("date_from", "now"), ("exclude_evses_modified", "perhaps")],
)
async def test_a_bad_query_is_2001_and_names_the_parameter(api: Api, path: str, name: str, value: str) -> None:
    http, status, message = await api.refused("GET", f"{path}?{name}={value}")
    assert (http, status) == (400, 2001)
    assert name in message


@pytest.mark.parametrize(("query", "name"), [("latitude=52.1", "longitude"), ("distanceinmeters=500", "latitude")])
async def test_a_location_query_that_would_answer_too_much_is_2001(api: Api, query: str, name: str) -> None:
    http, status, message = await api.refused("GET", f"{LOCATIONS}?{query}")
    assert (http, status) == (400, 2001)
    assert name in message


async def test_a_bad_query_on_one_location_is_2001(api: Api, location: dict[str, Any]) -> None:
    http, status, message = await api.refused("GET", f"{one(LOCATIONS, location['id'])}?excludeEvses=perhaps")
    assert (http, status) == (400, 2001)
    assert "excludeEvses" in message


async def test_valid_json_that_is_no_object_is_2000(api: Api) -> None:
    for content in (b"[]", b"null", b"7", b'"x"'):
        http, status, message = await api.refused("POST", STATIONS, content=content)
        assert (http, status) == (200, 2000) and "expected object" in message


async def test_without_a_key_the_size_of_a_body_does_not_matter(api: Api) -> None:
    answer = await api.client.post(STATIONS, content=b" " * (BODY_LIMIT + 1))
    assert answer.status_code == 401
