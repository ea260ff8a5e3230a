"""Rate limits: so many calls a minute, some of them at once.

Each caller has one number, the time until which their calls are paid for (the generic cell rate
algorithm). In this process's memory: it costs a microsecond, and nothing is lost with it.
"""

from typing import Final

import msgspec

MOST: Final = 50_000  # callers remembered at once


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """So many calls a minute, of which `burst` at once."""

    per_minute: int
    burst: int


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
        debt = max(0.0, self.paid_until.get(who, now) - now)
        over = debt + self.every - self.depth
        fits = over <= self.every * 1e-6  # a call that is due this instant may pass
        if fits:
            debt += self.every
            self._remember(who, now + debt, now)
        return Share(
            name=self.name,
            rate=self.rate,
            left=max(0, int((self.depth - debt) / self.every + 1e-6)),
            refill=_whole(debt),
            wait=None if fits else max(1, _whole(over)),
        )

    def spent(self, who: str, now: float) -> bool:
        """Tell whether the next call would be one too many, without counting one."""
        return self.paid_until.get(who, now) - now + self.every - self.depth > self.every * 1e-6

    def _remember(self, who: str, until: float, now: float) -> None:
        if len(self.paid_until) >= MOST and who not in self.paid_until:
            live = {one: at for one, at in self.paid_until.items() if at > now}
            self.paid_until = dict(list(live.items())[-MOST // 2 :])
        self.paid_until[who] = until


def _whole(seconds: float) -> int:
    return int(seconds) + (seconds > int(seconds))
