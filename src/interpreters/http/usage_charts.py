"""`/v1/usage/chart`: usage drawn, as SVG."""

from typing import Final, Literal, TypeAlias

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application.calls import ask
from interpreters.application.usage_charts import ChartQuestion, draw_usage
from interpreters.application.usage_reports import UsageQuestion, UsageReport, report_usage
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.charts import Shape, svg
from interpreters.domain.errors import FieldError, Forbidden, Invalid
from interpreters.http.doors import Call, door
from interpreters.http.fields import In
from interpreters.http.usage import TAG, Day
from interpreters.http.usage_reports import Grouping, SuppressBelow, UsageQuery

Counter: TypeAlias = Literal[
    "sessions", "clients", "booked_minutes", "actual_minutes", "billable_minutes", "requests",
    "filled", "unfilled", "cancelled", "late_cancelled", "client_no_shows", "interpreter_no_shows",
]  # fmt: skip
SVG: Final = "image/svg+xml"
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


class ChartQuery(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """As `GET /v1/usage`, by one grouping besides the month, or none."""

    from_: Day
    to: Day
    group_by: tuple[Grouping, ...] = ()
    suppress_below: SuppressBelow | None = None
    counter: Counter = "sessions"
    shape: Shape = "bars"

    def question(self) -> ChartQuestion:
        """Return the question in the application's words.

        Raises:
            Invalid: the days are wrong, or the groupings too many.
        """
        drawn = [one for one in dict.fromkeys(self.group_by) if one != "month"]
        if len(drawn) > 1:
            detail = "A chart has one grouping besides the month"
            raise Invalid([FieldError(pointer="/group_by", code="out-of-range", detail=detail)])
        asked = UsageQuery(from_=self.from_, to=self.to, suppress_below=self.suppress_below)
        usage = msgspec.structs.replace(asked.question(), groupings=(*drawn, "month"))
        return ChartQuestion(usage=usage, counter=self.counter, shape=self.shape)


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """An SVG document; there is no JSON of it."""


@door("GET", "/v1/usage/chart", query=ChartQuery, answer=Picture, files=(SVG,),
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def show_usage_chart(call: NamedDependency[Call]) -> Response[bytes]:
    """One counter over months, as `image/svg+xml`.

    The picture's description says every number it shows.
    """
    query = call.query(ChartQuery)
    asked: list[ChartQuestion] = []

    def question() -> UsageQuestion:
        asked.append(query().question())
        return asked[-1].usage

    async def work(db: Db, caller: Caller) -> UsageReport:
        return await report_usage(db, caller, question=question)

    report = await ask(call.pool, token=call.token, role=call.role, now=call.now, work=work)
    picture = svg(draw_usage(asked[-1], report)).encode()
    return Response(picture, media_type=SVG, headers=HEADERS)


ROUTES = (show_usage_chart,)
