"""What is done to a running system, at random by a seed, while everybody works."""

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable
from math import inf
from typing import Final

from faults.evidence import Evidence, Fault
from faults.outside import Kind, MailServer, Mood, Outside
from faults.running import Running

KILLS: Final = ("kill-web", "kill-worker", "kill-worker", "kill-postgres", "kill-backend",
                "kill-valkey")  # fmt: skip
JUMPS: Final = ("jump",)
OTHERS: Final = ("flush", "stop-valkey", "webhooks-away", "mail-away", "texts-away")


class Havoc:
    """One fault after another, a few at once; each is written down from beginning to end."""

    def __init__(
        self, running: Running, outside: Outside, mails: MailServer, evidence: Evidence,
        *, dice: random.Random, kills: bool,
    ) -> None:  # fmt: skip
        self.running, self.outside, self.mails = running, outside, mails
        self.evidence, self.dice = evidence, dice
        # a clock that jumps over a lease is like a death: what is being sent is sent again
        self.kinds = (*KILLS, *JUMPS, *OTHERS) if kills else OTHERS
        self.bag: list[str] = []
        self.offset = 0.0

    async def rage(self, seconds: float) -> None:
        """Do one thing after another for a while; in the end all runs again."""
        end = time.monotonic() + seconds
        lasting: set[asyncio.Task[None]] = set()
        while time.monotonic() < end:
            kind = self.draw()
            if not self.lasts(kind):  # who opens a thing again must have been the one to close it
                lasting.add(asyncio.create_task(self.do(kind)))
            await asyncio.sleep(self.dice.uniform(0.4, 1.6))
            self.running.revive()
        await asyncio.gather(*lasting)
        await self.running.wait()

    def draw(self) -> str:
        """Draw the next kind of fault: each comes once before any comes again."""
        if not self.bag:
            self.bag = self.dice.sample(self.kinds, len(self.kinds))
        return self.bag.pop()

    def lasts(self, kind: str) -> bool:
        """Tell whether one of the kind is under way."""
        return any(one.kind == kind and one.ended == inf for one in self.evidence.faults)

    async def do(self, kind: str) -> None:
        fault = Fault(kind=kind, began=time.time(), ended=inf)
        self.evidence.faults.append(fault)
        work: dict[str, Callable[[], Awaitable[None]]] = {
            "kill-web": self.kill_web,
            "kill-worker": self.kill_worker,
            "kill-postgres": lambda: self.running.restart_postgres(self.dice.uniform(0, 1)),
            "kill-backend": self.kill_backend,
            "kill-valkey": self.kill_valkey,
            "flush": lambda: asyncio.to_thread(self.running.valkey.flush),
            "stop-valkey": self.stop_valkey,
            "jump": self.jump,
            "webhooks-away": lambda: self.away("webhook", ("refusing", "silent", "cut")),
            "mail-away": self.mail_away,
            "texts-away": lambda: self.away("text", ("refusing", "cut")),
        }
        await work[kind]()
        fault.ended = time.time()

    async def kill_web(self) -> None:
        self.dice.choice(self.running.webs).kill()

    async def kill_worker(self) -> None:
        self.dice.choice(self.running.workers).kill()

    async def kill_backend(self) -> None:
        self.running.kill_backend(self.dice)

    async def kill_valkey(self) -> None:
        self.running.valkey.kill()
        await asyncio.sleep(self.dice.uniform(0, 2))
        await asyncio.to_thread(self.running.valkey.start)

    async def stop_valkey(self) -> None:
        child = self.running.valkey.child
        if child is not None and child.poll() is None:
            child.send_signal(signal.SIGSTOP)
            await asyncio.sleep(self.dice.uniform(0.5, 4))
            child.send_signal(signal.SIGCONT)

    async def jump(self) -> None:
        """Mostly forward, past timers; sometimes a little back, as clocks are set right."""
        back = self.dice.random() < 0.2
        self.move(-self.dice.uniform(0.1, 5) if back else self.dice.expovariate(1 / 120))

    def move(self, seconds: float) -> None:
        """Move everybody's clock."""
        self.offset += seconds
        self.running.clock.set(self.offset)
        self.evidence.jumps.append((time.time(), self.offset))

    async def away(self, kind: Kind, moods: tuple[Mood, ...]) -> None:
        self.outside.moods[kind] = self.dice.choice(moods)
        await asyncio.sleep(self.dice.uniform(1, 9))
        self.outside.moods[kind] = "well"

    async def mail_away(self) -> None:
        if self.dice.random() < 0.5:
            await self.away("mail", ("refusing",))
            return
        await self.mails.close()
        await asyncio.sleep(self.dice.uniform(1, 9))
        await self.mails.open()
