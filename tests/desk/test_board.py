"""The board of many: each card says why its station is not there, and what no attempt is kept of costs no read."""

from collections import Counter
from typing import Any

import pytest

from app.actions.live import knocked_among
from app.domain.live import Knock, KnockReason
from app.domain.people import Actor
from app.ports import Change, Ports, Put
from tests.conftest import ABC
from tests.desk.conftest import Desk, Work


async def knock(ports: Ports, identity: str, **fields: Any) -> None:
    made = Knock(
        id=ports.ids.uuid(),
        at=ports.clock.now(),
        identity=identity,
        canonical=identity,
        raw_path=f"/ocpp/{identity}",
        address="198.51.100.7",
        subprotocols=["ocpp1.6"],
        **fields,
    )
    await ports.store.commit(Change(writes=(Put(made),)))


async def test_stations_that_attempts_are_kept_of_are_told_from_those_without(ports: Ports) -> None:
    await knock(ports, "own-1 ", reason=KnockReason.WRONG_PASSWORD, charge_station_id="OWN-1")
    await knock(ports, "STRANGE-1", reason=KnockReason.UNKNOWN_ID)
    await knock(ports, "NEAR-2", reason=KnockReason.UNKNOWN_ID, nearest="NEAR-1")
    await knock(ports, "ELSE-1", reason=KnockReason.UNKNOWN_ID)
    wanted = {"OWN-1", "STRANGE-1", "NEAR-1", "QUIET-1"}
    assert await knocked_among(ports, wanted) == wanted - {"QUIET-1"}
    assert await knocked_among(ports, set()) == frozenset()


async def test_a_board_of_many_reads_the_attempts_of_those_that_tried(
    ports: Ports, sue_desk: Desk, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        await Work(ports, anna, f"c-{number}").begin(f"UTR-{number:02}")
    await knock(ports, "UTR-07", reason=KnockReason.UNKNOWN_ID)
    await knock(ports, "UTR-80", reason=KnockReason.UNKNOWN_ID, nearest="UTR-08", cpo_id=ABC)
    find, read = ports.store.find, Counter[str]()

    async def counted(kind: type, **how: Any) -> Any:
        read[kind.__name__] += 1
        return await find(kind, **how)

    monkeypatch.setattr(ports.store, "find", counted)
    page = await sue_desk.page("/desk/board")
    why = {
        card.attributes["data-station"]: card.attributes["data-why"]
        for card in page.tags("article")
        if "data-why" in card.attributes
    }
    assert why.pop("UTR-07") == "refused_once"
    assert len(why) == 19 and set(why.values()) == {"next_check"}
    assert page.one("reach").attributes["data-rung"] == "other_id"
    assert read["Knock"] < 15, "not three for each card"
