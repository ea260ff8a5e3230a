"""Chance that is the same each time: a number for a seed and what it is drawn for.

Nothing is drawn in an order, so two runs that ask different questions get the same answers to
those that they share (common random numbers). For simulations; nothing here is a secret.
"""

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from statistics import NormalDist
from typing import Final, TypeAlias, TypeVar

import msgspec

T = TypeVar("T")
Key: TypeAlias = str | int
BYTES: Final = 8
RANGE: Final = 256**BYTES
STANDARD: Final = NormalDist()


class Draws(msgspec.Struct, frozen=True):
    """All the chances of one seed."""

    seed: int

    def uniform(self, *key: Key) -> float:
        """Return a number between 0 and 1, neither of them, evenly spread."""
        text = "\x00".join(str(part) for part in (self.seed, *key))
        number = int.from_bytes(blake2b(text.encode(), digest_size=BYTES).digest(), "big")
        return min(max((number + 0.5) / RANGE, 1e-12), 1 - 1e-12)

    def happens(self, chance: float, *key: Key) -> bool:
        """Say whether what happens with this chance does."""
        return self.uniform(*key) < chance

    def normal(self, *key: Key) -> float:
        """Return a number of the standard normal distribution."""
        return STANDARD.inv_cdf(self.uniform(*key))

    def pick(self, weighted: Sequence[tuple[T, float]], *key: Key) -> T:
        """Return one of the things, each as often as its weight says."""
        sums = list(accumulate(weight for _, weight in weighted))
        place = bisect_right(sums, self.uniform(*key) * sums[-1])
        return weighted[min(place, len(weighted) - 1)][0]

    def between(self, low: float, high: float, *key: Key) -> float:
        """Return a number between the two, evenly spread over their logarithms.

        Both are above zero. So an hour and two are as likely as a day and two.
        """
        return float(low * (high / low) ** self.uniform(*key))
