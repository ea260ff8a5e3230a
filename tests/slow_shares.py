"""Shares of a charge, reckoned slowly and by itself, to compare with."""

from collections.abc import Sequence
from fractions import Fraction


def slow_shares(charge: int, parts: Sequence[int]) -> list[int]:
    """Return what each pays, in fractions: whole units first, then one more at a time to whoever
    is furthest below what they should pay, and nobody twice.
    """
    should = [Fraction(abs(charge) * part, sum(parts)) for part in parts]
    found = [one.numerator // one.denominator for one in should]
    rests = [one - whole for one, whole in zip(should, found, strict=True)]
    while sum(found) < abs(charge):
        place = rests.index(max(rests))
        found[place] += 1
        rests[place] = Fraction(-1)
    return [one if charge >= 0 else -one for one in found]
