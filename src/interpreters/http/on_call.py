"""`/v1/on-call`: who is rung when an urgent search finds nobody."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import on_call
from interpreters.application.on_call import OnCallNow, Rota
from interpreters.domain import ids
from interpreters.domain.availability import Day, WeeklyRow, read_weekly, show_weekly
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid
from interpreters.domain.ids import id_pattern
from interpreters.domain.on_call import Duty
from interpreters.http.doors import Call, door
from interpreters.http.fields import In, Text

TAG = "On call"
UserId: TypeAlias = Annotated[str, Meta(pattern=id_pattern(ids.USER), max_length=30)]
Position: TypeAlias = Annotated[
    int, Meta(ge=1, le=100, description="Who is rung first: the lowest.")
]


class DutyIn(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Hours of one weekday of one person, at quarter hours, by the network's clock."""

    user_id: UserId
    day: Annotated[Text, Meta(description="mon, tue, wed, thu, fri, sat or sun.")]
    from_: Annotated[Text, Meta(description='Such as "17:00".')]
    to: Annotated[Text, Meta(description='Such as "23:45"; midnight is "24:00".')]
    position: Position = 1


class RotaIn(In, frozen=True, kw_only=True):
    """The whole rota; a range over midnight is two rows."""

    rows: Annotated[list[DutyIn], Meta(max_length=1000)]

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """The hours' own errors, named as the domain names them."""
        rows = value.get("rows")
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            try:
                read_weekly(rows)
            except Invalid as refusal:
                for one in refusal.errors:
                    place = one.pointer.removeprefix("/weekly")
                    yield msgspec.structs.replace(one, pointer=f"{pointer}/rows{place}")

    def order(self) -> list[Duty]:
        """Return the rota in the application's words."""
        made = []
        for row in self.rows:
            (hours,) = read_weekly([{"day": row.day, "from": row.from_, "to": row.to}])
            made.append(
                Duty(
                    user_id=ids.read_id(ids.USER, row.user_id),
                    day=hours.day,
                    from_=hours.from_,
                    to=hours.to,
                    position=row.position,
                )
            )
        return made


class DutyView(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Hours of one weekday of one person."""

    user_id: str
    day: Day
    from_: str
    to: str
    position: int


class RotaView(msgspec.Struct, frozen=True, kw_only=True):
    """The rota, in order of the week, by the clock of `time_zone`."""

    time_zone: str
    rows: list[DutyView]

    @classmethod
    def of(cls, one: Rota, _: Caller) -> "RotaView":
        """Shape a rota."""
        return cls(time_zone=one.time_zone, rows=_rows(one.rows))


class OnCallView(msgspec.Struct, frozen=True, kw_only=True):
    """Who would be rung at this instant, in order; without a `rota` all coordinators together."""

    at: datetime
    user_ids: list[str]
    rota: bool

    @classmethod
    def of(cls, one: OnCallNow, _: Caller) -> "OnCallView":
        """Shape who is on call."""
        people = [ids.show_id(ids.USER, each) for each in one.user_ids]
        return cls(at=one.at, user_ids=people, rota=one.is_rota)


@door("GET", "/v1/on-call", answer=RotaView, refusals=(Forbidden,), tag=TAG)
async def show_rota(call: NamedDependency[Call]) -> Response[bytes]:
    """The weekly rota."""
    return await call.ask(on_call.show_rota, RotaView.of)


@door("PUT", "/v1/on-call", body=RotaIn, answer=RotaView, refusals=(Forbidden,), tag=TAG)
async def replace_rota(call: NamedDependency[Call]) -> Response[bytes]:
    """Replace the weekly rota; none has all coordinators rung."""
    body = call.body(RotaIn)
    return await call.ask(
        lambda db, caller: on_call.replace_rota(
            db, caller, rows=lambda: body().order(), now=call.now
        ),
        RotaView.of,
    )


@door("GET", "/v1/on-call/now", answer=OnCallView, refusals=(Forbidden,), tag=TAG)
async def show_on_call(call: NamedDependency[Call]) -> Response[bytes]:
    """Who would be rung now."""
    return await call.ask(
        lambda db, caller: on_call.show_on_call(db, caller, now=call.now), OnCallView.of
    )


def _rows(rota: Sequence[Duty]) -> list[DutyView]:
    views = []
    for one in rota:
        (shown,) = show_weekly([WeeklyRow(day=one.day, from_=one.from_, to=one.to)])
        views.append(
            DutyView(
                user_id=ids.show_id(ids.USER, one.user_id),
                day=one.day,
                from_=shown["from"],
                to=shown["to"],
                position=one.position,
            )
        )
    return views


ROUTES = (show_rota, replace_rota, show_on_call)
