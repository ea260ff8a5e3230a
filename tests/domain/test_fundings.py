"""Fundings: whom they pay for, and shares that add up to the cent."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.fundings import (
    WHOLE,
    Donor,
    Funding,
    Helped,
    Terms,
    donors_errors,
    languages_errors,
    last_day,
    misfits,
    period_errors,
    shares,
)
from slow_shares import slow_shares

SCHOOL, COURT = UUID(int=1), UUID(int=2)
DAY = date(2016, 11, 1)


def donors(*parts: int) -> list[Donor]:
    return [
        Donor(name=f"Donor {place}", share_basis_points=part) for place, part in enumerate(parts)
    ]


def paid(charge: int, *parts: int) -> list[int]:
    return [one.charge_minor for one in shares(charge, donors(*parts))]


def grant(
    starts_on: date = date(2016, 5, 18), ends_on: date | None = None, **terms: Any
) -> Funding:
    return Funding(
        id=UUID(int=9),
        number="PMIF/12/2016/1/1",
        starts_on=starts_on,
        ends_on=ends_on,
        terms=Terms(donors=donors(7500, 2500), **terms),
        created_at=datetime(2016, 5, 1, tzinfo=UTC),
    )


def codes(
    funding: Funding,
    *people: Helped,
    languages: Sequence[str] = ("prs",),
    day: date = DAY,
    institution_id: UUID = SCHOOL,
) -> list[str]:
    found = misfits(
        funding=funding,
        institution_id=institution_id,
        languages=languages,
        day=day,
        people=people or [Helped()],
    )
    return [one.code for one in found]


# Shares


def test_shares_are_whole_cents_that_add_up() -> None:
    assert paid(1000, 7500, 2500) == [750, 250]
    # 7.50 and 2.50 of ten cents: of equal remainders the first donor's comes first.
    assert paid(10, 7500, 2500) == [8, 2]
    # Thirds of a euro: 33.33, 33.33 and 33.34 cents, and the largest remainder has the cent.
    assert paid(100, 3333, 3333, 3334) == [33, 33, 34]
    assert paid(1, 5000, 5000) == [1, 0]
    assert paid(2, 3333, 3333, 3334) == [1, 0, 1]
    assert paid(0, 7500, 2500) == [0, 0]
    assert paid(4801, 10_000) == [4801]


def test_what_is_taken_back_is_what_was_given() -> None:
    assert paid(-10, 7500, 2500) == [-8, -2]


def test_where_nobody_pays_there_are_no_shares() -> None:
    assert shares(1000, []) == []


@st.composite
def wholes(draw: st.DrawFn) -> list[int]:
    """Up to twelve positive parts of 10,000."""
    cuts = draw(st.lists(st.integers(1, WHOLE - 1), max_size=11, unique=True))
    edges = [0, *sorted(cuts), WHOLE]
    return [after - before for before, after in pairwise(edges)]


@given(charge=st.integers(-(10**12), 10**12), parts=wholes())
def test_shares_add_up_exactly_and_are_the_slow_ones(charge: int, parts: list[int]) -> None:
    found = paid(charge, *parts)
    assert sum(found) == charge
    assert found == slow_shares(charge, parts)
    for one, part in zip(found, parts, strict=True):
        assert abs(one - Fraction(charge * part, WHOLE)) < 1


@given(charge=st.integers(0, 10**9), parts=wholes())
def test_a_correction_of_all_leaves_nothing_with_any_donor(charge: int, parts: list[int]) -> None:
    back = paid(-charge, *parts)
    assert [a + b for a, b in zip(paid(charge, *parts), back, strict=True)] == [0] * len(parts)


# Whom it is for


def test_without_conditions_it_pays_for_everybody() -> None:
    assert codes(grant()) == []


def test_it_pays_from_its_first_to_its_last_day() -> None:
    one = grant(ends_on=date(2017, 8, 17))
    days = [date(2016, 5, 17), date(2016, 5, 18), date(2017, 8, 17), date(2017, 8, 18)]
    assert [codes(one, day=day) for day in days] == [["period"], [], [], ["period"]]


def test_the_centres_grant_is_not_for_russian_and_english() -> None:
    one = grant(excluded_languages=["rus", "eng"])
    assert [codes(one, languages=[code]) for code in ("rus", "eng", "prs")] == [
        ["language"], ["language"], [],
    ]  # fmt: skip
    assert codes(one, languages=["ukr", "rus"]) == ["language"]


def test_it_may_name_its_languages() -> None:
    one = grant(languages=["prs", "pus"])
    assert codes(one, languages=["prs", "pus"]) == []
    assert codes(one, languages=["apc"]) == ["language"]
    [wrong] = misfits(
        funding=one, institution_id=SCHOOL, languages=["apc"], day=DAY, people=[Helped()]
    )
    assert wrong.detail == "It pays for Dari, Pashto"


def test_it_may_name_groups_statuses_and_institutions() -> None:
    one = grant(groups=["Families"], statuses=["refugee"], institution_ids=[COURT])
    fits = Helped(group="families", status="Refugee")
    assert codes(one, fits, institution_id=COURT) == []
    assert codes(one, fits) == ["institution"]
    assert codes(one, Helped(status="refugee"), institution_id=COURT) == ["group"]
    assert codes(one, Helped(group="families"), institution_id=COURT) == ["status"]


@pytest.mark.parametrize(
    ("since", "day", "fits"),
    [
        # Twelve months after 18 May 2016 are over when 18 May 2017 is.
        (date(2016, 5, 18), date(2016, 5, 18), True),
        (date(2016, 5, 18), date(2017, 5, 18), True),
        (date(2016, 5, 18), date(2017, 5, 19), False),
        (date(2016, 5, 18), date(2016, 5, 17), False),
        # A year after 29 February ends with February.
        (date(2016, 2, 29), date(2017, 2, 28), True),
        (date(2016, 2, 29), date(2017, 3, 1), False),
        (None, date(2016, 5, 18), False),
    ],
)
def test_months_since_status_end_with_the_day_of_the_same_number(
    since: date | None, day: date, fits: bool
) -> None:
    one = grant(starts_on=date(2016, 1, 1), months_since_status=12)
    assert codes(one, Helped(status_since=since), day=day) == (
        [] if fits else ["months_since_status"]
    )


def test_months_end_with_the_month_and_with_the_calendar() -> None:
    assert last_day(date(2016, 8, 31), 6) == date(2017, 2, 28)
    assert last_day(date(2016, 12, 31), 2) == date(2017, 2, 28)
    assert last_day(date(2016, 12, 1), 0) == date(2016, 12, 1)
    assert last_day(date(9999, 12, 1), 1) == date.max


@given(since=st.dates(date(1990, 1, 1), date(2100, 1, 1)), months=st.integers(0, 600))
def test_no_month_more_is_ever_given(since: date, months: int) -> None:
    last = last_day(since, months)
    whole = (last.year - since.year) * 12 + last.month - since.month
    assert whole == months
    assert last.day <= since.day


def test_everybody_who_is_helped_must_fit_and_each_reason_says_whom_it_is_about() -> None:
    people = [Helped(id=UUID(int=5), group="men"), Helped(id=UUID(int=6), group="families")]
    found = misfits(
        funding=grant(groups=["families"]),
        institution_id=SCHOOL,
        languages=["prs"],
        day=DAY,
        people=people,
    )
    assert [(one.code, one.client_id) for one in found] == [("group", UUID(int=5))]
    assert "men" not in found[0].detail


# What cannot be


@pytest.mark.parametrize("parts", [(7500,), (7500, 2499), (7500, 2501)])
def test_shares_must_be_the_whole(parts: tuple[int, ...]) -> None:
    [error] = donors_errors(donors(*parts))
    assert (error.pointer, error.code) == ("/donors", "shares-do-not-add-up")


def test_a_donor_stands_there_once() -> None:
    twice = [
        Donor(name="AMIF", share_basis_points=5000), Donor(name="amif", share_basis_points=5000),
    ]  # fmt: skip
    [error] = donors_errors(twice)
    assert (error.pointer, error.code) == ("/donors/1/name", "duplicate")


def test_a_grant_may_last_a_day_and_no_less() -> None:
    assert list(period_errors(DAY, DAY)) == []
    assert [one.code for one in period_errors(DAY, date(2016, 10, 31))] == ["ends-before-start"]


def test_a_language_is_in_or_out() -> None:
    [error] = languages_errors(["prs", "rus"], ["eng", "rus"])
    assert (error.pointer, error.code) == ("/excluded_languages/1", "conflicting")
