"""Wake-ups after commits: one tailer reads the facts once for everybody, and each reader keeps its own cursor.

A wake-up carries nothing: what happened is read from the facts table, so a lost or doubled wake-up costs nothing and a
commit by another process (the command line) is found by polling the store's version.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager, suppress

from app.domain.errors import StoreUnavailable
from app.domain.facts import Fact
from app.ports import Store


class Bus:
    def __init__(self, store: Store, poll_seconds: float = 0.5) -> None:
        self._store = store
        self._poll = poll_seconds
        self._woken = asyncio.Event()
        self._readers: set[asyncio.Queue[Sequence[Fact]]] = set()
        self._cursor = 0
        self.stopping = asyncio.Event()
        store.on_commit(self.wake)

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Tail the facts until `stop`; the lifespan owns this task."""
        self._cursor = await self._store.last_fact()
        version = self._store.version()
        while not self.stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._poll)
            self._woken.clear()
            if (now := self._store.version()) != version:
                with suppress(StoreUnavailable):  # it is asked again until it is back
                    await self._deliver()
                    version = now

    def stop(self) -> None:
        """End `run` and every `follow`, so that open streams do not hold up a shutdown."""
        self.stopping.set()
        self._woken.set()
        for queue in self._readers:
            queue.put_nowait(())

    async def _deliver(self) -> None:
        while facts := await self._store.facts(after=self._cursor):
            self._cursor = facts[-1].seq
            for queue in self._readers:
                queue.put_nowait(facts)

    @contextmanager
    def _reader(self) -> Iterator[asyncio.Queue[Sequence[Fact]]]:
        queue: asyncio.Queue[Sequence[Fact]] = asyncio.Queue()
        self._readers.add(queue)
        try:
            yield queue
        finally:
            self._readers.discard(queue)

    async def follow(self, after: int | None = None, *, idle: float = 15.0) -> AsyncGenerator[Sequence[Fact], None]:
        """Facts numbered above `after` (None: from now on), in order, each once; an empty batch each `idle` seconds.

        Ends when the bus stops. A reader that reconnects with its last number misses nothing.
        """
        with self._reader() as queue:
            cursor = await self._store.last_fact() if after is None else after
            while not self.stopping.is_set() and (missed := await self._store.facts(after=cursor)):
                cursor = missed[-1].seq
                yield missed
            yield ()
            while not self.stopping.is_set():
                batch: Sequence[Fact] = ()
                with suppress(TimeoutError):
                    async with asyncio.timeout(idle):  # `wait_for` of 3.11 loses a cancellation that comes with a batch
                        batch = await queue.get()
                fresh = [fact for fact in batch if fact.seq > cursor]
                if fresh:
                    cursor = fresh[-1].seq
                if fresh or not batch:
                    yield fresh
