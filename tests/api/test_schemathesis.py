"""The OpenAPI document as a source of calls: what schemathesis makes of it, as described and against the description.

The CPO has a location, a station, a template and a customer, and half of the calls are about them. No answer is a
5xx, each is one that the document declares, in its envelope, and no body that the document forbids is
written. The seed is fixed; a failure shows the smallest call that makes it.
"""

import json
from typing import Any

import httpx
import pytest
from jsonschema import ValidationError
from schemathesis import Case, GenerationMode

from app.ports import Ports
from app.web.bodies import tolerated
from tests.api.conftest import CUSTOMERS, LOCATIONS, STATIONS, TEMPLATES, Api, key_of, station_reports
from tests.api.test_openapi import DOCUMENT, SCHEMAS, TAKEN
from tests.calls import operations_of, tried

OPERATIONS = operations_of(DOCUMENT)
STATION, PLACE, MODEL = TAKEN["PostChargeStation"], TAKEN["PostLocation"], TAKEN["HardwareTemplateInput"]
NAMED = {
    "charge_station_id": STATION["charge_station_id"],
    "location_id": PLACE["id"],
    "id": PLACE["id"],
    "cpo_id": PLACE["cpo_id"],
    "external_id": TAKEN["PostCpoCustomer"]["external_id"],
    "template_id": MODEL["template_id"],
    "tenant_id": PLACE["cpo_id"],
    "charge_station_template_id": MODEL["template_id"],
    "chargestation_id": STATION["charge_station_id"],
    "evse_uid": TAKEN["UnlockConnector"]["evse_uid"],
    "connector_id": "1",
    "session_id": TAKEN["StopSession"]["session_id"],
    "charge_station_notification_id": "none",
}
"""What is there, as paths and bodies name it."""


async def fill(api: Api, ports: Ports) -> None:
    await api.ok("POST", LOCATIONS, PLACE)
    await api.ok("POST", STATIONS, STATION)
    await api.ok("POST", TEMPLATES, MODEL)
    await api.ok("POST", CUSTOMERS, TAKEN["PostCpoCustomer"])
    await station_reports(ports, STATION["charge_station_id"], "Available")


def aim(case: Case, known: dict[str, Any]) -> None:
    """The call, now about objects that are there and with all that the key opens."""
    case.headers.pop("cpsoIds", None)
    case.path_parameters.update({name: known[name] for name in case.path_parameters})
    for body in case.body if isinstance(case.body, list) else [case.body]:
        if isinstance(body, dict):
            body.update({name: known[name] for name in known.keys() & body.keys()})


def etags(answer: httpx.Response) -> dict[str, str]:
    """The current etag, where an answer about one object tells it: so that the next PUT may have it."""
    data = answer.json()["data"]
    shown = data[0] if isinstance(data, list) and len(data) == 1 else data
    return {"etag": shown["etag"]} if isinstance(shown, dict) and "etag" in shown else {}


def done(answer: httpx.Response) -> list[Any]:
    """The bodies that this call was told are written: its own, or those of a batch."""
    said = answer.json()
    if said["status_code"] != 1000 or not answer.request.content:
        return []
    body = json.loads(answer.request.content)
    return (
        [body]
        if isinstance(body, dict)
        else [item for item, outcome in zip(body, said["data"], strict=True) if outcome["status_code"] == 1000]
    )


def fits(body: Any, label: str) -> bool:
    """Whether the document allows this body (in a batch, this item) but for what writes are known to overlook."""
    method, path = label.split()
    read = tolerated(body)
    try:
        SCHEMAS.check_body(method, path, [read] if path.endswith("/batch") else read)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", OPERATIONS)
async def test_calls_made_from_the_document_are_answered_as_it_says(
    api: Api, ports: Ports, label: str, mode: GenerationMode
) -> None:
    await fill(api, ports)
    known = dict(NAMED)

    def after(answer: httpx.Response) -> None:
        assert not [body for body in done(answer) if not fits(body, label)]
        known.update(etags(answer))

    own = {"Authorization": f"Token {key_of('right')}"}
    await tried(OPERATIONS[label], mode, api.client, own, aim=lambda case: aim(case, known), after=after)
