"""Rate limits: so many calls a minute, some of them at once.

Shared with the other web processes where there is a server to share them by, and always counted
in this process's memory too: that costs a microsecond, refuses by itself what this process alone
has seen too much of, and goes on when the others cannot be asked.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import msgspec

from interpreters.domain.rates import Gate, Rate, Verdict

MOST: Final = 50_000  # callers remembered at once
MICRO: Final = 1e-6


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller has left. `wait` is in whole seconds, None for a call that may pass."""

    name: str
    rate: Rate
    left: int
    refill: int
    wait: int | None

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return RateLimit and RateLimit-Policy (the IETF's draft), and Retry-After for a no."""
        policy = f'"{self.name}";q={self.rate.per_minute};w=60'
        made = [
            (b"ratelimit-policy", policy.encode()),
            (b"ratelimit", f'"{self.name}";r={self.left};t={self.refill}'.encode()),
        ]
        if self.wait is not None:
            made.append((b"retry-after", str(self.wait).encode()))
        return made


class Shared(Protocol):
    """What counts for all processes together."""

    async def take(self, gates: Sequence[Gate]) -> Verdict | None:
        """Count one call at its gates, or refuse it; None while nobody can be asked."""


class Limits:
    """Every kind of limit a call may have to pass."""

    def __init__(self, kinds: Mapping[str, "Rates"], shared: Shared | None = None) -> None:
        self.kinds = kinds
        self.shared = shared

    def gate(self, kind: str, who: str, *, counts: bool = True) -> Gate:
        """Return one limit for one caller."""
        return Gate(kind, who, self.kinds[kind].rate, counts)

    async def take(self, gates: Sequence[Gate], now: float) -> Share:
        """Count one call at all its gates, unless it is one too many at any of them."""
        for gate in gates:
            here = self.kinds[gate.kind]
            if here.spent(gate.who, now):
                return here.take(gate.who, now)
        verdict = None if self.shared is None else await self.shared.take(gates)
        counting = [gate for gate in gates if gate.counts]
        if verdict is None:
            return self._take_here(counting, now)
        if verdict.passes:
            for gate in counting:
                self.kinds[gate.kind].count(gate.who, now)
        decided = self.kinds[gates[verdict.gate].kind]
        return decided.share(verdict.debt_us * MICRO, passes=verdict.passes)

    def _take_here(self, gates: Sequence[Gate], now: float) -> Share:
        shares = [self.kinds[gate.kind].take(gate.who, now) for gate in gates]
        return next((one for one in shares if one.wait is not None), shares[-1])


class Rates:
    """The shares of all callers of one kind. Times are seconds of a clock that only rises."""

    def __init__(self, rate: Rate, name: str) -> None:
        self.rate = rate
        self.name = name
        self.every = 60 / rate.per_minute
        self.depth = self.every * rate.burst
        self.paid_until: dict[str, float] = {}

    def take(self, who: str, now: float) -> Share:
        """Count one call, unless it is one too many."""
        fits = not self.spent(who, now)
        if fits:
            self.count(who, now)
        return self.share(self._debt(who, now), passes=fits)

    def spent(self, who: str, now: float) -> bool:
        """Tell whether the next call would be one too many, without counting one."""
        over = self._debt(who, now) + self.every - self.depth
        return over > self.every * MICRO  # a call that is due this instant may pass

    def count(self, who: str, now: float) -> None:
        """Count one call that has passed."""
        self._remember(who, now + self._debt(who, now) + self.every, now)

    def share(self, debt: float, *, passes: bool) -> Share:
        """Return what is left to somebody who owes `debt` seconds."""
        return Share(
            name=self.name,
            rate=self.rate,
            left=max(0, int((self.depth - debt) / self.every + MICRO)),
            refill=_whole(debt),
            wait=None if passes else max(1, _whole(debt + self.every - self.depth)),
        )

    def _debt(self, who: str, now: float) -> float:
        return max(0.0, self.paid_until.get(who, now) - now)

    def _remember(self, who: str, until: float, now: float) -> None:
        if len(self.paid_until) >= MOST and who not in self.paid_until:
            live = {one: at for one, at in self.paid_until.items() if at > now}
            self.paid_until = dict(list(live.items())[-MOST // 2 :])
        self.paid_until[who] = until


def _whole(seconds: float) -> int:
    return int(seconds) + (seconds > int(seconds))
