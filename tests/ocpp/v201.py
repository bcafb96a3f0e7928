"""What an OCPP 2.0.1 station says in these tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.ocpp.conftest import STATION, Client, World

BOOT = {
    "reason": "PowerUp",
    "chargingStation": {
        "vendorName": "Alfen",
        "model": "Eve Double",
        "serialNumber": "ACE-1",
        "firmwareVersion": "7.1",
        "modem": {"iccid": "8931", "imsi": "2040"},
    },
}
NOW = "2026-03-02T08:00:00Z"


@asynccontextmanager
async def station(world: World, charge_station_id: str = STATION, **more: Any) -> AsyncIterator[Client]:
    """A connected client that speaks 2.0.1 and has booted."""
    async with world.client(charge_station_id, subprotocols=["ocpp2.0.1"], **more) as client:
        answer = await client.ask("BootNotification", BOOT)
        assert answer[0] == 3 and answer[2]["status"] == "Accepted", answer
        yield client


async def status(client: Client, evse: int, connector: int, word: str) -> list[Any]:
    said = {"timestamp": NOW, "connectorStatus": word, "evseId": evse, "connectorId": connector}
    return await client.ask("StatusNotification", said)


def energy(value: float, **more: Any) -> list[Any]:
    return [{"timestamp": NOW, "sampledValue": [{"value": value} | more]}]


def event(step: str, seq: int, **more: Any) -> dict[str, Any]:
    """A TransactionEvent of transaction T-1; `info` and what else is given are added to it."""
    info = {"transactionId": "T-1"} | more.pop("info", {})
    said = {"eventType": step, "timestamp": NOW, "triggerReason": "Authorized", "seqNo": seq, "transactionInfo": info}
    return said | more


def token(card: str, kind: str = "ISO14443") -> dict[str, str]:
    return {"idToken": card, "type": kind}
