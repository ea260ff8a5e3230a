"""Fundings: the grants that pay for sessions. Whom each is for, and which donor pays which share.

Money is in minor units. Shares are in basis points, 10,000 of them are the whole.
"""

from calendar import monthrange
from collections.abc import Collection, Iterator, Sequence
from datetime import MAXYEAR, date, datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.domain.errors import FieldError, Refusal
from interpreters.domain.languages import describe

WHOLE: Final = 10_000
Code: TypeAlias = Literal[
    "language", "period", "group", "status", "months_since_status", "institution"
]


class FundingNumberTaken(Refusal):
    """Another funding of the network has the number."""

    code = "funding-number-taken"
    title = "The network has a funding of this number"


class FundingDoesNotFit(Refusal):
    """What is asked for is outside the funding, and was to be refused then."""

    code = "funding-does-not-fit"
    title = "The request is outside the funding"


class Donor(msgspec.Struct, frozen=True, kw_only=True):
    """Who pays, and how much of it in basis points."""

    name: str
    share_basis_points: int


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Who pays, and whom it is for; an empty list is no condition.

    With `months_since_status` it is for people who have had their status for no longer.
    """

    name: str | None = None
    donors: Sequence[Donor]
    languages: Sequence[str] = ()
    excluded_languages: Sequence[str] = ()
    groups: Sequence[str] = ()
    statuses: Sequence[str] = ()
    months_since_status: int | None = None
    institution_ids: Sequence[UUID] = ()

    @property
    def asks_of_people(self) -> bool:
        """Whether it matters who is helped."""
        return bool(self.groups or self.statuses or self.months_since_status is not None)


class Funding(msgspec.Struct, frozen=True, kw_only=True):
    """A grant, from `starts_on` to `ends_on`, both included; None is without an end."""

    id: UUID
    number: str
    starts_on: date
    ends_on: date | None
    terms: Terms
    created_at: datetime
    version: int = 1

    def is_open_to(self, institution_id: UUID) -> bool:
        """Whether the institution may ask on it."""
        return institution_id in self.terms.institution_ids or not self.terms.institution_ids


class Helped(msgspec.Struct, frozen=True, kw_only=True):
    """What a funding asks of somebody helped; `id` None is somebody not known yet."""

    id: UUID | None = None
    group: str | None = None
    status: str | None = None
    status_since: date | None = None


class Misfit(msgspec.Struct, frozen=True, kw_only=True):
    """One reason why a funding does not pay, and whom it is about, if it is about somebody."""

    code: Code
    detail: str
    client_id: UUID | None = None


class Fitting(msgspec.Struct, frozen=True, kw_only=True):
    """A funding beside what is asked for: it fits without a misfit."""

    funding: Funding
    misfits: Sequence[Misfit]


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What a donor pays of a charge."""

    donor: str
    share_basis_points: int
    charge_minor: int


def misfits(
    *,
    funding: Funding,
    institution_id: UUID,
    languages: Collection[str],
    day: date,
    people: Sequence[Helped],
) -> list[Misfit]:
    """Return why the funding does not pay for a session: none if it does.

    `day` is the one on which it starts by the clock of the place. All languages that may be
    spoken, and all the people, have to fit. Nothing that is said tells what is known of a client.
    """
    terms = funding.terms
    found = [
        *_of_languages(terms, languages),
        *_of_period(funding, day),
        *(wrong for one in people for wrong in _of_person(terms, one, day)),
    ]
    if not funding.is_open_to(institution_id):
        found.append(Misfit(code="institution", detail="It is for other institutions"))
    return list(dict.fromkeys(found))


def shares(charge_minor: int, donors: Sequence[Donor]) -> list[Share]:
    """Return what each donor pays: the shares add up to the charge, to the minor unit.

    By largest remainder: each gets the whole units of their share, and what is left over goes by
    one unit to those with the largest remainders, of equal ones in the donors' order. What is
    negative is shared as its positive, so that what is taken back is what was given.
    """
    amount, sign = abs(charge_minor), -1 if charge_minor < 0 else 1
    parts = [divmod(amount * one.share_basis_points, WHOLE) for one in donors]
    units = [whole for whole, _ in parts]
    by_rest = sorted(range(len(parts)), key=lambda place: -parts[place][1])
    for place in by_rest[: amount - sum(units)]:
        units[place] += 1
    return [
        Share(donor=one.name, share_basis_points=one.share_basis_points, charge_minor=sign * paid)
        for one, paid in zip(donors, units, strict=True)
    ]


