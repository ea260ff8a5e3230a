"""`/v1/stream`: the feed as server-sent events, for those who stay on the line.

One look a second for each network that has listeners wakes them when something was told; each then
reads its own feed, with its own token. So what a stream shows is what `GET /v1/events` shows, and
nothing is missed by whoever comes back with the last id.
"""

import asyncio
import contextlib
import signal
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from types import FrameType
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response import Stream
from msgspec import Meta

from interpreters.application.calls import ask, run
from interpreters.application.stream import Look, look, newest_place
from interpreters.database import BUSY, GONE, Pool
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Invalid, NotFound, Refusal
from interpreters.http.doors import Call
from interpreters.http.events import EventView
from interpreters.http.fields import NO_NUL, In

MOST: Final = 200  # streams of one process
MOST_OF_ONE: Final = 20  # of one key or person
LOOK: Final = 1.0  # seconds between two looks at a network
CHECK: Final = 5.0  # seconds after which a stream looks by itself: is the token still good?
PING: Final = 15.0  # seconds of silence; proxies end lines that say nothing
LONGEST: Final = 3600  # seconds; then one connects again
COMMENT: Final = b": ping\n\n"  # heard by proxies alone
AGAIN: Final = b"retry: 1000\n\n"  # milliseconds after which a browser connects again


class TooManyStreams(Refusal):
    """The process, or the caller, has as many as may be."""

    code = "too-many-streams"
    title = "There are too many open streams; try again later, or read /v1/events"


class StreamQuery(In, frozen=True, kw_only=True):
    """Where to go on, and for how long."""

    after: Annotated[str, Meta(max_length=100, pattern=NO_NUL)] | None = None
    wait: Annotated[int, Meta(ge=0, le=LONGEST)] = LONGEST


class Streams:
    """The open streams of one process; `end` ends them all."""

    def __init__(self, pool: Pool, clock: Callable[[], datetime], *, most: int = MOST) -> None:
        self.pool = pool
        self.clock = clock
        self.most = most
        self.ending = False
        self._waiting: dict[UUID, set[asyncio.Event]] = {}
        self._owners: Counter[UUID | None] = Counter()
        self._looking: asyncio.Task[None] | None = None

    def check(self, caller: Caller) -> None:
        """Refuse one stream too many.

        Raises:
            TooManyStreams: it would be.
        """
        full = self._owners.total() >= self.most
        if self.ending or full or self._owners[caller.owner_id] >= MOST_OF_ONE:
            raise TooManyStreams

    @contextlib.contextmanager
    def listening(self, caller: Caller) -> Iterator[asyncio.Event]:
        """Count the stream; the event is set when there may be something to read."""
        woken = asyncio.Event()
        waiting = self._waiting.setdefault(caller.network_id, set())
        waiting.add(woken)
        self._owners[caller.owner_id] += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield woken
        finally:
            waiting.discard(woken)
            self._owners[caller.owner_id] -= 1

    def end(self) -> None:
        """Have every stream say what it has, and end."""
        self.ending = True
        for waiting in self._waiting.values():
            for woken in waiting:
                woken.set()

    async def close(self) -> None:
        """End, and look no more."""
        self.end()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])

    async def _look(self) -> None:
        """Look at each network that has listeners, until nobody listens."""
        seen: dict[UUID, int] = {}
        while self._owners.total() and not self.ending:
            for network_id in [one for one, waiting in self._waiting.items() if waiting]:
                # While the database is away the streams find out themselves.
                with contextlib.suppress(*GONE, *BUSY):
                    place = await self._newest(network_id)
                    if seen.get(network_id) != place:
                        for woken in self._waiting[network_id]:
                            woken.set()
                    seen[network_id] = place
            await asyncio.sleep(LOOK)

    async def _newest(self, network_id: UUID) -> int:
        now = self.clock()
        return await run(
            self.pool, network_id, lambda db: newest_place(db, network_id=network_id, now=now)
        )


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Who listens, in which role; `silence` is said where nothing happens for long."""

    streams: Streams
    token: str
    role: str | None
    silence: bytes


@get("/v1/stream", include_in_schema=False)
async def stream(call: NamedDependency[Call]) -> Stream:
    """Events as they happen, from the header `Last-Event-ID` or `after` on; without, from now on.

    `wait` is how many seconds it stays open, an hour at most: then connect again.
    """
    query = call.query(StreamQuery)
    line = Line(
        streams=call.request.app.state.streams, token=call.token, role=call.role, silence=COMMENT
    )
    return await follow(
        line, lambda: after_named(call.request, query().after), lambda: query().wait
    )


async def follow(line: Line, after: Callable[[], UUID | None], wait: Callable[[], int]) -> Stream:
    """Answer with events from after an event on, for so many seconds.

    Raises:
        Forbidden, Invalid: as `application.stream.look` does.
        TooManyStreams: one more would be too many.
    """
    first = await _look(line, None, after)
    line.streams.check(first.caller)
    return Stream(
        _said(line, first, wait()),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _said(line: Line, found: Look, wait: int) -> AsyncIterator[bytes]:
    """Yield events, and the line's sign of life where there are none for long."""
    streams = line.streams
    ticking = asyncio.get_running_loop().time
    said = ticking()
    until = said + wait
    with streams.listening(found.caller) as woken:
        yield AGAIN
        while True:
            for one in found.events:
                yield _block(EventView.of(one, found.caller))
                said = ticking()
            if not found.more:
                if streams.ending or ticking() >= until:
                    return
                await _woken(woken, min(CHECK, until - ticking()))
                if ticking() - said >= PING:
                    yield line.silence
                    said = ticking()
            woken.clear()
            try:
                found = await _look(line, found.place, lambda: None)
            except (Refusal, *GONE, *BUSY):
                return  # revoked, or the database is away: who comes again is told


async def _look(line: Line, place: int | None, after: Callable[[], UUID | None]) -> Look:
    now = line.streams.clock()
    return await ask(
        line.streams.pool,
        token=line.token,
        role=line.role,
        now=now,
        work=lambda db, caller: look(db, caller, place=place, after=after, now=now),
    )


async def _woken(woken: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0, seconds)):
            await woken.wait()


def _block(one: EventView) -> bytes:
    """Return an event as the standard has it: JSON has no line breaks."""
    return (
        f"id: {one.id}\nevent: {one.type}\ndata: {msgspec.json.encode(one).decode()}\n\n".encode()
    )


def after_named(request: Request[Any, Any, Any], after: str | None) -> UUID | None:
    """Return where to go on; the header is newer than the address.

    Raises:
        Invalid: it is no id of an event.
    """
    named = request.headers.get("last-event-id") or after
    if named is None:
        return None
    try:
        return ids.read_id(ids.EVENT, named)
    except NotFound:
        detail = "This is no id of an event"
        raise Invalid([FieldError(pointer="/after", code="invalid", detail=detail)]) from None


@contextlib.contextmanager
def told_to_end(end: Callable[[], None]) -> Iterator[None]:
    """Call `end` when the process is told to end, before whoever listens to that already.

    Servers wait for open answers first and tell the application afterwards: streams would hold
    them for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(end)
        earlier = before[signal.Signals(number)]
        assert callable(earlier)
        earlier(number, frame)

    ours = [one for one, earlier in before.items() if callable(earlier)]
    for one in ours:
        signal.signal(one, told)
    try:
        yield
    finally:
        for one in ours:
            if signal.getsignal(one) is told:
                signal.signal(one, before[one])


ROUTES = (stream,)
