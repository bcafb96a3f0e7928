"""The live listener of tests/ocpp, where each pitfall of connectivity.md is played."""

from tests.ocpp.conftest import quick, world

__all__ = ["quick", "world"]
