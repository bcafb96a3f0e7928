"""The live listener of tests/ocpp, where each pitfall of connectivity.md is played, some in both OCPP versions."""

import re

import pytest

from tests.ocpp import conftest as clients
from tests.ocpp.conftest import OCPP201, quick, world

__all__ = ["quick", "world"]

IN_BOTH_VERSIONS = {1, 2, 3, 4, 7, 8, 9, 10, 11, 15, 18, 25}
"""26 goes from one to the other by itself."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    found = re.match(r"test_pitfall_(\d+)", metafunc.function.__name__)
    if found and int(found[1]) in IN_BOTH_VERSIONS:
        metafunc.parametrize("spoken", ["ocpp1.6", OCPP201], indirect=True)


@pytest.fixture(autouse=True)
def spoken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "SPOKEN", getattr(request, "param", "ocpp1.6"))
