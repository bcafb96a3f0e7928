"""A large database beside a small one: pages deep inside, pulls by date, a whole pull, and the nearest locations."""

import argparse
import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from app.cli.bench import data
from app.cli.bench.measure import Answer, Client, Row, Server, beside, cost, get, stationlink
from app.ports import LocationQuery
from app.store.folder import DATABASE
from app.store.sqlite import SqliteStore

SMALL = 1_000
PAGE = 100
FIRST = f"/api/1.0/ChargeStations?limit={PAGE}"
BATCH = 200
WHOLE = "/api/1.0/ChargeStations?limit=1000"
NEAREST = 20
SETTLED = 5


async def run(folder: Path, args: argparse.Namespace) -> list[Row]:
    data.fill(folder / "small", min(SMALL, args.many))
    data.fill(folder / "large", args.many)
    with stationlink(folder / "small") as small, stationlink(folder / "large") as large:
        for name in ("small", "large"):
            data.wake(folder / name)
        pages = {
            f"a page {args.many // 2:,} rows in, by Link": await _deep(large, args.many // 2),
            "date_from of the last hour, a page by Link": await _by_date(large),
            "date_from of the last hour, first page with its count": _since(),
            "first page with its count": FIRST,
        }
        rows = [await _line(large, small, path, what, args.seconds) for what, path in pages.items()]
        rows.append(await _whole(large))
    rows.append(await _nearest(folder / "large", args.seconds))
    return rows


async def _line(large: Server, small: Server, path: str, what: str, seconds: float) -> Row:
    return await beside(
        lambda: cost(large, get(path), requests=BATCH),
        lambda: cost(small, get(FIRST), requests=BATCH),
        seconds=seconds,
        what=f"{what}, beside a first page of {SMALL:,}",
        target="" if "count" in what else "1.5",
    )


def _since() -> str:
    moment = datetime.now(UTC) - timedelta(hours=1)
    return f"{FIRST}&date_from={moment:%Y-%m-%dT%H:%M:%SZ}"


async def _by_date(server: Server) -> str:
    """The second page, which carries the count of the first."""
    return await _following(server, _since())


async def _deep(server: Server, rows: int) -> str:
    """The path of the page that many rows in; large pages lead there, the measured one has the usual size."""
    path, passed = WHOLE, 0
    client = await Client.open(server)
    while passed < rows and path:
        path, passed = (await client.send("GET", path)).following, passed + 1000
    client.close()
    return path.replace("limit=1000", f"limit={PAGE}") or FIRST


async def _following(server: Server, path: str) -> str:
    client = await Client.open(server)
    answer: Answer = await client.send("GET", path)
    client.close()
    return answer.following or path


async def _whole(server: Server) -> Row:
    """The server's memory after the whole pull, beside what it was after the first pages."""
    client, path, pages, early = await Client.open(server), WHOLE, 0, 0.0
    while path:
        path, pages = (await client.send("GET", path)).following, pages + 1
        if pages == SETTLED or (pages < SETTLED and not path):
            early = server.resident_mb()
    client.close()
    late = server.resident_mb()
    return Row(f"memory after a pull of {pages} pages, beside after {SETTLED}", late, early, "MB", late / early, "flat")


async def _nearest(folder: Path, seconds: float) -> Row:
    """As the phone's picker asks, inside the store and in this process, at places all over the country."""
    store = await SqliteStore.open(folder / DATABASE)
    spent, until, number = list[float](), time.monotonic() + seconds / 2, 0
    while len(spent) < 20 or time.monotonic() < until:
        north, east = 50.9 + number * 0.37 % 2.4, 3.8 + number * 0.61 % 3.2
        query = LocationQuery(
            cpo_ids=None, latitude=north, longitude=east, limit=NEAREST, count=False, exclude_evses=True
        )
        began, number = time.process_time(), number + 1
        found = await store.locations(query)
        await store.station_counts([row.key for row in found.rows])
        spent.append((time.process_time() - began) * 1000)
        await asyncio.sleep(0)
    await store.close()
    ours = median(spent)
    what = f"nearest {NEAREST} locations with their stations counted, beside 10 ms"
    return Row(what, ours, 10.0, "ms CPU", ours / 10, "1.0")
