"""A virtual clock that many requests share: what belongs to one half of a day runs together.

Each day has two halves: first everything is asked and answered, then sessions are held. So no
session of a day is over before all that day's bookings stand, and nobody is booked twice for the
same time because an earlier booking had ended.
"""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, date, datetime
from typing import Any, Final, Literal, TypeAlias

Half: TypeAlias = Literal["asking", "sessions"]
ORDER: Final[dict[Half, int]] = {"asking": 0, "sessions": 1}
Turn: TypeAlias = tuple[date, int]
BEGINNING: Final[Turn] = (date.min, 0)


class Timeline:
    """Lets those whose turn it is run, all others wait."""

    def __init__(self) -> None:
        self._turn = BEGINNING
        self._waiting: list[tuple[Turn, int, asyncio.Event]] = []
        self._numbers = itertools.count()
        self._running = 0
        self._quiet = asyncio.Event()

    async def reach(self, at: datetime, half: Half = "asking") -> None:
        """Wait until it is that half of that day (UTC), at once when it has come or is over."""
        turn = (at.astimezone(UTC).date(), ORDER[half])
        if turn <= self._turn:
            return
        mine = asyncio.Event()
        heapq.heappush(self._waiting, (turn, next(self._numbers), mine))
        self._step_aside()
        await mine.wait()

    async def run(
        self,
        stories: list[Coroutine[Any, Any, None]],
        *,
        after_each: Callable[[date], Awaitable[None]],
    ) -> None:
        """Run all stories to their ends; `after_each` runs alone, after each half of a day.

        Raises:
            ExceptionGroup: a story failed; the others are cancelled.
        """
        async with asyncio.TaskGroup() as tasks:
            self._running = len(stories)
            for story in stories:
                tasks.create_task(self._told(story))
            await self._all_wait()
            while self._waiting:
                self._turn = self._waiting[0][0]
                while self._waiting and self._waiting[0][0] == self._turn:
                    _, _, event = heapq.heappop(self._waiting)
                    self._running += 1
                    event.set()
                await self._all_wait()
                await after_each(self._turn[0])

    async def _told(self, story: Coroutine[Any, Any, None]) -> None:
        await story
        self._step_aside()

    def _step_aside(self) -> None:
        self._running -= 1
        if self._running == 0:
            self._quiet.set()

    async def _all_wait(self) -> None:
        await self._quiet.wait()
        self._quiet.clear()
