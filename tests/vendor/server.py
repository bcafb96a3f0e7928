"""The vendor's platform on a loopback port, in a thread: keys, calls, faults, and the switches for a test."""

import asyncio
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import uvicorn

from tests.vendor.books import Books, Document, Missing, Refusal, saved
from tests.vendor.desk import Commands, nearby, paged, within
from tests.vendor.dress import Quirks, envelope, shown_location, shown_station
from tests.vendor.faults import AFTER, BEFORE, WRITES, Fault, Hooks

START_SECONDS = 10
ROUTE = re.compile(r"^/api/(1\.0|2\.0)/([a-z]+)(?:/([^/]+))?(?:/([^/]+))?$", re.IGNORECASE)
VERSIONS = {"chargestations": "1.0", "locations": "2.0", "remotecommands": "1.0"}
BRIEF = 0.05


@dataclass
class Key:
    cpos: frozenset[str]
    modules: frozenset[str] = frozenset(VERSIONS)
    expired: bool = False


@dataclass
class Call:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    key: Key | None
    raw_path: str = ""


@dataclass
class Reply:
    data: Any = None
    code: int = 1000
    message: str = "Success"
    http: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Vendor:
    """`url` is its base; what a test reads or changes goes through its methods, under its lock.

    `log` has every call that came, `done` the writes that were done.
    """

    def __init__(self, quirks: Quirks | None = None, ocpp_url: str = "ws://127.0.0.1:1/vendor") -> None:
        self.quirks = quirks or Quirks()
        self.ocpp_url = ocpp_url
        self.books, self.hooks, self.commands = Books(), Hooks(), Commands()
        self.keys: dict[str, Key] = {}
        self.log: list[tuple[str, str]] = []
        self.done: list[tuple[str, str]] = []
        self.slow = 0.0
        self.url = ""
        self._faults: list[Fault] = []
        self._late: list[Call] = []
        self._lock = threading.RLock()
        self._let_go = threading.Event()

    # --- For a test ---

    def give_key(self, token: str, *cpos: str, modules: tuple[str, ...] = tuple(VERSIONS)) -> None:
        self.keys[token] = Key(frozenset(cpos), frozenset(modules))

    def expire(self, token: str) -> None:
        self.keys[token].expired = True

    def fault(self, kind: str, **more: Any) -> Fault:
        assert kind in (*BEFORE, *AFTER), kind
        made = Fault(kind, **more)
        self._faults = [made]
        return made

    def well(self) -> None:
        self._faults, self.slow = [], 0.0

    def arrive(self) -> None:
        """What was held up on its way gets here, long after its sender has given up."""
        late, self._late = self._late, []
        for call in late:
            self._reply(call)

    def station_online(self, station_id: str, online: bool = True) -> None:
        with self._lock:
            station = self.books.station(station_id)
            station["connectivity_status"] = "Online" if online else "Offline"
            self._show(station, "AVAILABLE" if online else "UNKNOWN")

    def charging(self, station_id: str, number: int = 1) -> None:
        with self._lock:
            station = self.books.station(station_id)
            station["evses"][number - 1]["status"] = station["status"] = "CHARGING"

    def _show(self, station: Document, status: str) -> None:
        station["status"] = status
        for evse in station["evses"]:
            evse["status"] = status

    def in_portal(self, change: Callable[[Books], None]) -> None:
        """A colleague's edit in the vendor's own web pages."""
        with self._lock:
            change(self.books)

    def describe_in_portal(self, station_id: str, number: int, text: str) -> None:
        def change(books: Books) -> None:
            station = books.station(station_id)
            station["evses"][number - 1]["directions"] = [{"language": "nl", "text": text}]
            saved(station)

        self.in_portal(change)

    def counted(self) -> Counter[str]:
        """Calls by what they are: list, get, write."""
        return Counter(_sort(method, path) for method, path in self.log)

    @contextmanager
    def serving(self) -> Iterator["Vendor"]:
        config = uvicorn.Config(self, host="127.0.0.1", port=0, log_level="critical", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        until = time.monotonic() + START_SECONDS
        while not server.started:
            assert time.monotonic() < until, "the vendor's server did not start"
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            self._let_go.set()
            server.should_exit = True
            thread.join(START_SECONDS)

    # --- For a client ---

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        call = await _call(scope, receive, self.keys)
        self.log.append((call.method, call.path))
        fault = next((each for each in self._faults if each.meets(call.method, call.path)), None)
        if fault is not None and fault.kind in BEFORE:
            self._late += [call] if fault.kind == "late" else []
            await self._fail(fault.kind, receive, send)
            return
        if self.slow:
            await _pause(self.slow)
        reply = self._reply(call)
        if fault is not None:
            await self._fail(fault.kind, receive, send)
            return
        await _answer(send, reply, self.quirks)

    def _reply(self, call: Call) -> Reply:
        writes = call.method in WRITES
        if writes and self.hooks.before_write is not None:
            self.hooks.before_write(call.method, call.path)
        with self._lock:
            reply = json.loads(json.dumps(self._done(call).__dict__))
        if writes and reply["code"] == 1000:
            self.done.append((call.method, call.path))
        if writes and self.hooks.after_write is not None:
            self.hooks.after_write(call.method, call.path)
        return Reply(**reply)

    async def _fail(self, kind: str, receive: Any, send: Any) -> None:
        if kind.startswith("kill"):
            assert self.hooks.kill is not None
            self.hooks.kill()
        if kind in ("drop", "kill_before", "kill_after"):
            await _drop(send)
        elif kind in ("hang", "hang_before", "late"):
            await _hang(receive, self._let_go)
            await _drop(send)
        else:
            await _answer(send, FAILURES[kind], self.quirks)

    # --- Its calls ---

    def _done(self, call: Call) -> Reply:
        route = ROUTE.match(call.raw_path)
        module = route[2].lower() if route else ""
        if route is None or VERSIONS.get(module) != route[1]:
            return Reply(http=404, code=2000, message="No such path")
        if call.key is None or call.key.expired:
            return Reply(http=401, code=2000, message="Unauthorized")
        if module not in call.key.modules:
            return Reply(http=403, code=2000, message="Module not enabled")
        parts = [unquote(part) for part in route.groups()[2:] if part is not None]
        try:
            return getattr(self, f"_{module}")(call, parts)
        except Refusal as no:
            return Reply(no.data, no.code, no.message)
        except Missing:
            return Reply(http=404, code=2000, message="Not found")

    def _locations(self, call: Call, parts: list[str]) -> Reply:
        bare = call.query.get("exclude_evses", call.query.get("excludeEvses", "")).lower() == "true"
        if call.method == "GET" and not parts:
            rows = [each for each in self.books.locations if each["cpo_id"] in call.key.cpos]  # type: ignore[union-attr]
            found = [each for each in rows if within(each, call.query, each["cpo_id"]) and nearby(each, call.query)]
            return self._list([self._place(each, bare) for each in found], call)
        if call.method == "POST" and not parts:
            self._require_ours(call, call.body.get("cpo_id") or "")
            return Reply(self._place(self.books.create_location(call.body), bare))
        stored = self.books.location(parts[0])
        self._require_ours(call, stored["cpo_id"])
        if call.method == "PUT":
            stored = self.books.put_location(parts[0], call.body)
        elif call.method == "PATCH":
            stored = self.books.patch_location(parts[0], call.body)
        return Reply(self._place(stored, bare))

    def _chargestations(self, call: Call, parts: list[str]) -> Reply:
        if parts and parts[0].lower() == "chargestationtemplate":
            return self._templates(call)
        if call.method == "GET" and not parts:
            return self._list([self._machine(each) for each in self._stations_for(call)], call)
        if call.method == "POST" and not parts:
            self._require_home(call, call.body.get("location_id"))
            return Reply(self._machine(self.books.create_station(call.body)))
        stored = self.books.station(parts[0])
        self._require_home(call, stored["location_id"])
        if call.method == "PUT":
            stored = self.books.put_station(parts[0], call.body)
        elif call.method == "PATCH":
            stored = self.books.patch_station(parts[0], call.body)
        else:
            self.commands.looked_at(stored, self._show)
        return Reply(self._machine(stored))

    def _stations_for(self, call: Call) -> list[Document]:
        found = []
        for each in self.books.stations.values():
            home = self.books.location(each["location_id"])
            at = call.query.get("location_id", home["id"]).lower() == home["id"].lower()
            if at and home["cpo_id"] in call.key.cpos and within(each, call.query, home["cpo_id"]):  # type: ignore[union-attr]
                self.commands.looked_at(each, self._show)
                found.append(each)
        return found

    def _templates(self, call: Call) -> Reply:
        if call.method == "GET":
            return Reply([each for each in self.books.templates if each["tenant_id"] in call.key.cpos])  # type: ignore[union-attr]
        return Reply(self.books.save_template(call.body))

    def _remotecommands(self, call: Call, parts: list[str]) -> Reply:
        if call.method == "GET":
            return Reply(*self.commands.result(parts[-1]))
        return Reply(*self.commands.take(parts[0].upper(), self.books.stations, call.body, self._show))

    def _list(self, rows: list[Document], call: Call) -> Reply:
        page, headers = paged(rows, call.query)
        return Reply(page, headers=headers if self.quirks.paging_headers else {})

    def _require_ours(self, call: Call, cpo_id: str) -> None:
        if cpo_id and cpo_id not in call.key.cpos:  # type: ignore[union-attr]
            raise Missing

    def _require_home(self, call: Call, location_id: Any) -> None:
        for each in self.books.locations:
            if each["id"].lower() == str(location_id).lower():
                self._require_ours(call, each["cpo_id"])

    def _place(self, stored: Document, bare: bool) -> Document:
        stations = [
            each for each in self.books.stations.values() if each["location_id"].lower() == stored["id"].lower()
        ]
        return shown_location(stored, stations, self.quirks, bare=bare)

    def _machine(self, stored: Document) -> Document:
        return shown_station(stored, self.quirks, self.ocpp_url)


FAILURES = {
    "fail_before": Reply(http=500, code=3000, message="Internal error"),
    "fail_after": Reply(http=500, code=3000, message="Internal error"),
    "busy": Reply(http=429, code=2000, message="Too many requests", headers={"Retry-After": "1"}),
    "busy_plain": Reply(http=429, code=2000, message="Too many requests"),
    "limited": Reply(code=2000, message="Rate limit exceeded", headers={"Retry-After": "1"}),
    "html": Reply(http=502, message="<html>"),
}


def _sort(method: str, path: str) -> str:
    if method in WRITES:
        return "write"
    return "get" if re.search(r"/(locations|chargestations)/(?!chargestationtemplate)", path, re.IGNORECASE) else "list"


async def _call(scope: Any, receive: Any, keys: dict[str, Key]) -> Call:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    pairs = [pair.partition("=") for pair in scope["query_string"].decode().split("&") if pair]
    token = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Token ")
    query = {name: unquote(value.replace("+", " ")) for name, _, value in pairs}
    parsed = json.loads(body) if body else None
    return Call(scope["method"], scope["path"], query, parsed, keys.get(token), scope["raw_path"].decode())


async def _answer(send: Any, reply: Reply, quirks: Quirks) -> None:
    html = reply.message.startswith("<")
    wrapped = envelope(reply.data, reply.code, reply.message, quirks)
    body = reply.message.encode() if html else json.dumps(wrapped).encode()
    headers = {"content-type": "text/html" if html else "application/json", "content-length": str(len(body))}
    headers |= reply.headers
    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.http, "headers": sent})
    await send({"type": "http.response.body", "body": body})


async def _drop(send: Any) -> None:
    """An answer that never gets here: it is announced, and the connection ends."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]})


async def _hang(receive: Any, let_go: threading.Event) -> None:
    """Until the other side gives up."""
    while not let_go.is_set():
        if (await receive())["type"] == "http.disconnect":
            return


async def _pause(seconds: float) -> None:
    await asyncio.sleep(seconds)
