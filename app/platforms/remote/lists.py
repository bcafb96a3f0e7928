"""The lists of a vendor's platform, read into the copy at most hourly and by what has changed since (platform-api 3.4).

A page at a time is in memory. Where a reading has got to is stored after every page: a restart goes on from there, and
begins none before its hour.
"""

from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx

from app.domain.copies import LOCATIONS, STATIONS, ListReading, copy_key
from app.domain.errors import RevConflict, StationlinkError
from app.domain.model import utc
from app.platforms.remote.copies import Copies
from app.platforms.remote.pages import UNTOLD
from app.platforms.remote.wire import Answer, Wire, refusal
from app.ports import Change, Clock, Put, Store

PATHS = {LOCATIONS: "/api/2.0/Locations", STATIONS: "/api/1.0/ChargeStations"}
EVERY = timedelta(hours=1)
OVERLAP = timedelta(minutes=5)
"""Their clock is not ours."""
PAUSE = timedelta(minutes=1)
LIMIT = 500


class Lists:
    """Both lists of one CPO; one task at a time reads them."""

    def __init__(self, wire: Wire, store: Store, clock: Clock, copies: Copies, cpo_id: str) -> None:
        self._wire = wire
        self._store = store
        self._clock = clock
        self._copies = copies
        self._cpo_id = cpo_id

    async def refresh(self) -> None:
        """Read what is due. A failure is kept as the reading's problem, and raised: it goes on after a pause."""
        for what, path in PATHS.items():
            reading = await reading_of(self._store, self._copies.home, what)
            if _is_due(reading, self._clock.now()):
                await self._read(reading, path)

    async def _read(self, reading: ListReading, path: str) -> None:
        if reading.begun is None:
            reading.begun = self._clock.now()
            reading.since, reading.after = reading.complete, "0"
        reading.tried = self._clock.now()
        try:
            while reading.begun is not None:
                await self._page(reading, path)
        except StationlinkError as error:
            reading.problem = error.code
            await self._keep(reading)
            raise

    async def _page(self, reading: ListReading, path: str) -> None:
        read_at = self._clock.now()
        answer = await self._wire.call("GET", path, params=self._params(reading))
        if not answer.accepted:
            raise refusal(answer)
        rows = answer.rows()
        if reading.what == STATIONS:
            await self._copies.put_stations(rows, read_at)
        else:
            await self._copies.put_locations(rows, read_at)
        reading.after = _after(reading.after, answer, len(rows))
        reading.problem = None
        if not reading.after:
            reading.complete, reading.begun = reading.begun, None
        await self._keep(reading)

    def _params(self, reading: ListReading) -> dict[str, str]:
        """Of the next page: those of the Link that the platform gave, else ours; the path and the host stay ours."""
        if reading.after.startswith("?"):
            return dict(parse_qsl(reading.after[1:], keep_blank_values=True))
        params = {"cpoId": self._cpo_id, "offset": reading.after, "limit": str(LIMIT)}
        if reading.since is not None:
            params["date_from"] = utc(reading.since - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
        return params

    async def _keep(self, reading: ListReading) -> None:
        await keep_reading(self._store, reading)


def _is_due(reading: ListReading, now: datetime) -> bool:
    if reading.problem is not None and reading.tried is not None and now - reading.tried < PAUSE:
        return False
    return reading.begun is not None or reading.complete is None or now - reading.complete >= EVERY


def _after(now: str, answer: Answer, rows: int) -> str:
    """Where the next page begins; empty after the last. A page shorter than any limit is the last one."""
    following = httpx.Response(200, headers=dict(answer.headers)).links.get("next", {}).get("url")
    if following:
        query = urlsplit(following).query
        return f"?{query}" if rows and f"?{query}" != now else ""
    if now.startswith("?"):
        return ""
    most = answer.headers.get("X-Limit", "")
    least = min(LIMIT, int(most) if most.isdigit() and int(most) else UNTOLD)
    return "" if rows < least else str(int(now) + rows)


async def reading_of(store: Store, home: str, what: str) -> ListReading:
    key = copy_key(home, what)
    found = await store.get(ListReading, key)
    return found[0] if found else ListReading(id=key, home=home, what=what)


async def keep_reading(store: Store, reading: ListReading) -> None:
    """Whoever wrote it meanwhile: the copy is the same for all, and a page read twice changes nothing."""
    while True:
        found = await store.get(ListReading, reading.id)
        try:
            await store.commit(Change(writes=(Put(reading, found[1] if found else 0),)))
            return
        except RevConflict:
            continue


async def note_problem(store: Store, home: str, what: str, problem: str | None) -> None:
    """Why a platform cannot be read, for whoever waits for it; None ends it."""
    reading = await reading_of(store, home, what)
    if reading.problem != problem:
        reading.problem = problem
        await keep_reading(store, reading)
