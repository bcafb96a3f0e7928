"""GET, POST and PUT /api/1.0/ChargeStations/ChargestationTemplate."""

from typing import Any

import pytest

from tests.api.conftest import STATIONS, TEMPLATES, Api, connector, one, station_body, template_body
from tests.conftest import ABC

CONNECTOR_KEYS = {"id", "amperage", "voltage", "max_electric_power", "standard", "format", "power_type"}


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_create_answers_the_whole_template_and_the_list_has_it(api: Api, method: str) -> None:
    made = await api.ok(method, TEMPLATES, template_body())
    assert set(made) == {"template_id", "name", "tenant_id", "evse_templates"}
    assert made["template_id"] and made["tenant_id"] == ABC
    for number, evse in enumerate(made["evse_templates"], 1):
        assert set(evse) == {"evse_sequence_number", "capabilities", "connector_templates"}
        assert evse["capabilities"] == []
        assert set(evse["connector_templates"][0]) == CONNECTOR_KEYS
        assert (evse["evse_sequence_number"], evse["connector_templates"][0]["id"]) == (number, number)
    assert await api.ok("GET", TEMPLATES) == [made]


async def test_put_with_a_known_template_id_replaces_it(api: Api) -> None:
    made = await api.ok("POST", TEMPLATES, template_body())
    changed = await api.ok("PUT", TEMPLATES, {**made, "name": "Twin, renamed"})
    assert changed["template_id"] == made["template_id"]
    assert [template["name"] for template in await api.ok("GET", TEMPLATES)] == ["Twin, renamed"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_template_of_another_cpo_is_404_and_stays_as_it_is(api: Api, method: str) -> None:
    theirs = await api.ok("POST", TEMPLATES, template_body(), who="other CPO")
    body = template_body(template_id=theirs["template_id"], name="Mine")
    http, status, message = await api.refused(method, TEMPLATES, body)
    assert (http, status) == (404, 2000) and message == f"hardware template {theirs['template_id']} is not known"
    assert await api.ok("GET", TEMPLATES, who="other CPO") == [theirs]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (template_body(name=None), "name"),
        (template_body(evse_templates=[]), "evse_templates"),
        (template_body(evse_templates=[{}]), "evse_templates[0].evse_sequence_number"),
        (template_body(evse_templates=[{"evse_sequence_number": 1}]), "connector_templates"),
        (
            template_body(
                evse_templates=[{"evse_sequence_number": 1, "connector_templates": [connector(format="PLUG")]}]
            ),
            "evse_templates[0].connector_templates[0].format",
        ),
    ],
)
async def test_an_invalid_template_is_2000_naming_the_field(api: Api, body: dict[str, Any], named: str) -> None:
    http, status, message = await api.refused("POST", TEMPLATES, body)
    assert (http, status) == (200, 2000) and named in message
    assert await api.ok("GET", TEMPLATES) == []


@pytest.mark.parametrize("word", ["chargestationtemplate", "CHARGESTATIONTEMPLATE", "ChargeStationTemplate"])
async def test_the_word_wins_over_a_station_id_in_any_case(api: Api, word: str) -> None:
    assert await api.ok("GET", f"{STATIONS}/{word}") == []


async def test_a_station_is_made_from_a_template_and_keeps_no_link_to_it(api: Api, location: dict[str, Any]) -> None:
    template = await api.ok("POST", TEMPLATES, template_body())
    body = station_body(location["id"], evses=None, charge_station_template_id=template["template_id"])
    made = await api.ok("POST", STATIONS, body)
    assert [evse["uid"] for evse in made["evses"]] == ["NL-ABC-EUTR-017-1", "NL-ABC-EUTR-017-2"]
    assert [evse["connectors"][0]["id"] for evse in made["evses"]] == ["1", "2"]
    assert "charge_station_template_id" not in made
    await api.ok("PUT", TEMPLATES, {**template, "evse_templates": template["evse_templates"][:1]})
    assert len((await api.ok("GET", one(STATIONS, "UTR-017")))["evses"]) == 2


async def test_a_template_that_does_not_exist_is_2000_and_makes_nothing(api: Api, location: dict[str, Any]) -> None:
    body = station_body(location["id"], evses=None, charge_station_template_id="no-such")
    http, status, message = await api.refused("POST", STATIONS, body)
    assert (http, status) == (200, 2000) and "no-such" in message
    assert await api.ok("GET", STATIONS) == []


@pytest.mark.parametrize(
    ("kept", "said"), [(1, "Success"), (2, "Success; what was written about EVSE 1 is gone with it")]
)
async def test_a_template_in_a_put_keeps_descriptions_and_says_which_went(
    api: Api, station: dict[str, Any], kept: int, said: str
) -> None:
    told = {"directions": [{"language": "nl", "text": "links"}], "parking_restrictions": ["EV_ONLY"]}
    about = {"floor_level": "-1", "physical_reference": "17A", **told}
    evses = [{"evse_sequence_number": 1, **about}]
    patched = await api.ok("PATCH", one(STATIONS, "UTR-017"), {"charge_station_id": "UTR-017", "evses": evses})
    sockets = [{"evse_sequence_number": kept, "connector_templates": [connector(id=1)]}]
    await api.ok("POST", TEMPLATES, template_body(template_id="new", evse_templates=sockets))
    body = {**patched, "charge_station_template_id": "new", "evses": None}
    answer = (await api.send("PUT", one(STATIONS, "UTR-017"), body)).json()
    assert answer["status_message"] == said
    [evse] = answer["data"]["evses"]
    told_nothing = {"floor_level": None, "physical_reference": None, "directions": [], "parking_restrictions": []}
    assert {name: evse[name] for name in about} == (about if kept == 1 else told_nothing)
