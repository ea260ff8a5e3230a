"""Rate limits as values: how many calls a minute, who is counted, and what was decided.

Each caller has one number, the time until which their calls are paid for (the generic cell rate
algorithm, GCRA). What they owe beyond now is their debt; a call may pass while it fits the burst.
"""

from typing import Final

import msgspec

MINUTE_US: Final = 60_000_000


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """So many calls a minute, of which `burst` at once."""

    per_minute: int
    burst: int

    @property
    def every_us(self) -> int:
        """What one call costs, in microseconds."""
        return max(1, round(MINUTE_US / self.per_minute))

    @property
    def depth_us(self) -> int:
        """What may be owed at most, in microseconds."""
        return self.every_us * self.burst


class Gate(msgspec.Struct, frozen=True):
    """One limit a call has to pass. `counts`: the call is counted there, not only looked up."""

    kind: str
    who: str
    rate: Rate
    counts: bool = True


class Verdict(msgspec.Struct, frozen=True):
    """Which gate decided (the first that refused, or the last that counted), and the debt there."""

    gate: int
    passes: bool
    debt_us: int
