"""Rows about few people are hidden, and nothing that is shown gives one of them away."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.small_cells import Key, hidden_rows

BELOW = 5


def test_a_row_about_enough_people_is_shown() -> None:
    assert hidden_rows(people=[(("prs",), 5), (("arb",), 9)], below=BELOW) == set()


def test_a_small_row_takes_the_smallest_other_with_it() -> None:
    rows: list[tuple[Key, int]] = [(("prs",), 4), (("arb",), 9), (("tgk",), 6)]
    assert hidden_rows(people=rows, below=BELOW) == {("prs",), ("tgk",)}


def test_two_small_rows_do_not_hide_each_other_where_both_are_about_few() -> None:
    rows: list[tuple[Key, int]] = [(("prs",), 1), (("arb",), 2), (("tgk",), 6), (("pus",), 8)]
    assert hidden_rows(people=rows, below=BELOW) == {("prs",), ("arb",), ("tgk",)}


def test_a_row_about_nobody_who_came_is_small() -> None:
    rows: list[tuple[Key, int]] = [(("prs",), 0), (("arb",), 9), (("tgk",), 6)]
    assert ("prs",) in hidden_rows(people=rows, below=BELOW)


def test_a_month_alone_in_its_language_is_hidden_with_another_of_each() -> None:
    rows: list[tuple[Key, int]] = [
        (("2026-05", "prs"), 2), (("2026-05", "arb"), 8), (("2026-06", "prs"), 9),
        (("2026-06", "arb"), 7),
    ]  # fmt: skip
    assert hidden_rows(people=rows, below=BELOW) == {key for key, _ in rows}


ROWS = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), st.integers(0, 12), max_size=9
)


@given(ROWS, st.integers(2, 8))
def test_no_line_leaves_over_what_is_hidden(counts: dict[Key, int], below: int) -> None:
    hidden = hidden_rows(people=list(counts.items()), below=below)
    assert {key for key, count in counts.items() if count < below} <= hidden
    lines = [set(counts)] + [
        {key for key in counts if key[place] == value}
        for place in (0, 1) for value in {key[place] for key in counts}
    ]  # fmt: skip
    for line in lines:
        away = line & hidden
        if away and len(line) > 1:
            assert len(away) > 1
            assert away == line or max(counts[key] for key in away) >= below


@given(ROWS)
def test_what_is_left_over_is_never_one_row(counts: dict[Key, int]) -> None:
    hidden = hidden_rows(people=list(counts.items()), below=BELOW)
    visible = [key for key in counts if key not in hidden]
    assert all(count >= BELOW for key, count in counts.items() if key in visible)
    assert all(
        len(set(counts) - set(some)) != 1 or not hidden or len(counts) == 1
        for some in combinations(visible, len(visible))
    )
