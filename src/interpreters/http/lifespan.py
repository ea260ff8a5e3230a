"""What the web process opens when it starts, and closes when it ends."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol, TypeAlias

from litestar import Litestar

from interpreters.database import Pool
from interpreters.http.stream import Streams, told_to_end

Running: TypeAlias = Callable[[Litestar], AbstractAsyncContextManager[None]]


class Line(Protocol):
    """A connection that is opened when it is first needed."""

    async def close(self) -> None:
        """Give it back."""


def lifespan(
    opening: Callable[[], Awaitable[Pool]],
    state: Mapping[str, object],
    lines: Sequence[Line | None],
) -> Running:
    """Return what opens the pool and the streams, and in the end closes them and the lines."""

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        app.state.update(state)
        app.state.pool = await opening()
        app.state.streams = Streams(app.state.pool, app.state.clock)
        try:
            with told_to_end(app.state.streams.end):
                yield
        finally:
            await app.state.streams.close()
            for line in lines:
                if line is not None:
                    await line.close()
            await app.state.pool.close()

    return running