def last_day(status_since: date, months: int) -> date:
    """Return the last day that is so many months after a day.

    A period of months ends with the day of the same number, or with the month's last where it has
    none such (Regulation (EEC, Euratom) No 1182/71, article 3(2)(c)): 12 months after 18 May are
    over when 18 May of the next year is.
    """
    year, month = divmod(status_since.year * 12 + status_since.month - 1 + months, 12)
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(status_since.day, monthrange(year, month + 1)[1]))


def donors_errors(donors: Sequence[Donor]) -> Iterator[FieldError]:
    """Yield what is wrong between donors: one who is there twice, shares that are no whole."""
    names = [one.name.casefold() for one in donors]
    for place, name in enumerate(names):
        if name in names[:place]:
            detail = f"The same as /donors/{names.index(name)}"
            yield FieldError(pointer=f"/donors/{place}/name", code="duplicate", detail=detail)
    total = sum(one.share_basis_points for one in donors)
    if total != WHOLE:
        detail = f"The shares add up to {total} basis points; all of it are {WHOLE}"
        yield FieldError(pointer="/donors", code="shares-do-not-add-up", detail=detail)


def period_errors(starts_on: date, ends_on: date | None) -> Iterator[FieldError]:
    """Yield what is wrong with the days."""
    if ends_on is not None and ends_on < starts_on:
        detail = "It ends before it begins"
        yield FieldError(pointer="/ends_on", code="ends-before-start", detail=detail)


def languages_errors(
    languages: Sequence[str], excluded_languages: Sequence[str]
) -> Iterator[FieldError]:
    """Yield the languages that are said to be in and out."""
    for place, code in enumerate(excluded_languages):
        if code in languages:
            detail = f"{describe(code).name} is among the languages it is for"
            pointer = f"/excluded_languages/{place}"
            yield FieldError(pointer=pointer, code="conflicting", detail=detail)


def _of_languages(terms: Terms, languages: Collection[str]) -> Iterator[Misfit]:
    for code in languages:
        if code in terms.excluded_languages:
            yield Misfit(code="language", detail=f"It does not pay for {describe(code).name}")
        elif terms.languages and code not in terms.languages:
            names = ", ".join(describe(one).name for one in terms.languages)
            yield Misfit(code="language", detail=f"It pays for {names}")


def _of_period(funding: Funding, day: date) -> Iterator[Misfit]:
    if day < funding.starts_on:
        yield Misfit(code="period", detail=f"It begins on {funding.starts_on}")
    if funding.ends_on is not None and day > funding.ends_on:
        yield Misfit(code="period", detail=f"Its last day is {funding.ends_on}")


def _of_person(terms: Terms, one: Helped, day: date) -> Iterator[Misfit]:
    if terms.groups and not _among(one.group, terms.groups):
        yield _about(one, "group", f"It is for people of: {', '.join(terms.groups)}")
    if terms.statuses and not _among(one.status, terms.statuses):
        yield _about(
            one, "status", f"It is for people whose status is: {', '.join(terms.statuses)}"
        )
    months = terms.months_since_status
    if months is not None and not _is_within(one.status_since, months, day):
        yield _about(
            one, "months_since_status", f"It is for the first {months} months of a known status"
        )


def _is_within(status_since: date | None, months: int, day: date) -> bool:
    return status_since is not None and status_since <= day <= last_day(status_since, months)


def _among(value: str | None, wanted: Sequence[str]) -> bool:
    return value is not None and value.casefold() in {one.casefold() for one in wanted}


def _about(one: Helped, rule: Code, detail: str) -> Misfit:
    return Misfit(code=rule, detail=detail, client_id=one.id)
