"""The phone's part of the OpenAPI document as a source of calls, like `tests/api/test_schemathesis.py`.

Anna has a commissioning of a station with a location and a model, and half of the calls are about them. No answer is a
5xx, and each is one that the document declares, refusals in the shape of a problem. The stream is apart: it never ends.
"""

from typing import Any

import pytest
from schemathesis import Case, GenerationMode

from app.ports import Ports
from tests.calls import operations_of, tried
from tests.conftest import ABC, TWIN, YARD
from tests.fakes import FakeClock
from tests.field.conftest import Phone
from tests.field.test_openapi import DOCUMENT
from tests.field.test_sync import begin, stock_station
from tests.field.test_trials import set_live

OPERATIONS = {label: found for label, found in operations_of(DOCUMENT).items() if label != "GET /field/stream"}
COMMISSIONING, STATION = "c-0000-1", "UTR-1"
NAMED: dict[str, Any] = {
    "commissioning_id": COMMISSIONING,
    "cpo": ABC,
    "cpo_id": ABC,
    "station_id": STATION,
    "charge_station_id": STATION,
    "location_id": YARD,
    "template_id": TWIN,
    "text": STATION,
}
"""What is there, as paths, queries and bodies name it."""


def aimed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: NAMED.get(name, aimed(each)) for name, each in value.items()}
    return [aimed(each) for each in value] if isinstance(value, list) else value


def aim(case: Case) -> None:
    """The call, now about what is there."""
    case.path_parameters.update({name: NAMED[name] for name in case.path_parameters if name in NAMED})
    if isinstance(case.query, dict):
        case.query.update({name: NAMED[name] for name in case.query if name in NAMED})
    if isinstance(case.body, dict | list):
        case.body = aimed(case.body)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", OPERATIONS)
async def test_calls_made_from_the_document_are_answered_as_it_says(
    phone: Phone, ports: Ports, clock: FakeClock, label: str, mode: GenerationMode
) -> None:
    await stock_station(ports)
    await begin(phone)
    await phone.ok("choose_location", location_id=YARD)
    await set_live(ports, clock, online=True)
    await tried(OPERATIONS[label], mode, phone.client, phone.headers, aim=aim, after=lambda _: None)
