"""Small cells: rows about so few people that a reader could tell who they are.

A row about fewer than `below` people is hidden, with every count it has. One hidden row alone is
what the totals and the other rows leave over, so another is hidden with it: in every line of the
table (rows that differ in one grouping only, as a coarser report adds them up) and in the whole
never exactly one, and the hidden rows of a line are together about `below` people or more, where
the line has so many. The rule follows the complementary suppression of A. Hundepool et al.,
"Statistical Disclosure Control" (2012), chapter 4; it holds within one answer.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import TypeAlias

Key: TypeAlias = tuple[Hashable, ...]


def hidden_rows(*, people: Sequence[tuple[Key, int]], below: int) -> set[Key]:
    """Return the keys of the rows to hide; `people` counts the distinct people of each row.

    A key has one value for each grouping. Rows without anybody are small too: they count what
    befell somebody who never came.
    """
    counts = dict(people)
    hidden = {key for key, count in people if count < below}
    lines = [line for line in _lines(counts) if len(line) > 1]
    changed = True
    while changed:
        changed = False
        for line in lines:
            more = _more(line, counts, hidden, below)
            hidden |= more
            changed = changed or bool(more)
    return hidden


def _lines(counts: dict[Key, int]) -> Iterator[list[Key]]:
    """Yield the rows that add up to one row of a coarser report, and all rows together."""
    yield list(counts)
    width = len(next(iter(counts), ()))
    for grouping in range(width if width > 1 else 0):
        lines: dict[Key, list[Key]] = {}
        for key in counts:
            lines.setdefault(key[:grouping] + key[grouping + 1 :], []).append(key)
        yield from lines.values()


def _more(line: list[Key], counts: dict[Key, int], hidden: set[Key], below: int) -> set[Key]:
    """Return what else to hide of a line: its smallest rows, until the hidden ones hide each other.

    People who stand in two rows are counted twice here, so the largest row decides: what is left
    over is about at least as many people as that.
    """
    away = [key for key in line if key in hidden]
    if not away:
        return set()
    more: set[Key] = set()
    shown = sorted((key for key in line if key not in hidden), key=lambda key: counts[key])
    while shown and (
        len(away) + len(more) < 2  # noqa: PLR2004 - never one alone
        or max(counts[key] for key in (*away, *more)) < below
    ):
        more.add(shown.pop(0))
    return more
