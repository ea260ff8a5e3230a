"""`/v1/interpreters`: the roster."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, Meta, UnsetType

from interpreters.application import interpreters
from interpreters.application.interpreters import InterpreterFilter, InterpreterOrder, Profile
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, NotFound, Stale
from interpreters.domain.languages import resolve
from interpreters.domain.stages import Stage
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import (
    Email,
    Gender,
    In,
    LanguageText,
    Mode,
    Name,
    PageLanguage,
    Phone,
    Qualification,
    TimeZone,
    Topic,
    e164,
    given,
)
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.notify_fields import Notify, told_fields
from interpreters.http.roster_fields import (
    Engagement,
    HomeIn,
    Languages,
    QuietHoursIn,
    converted,
    each_once,
    reachable,
)
from interpreters.http.roster_views import InterpreterView

TAG = "Roster"
ALL_MODES: Final[tuple[Mode, ...]] = ("in_person", "phone", "video")
Radius: TypeAlias = Annotated[int, Meta(ge=0, le=2000, description="Kilometres.")]
Modes: TypeAlias = Annotated[list[Mode], Meta(min_length=1, max_length=10)]
Topics: TypeAlias = Annotated[list[Topic], Meta(max_length=50)]


class InterpreterIn(In, frozen=True, kw_only=True):
    """A new interpreter; `phone` or `email` is needed."""

    display_name: Name
    languages: Languages
    phone: Phone | None = None
    email: Email | None = None
    gender: Gender | None = None
    time_zone: TimeZone | None = None
    home: HomeIn | None = None
    travel_radius_km: Radius = 50
    modes: Modes = msgspec.field(default_factory=lambda: list(ALL_MODES))
    qualification: Qualification = "language_speaker"
    topics: Topics = msgspec.field(default_factory=list)
    urgent_opt_in: bool = True
    quiet_hours: QuietHoursIn | None = None
    engagement: Engagement = "freelance"
    active: bool = True

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Can be reached, and each language once."""
        yield from reachable(value, pointer)
        yield from each_once(value, pointer)

    def order(self) -> InterpreterOrder:
        """Return the order in the application's words."""
        return InterpreterOrder(**_converted(msgspec.structs.asdict(self)))


class InterpreterPatch(In, frozen=True, kw_only=True):
    """The fields to change; `languages` and `home` are replaced whole.

    An interpreter changes only: phone, email, time_zone, home, travel_radius_km, modes, topics,
    urgent_opt_in, quiet_hours, auto_assign, language, notify. `language` is what they are told
    things in.
    """

    display_name: Name | UnsetType = UNSET
    languages: Languages | UnsetType = UNSET
    phone: Phone | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    gender: Gender | UnsetType | None = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    home: HomeIn | UnsetType | None = UNSET
    travel_radius_km: Radius | UnsetType = UNSET
    modes: Modes | UnsetType = UNSET
    qualification: Qualification | UnsetType = UNSET
    topics: Topics | UnsetType = UNSET
    urgent_opt_in: bool | UnsetType = UNSET
    quiet_hours: QuietHoursIn | UnsetType | None = UNSET
    engagement: Engagement | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    auto_assign: bool | UnsetType = UNSET
    language: PageLanguage | UnsetType | None = UNSET
    notify: Notify | UnsetType | None = UNSET

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Each language once."""
        yield from each_once(value, pointer)

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        return told_fields(_converted(given(**msgspec.structs.asdict(self))))


class InterpreterQuery(ListQuery, frozen=True, kw_only=True):
    """Which interpreters."""

    active: bool | None = None
    language: LanguageText | None = None
    stage: Stage | None = None

    def filter(self) -> InterpreterFilter:
        """Return the filter in the application's words."""
        code = None if self.language is None else resolve(self.language).language.code
        return InterpreterFilter(active=self.active, language=code, stage=self.stage)


@door("POST", "/v1/interpreters", body=InterpreterIn, answer=InterpreterView, status=201,
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def create_interpreter(call: NamedDependency[Call]) -> Response[bytes]:
    """Put an interpreter on the roster."""
    body = call.body(InterpreterIn)

    async def work(db: Db, caller: Caller) -> Profile:
        return await interpreters.create_interpreter(
            db, caller, order=lambda: body().order(), now=call.now
        )

    return await call.once(work, InterpreterView.of, status=201)


@door("GET", "/v1/interpreters", query=InterpreterQuery, answer=List[InterpreterView],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_interpreters(call: NamedDependency[Call]) -> Response[bytes]:
    """Interpreters, newest first; for institutions those they had or prefer."""
    query = call.query(InterpreterQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await interpreters.list_interpreters(
            db,
            caller,
            wanted=lambda: query().filter(),
            before=lambda: query().before,
            limit=lambda: query().size + 1,
        )
        return page_of(found, query(), lambda one: InterpreterView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/interpreters/{id:str}", answer=InterpreterView, refusals=(NotFound,), tag=TAG)
async def show_interpreter(call: NamedDependency[Call]) -> Response[bytes]:
    """One interpreter."""
    return await call.ask(
        lambda db, caller: interpreters.show_interpreter(
            db, caller, interpreter_id=interpreter_of(call)
        ),
        InterpreterView.of,
    )


@door("PATCH", "/v1/interpreters/{id:str}", body=InterpreterPatch, answer=InterpreterView,
      refusals=(Forbidden, NotFound, Stale), tag=TAG)  # fmt: skip
async def change_interpreter(call: NamedDependency[Call]) -> Response[bytes]:
    """Change an interpreter; If-Match guards against a change in between."""
    body = call.body(InterpreterPatch)
    return await call.ask(
        lambda db, caller: interpreters.change_interpreter(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            if_match=call.if_match,
            change=lambda: body().change(),
        ),
        InterpreterView.of,
    )


def interpreter_of(call: Call) -> UUID:
    """Return the interpreter in the path."""
    return call.id(ids.INTERPRETER)


def _converted(fields: dict[str, Any]) -> dict[str, Any]:
    if fields.get("phone") is not None:
        fields["phone"] = e164(fields["phone"])
    return converted(fields)


ROUTES = (create_interpreter, list_interpreters, show_interpreter, change_interpreter)
