"""What a fault run leaves for whoever checks it: the journal, what was heard, what was done."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Final
from uuid import UUID

from faults.journal import Entry
from faults.outside import Heard

SETTLING: Final = 20.0  # seconds until what a fault held up has come again: a lease and a little
LEASE: Final = 10.0  # seconds; a clock that jumps as far makes a lease run out
MARKING: Final = 10.0  # seconds from an answer to its mark: as long as a job may run
# Where a process may die between sending and marking.
DEADLY: Final = {"kill-worker", "kill-postgres", "kill-backend"}


@dataclass
class Fault:
    """One thing that was done to the system, by seconds of the real clock."""

    kind: str
    began: float
    ended: float = 0.0


@dataclass
class Evidence:
    """Everything. `jumps` says from when which offset was on the clock, in order."""

    network_id: UUID
    hooks: dict[str, UUID | None]
    journal: list[Entry] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    jumps: list[tuple[float, float]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    prompt: float = 5.0  # seconds within which losers hear of it, when nothing is wrong
    crowded: list[float] = field(default_factory=list)  # when the machine had too much to do

    def real(self, instant: datetime) -> list[float]:
        """Return when the run's clock showed the instant, by the real one; mostly once."""
        found = list(self._shown(instant.timestamp()))
        return found or [at for at, offset in self.jumps if at + offset > instant.timestamp()][:1]

    def _shown(self, instant: float) -> Iterator[float]:
        ends = [at for at, _ in self.jumps[1:]] + [float("inf")]
        for (at, offset), end in zip(self.jumps, ends, strict=True):
            if at - 0.1 <= instant - offset <= end + 0.1:
                yield instant - offset

    def between(self, instant: datetime, at: float) -> float | None:
        """Return the seconds from the instant to the real time `at`; None when it is not known."""
        gone = [at - one for one in self.real(instant)]
        return min((one for one in gone if one >= -1), default=None)

    def is_quiet(self, since: float, until: float) -> bool:
        """Tell whether nothing was wrong meanwhile, nor had been of late."""
        return not any(one.began <= until and since <= one.ended + SETTLING for one in self.faults)

    def is_crowded(self, since: float, until: float) -> bool:
        """Tell whether the machine had too much to do: what was slow then is not ours to judge."""
        return any(since - SETTLING <= at <= until for at in self.crowded)

    def cause(self, first: float, again: float) -> str | None:
        """Return why something was sent again: a death before its mark, or a lease jumped over."""
        if any(
            one.kind in DEADLY and one.began <= first + MARKING and first <= one.ended + 1
            for one in self.faults
        ):
            return "death"
        leaps = pairwise(self.jumps)
        if any(
            first - MARKING <= at <= again and offset - before >= LEASE
            for (_, before), (at, offset) in leaps
        ):
            return "jump"
        return None


@dataclass
class Findings:
    """What a check complains of, and what it counted."""

    complaints: list[str] = field(default_factory=list)
    figures: dict[str, str] = field(default_factory=dict)

    def complain(self, about: str, things: list[str]) -> None:
        """Note what is wrong with some things, a few of them by name."""
        if things:
            more = "" if len(things) <= 5 else f" and {len(things) - 5} more"
            self.complaints.append(f"{about}: {', '.join(things[:5])}{more}")

    def time(self, name: str, seconds: list[float]) -> None:
        """Note how long something took."""
        if seconds:
            ordered = sorted(seconds)
            at = {share: ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.99, 1)}
            told = ", ".join(
                f"{word} {at[share]:.2f} s"
                for share, word in ((0.5, "p50"), (0.99, "p99"), (1, "most"))
            )
            self.figures[name] = f"{told} ({len(ordered)})"
