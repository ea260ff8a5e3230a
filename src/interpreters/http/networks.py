"""`/v1/network`: the caller's own network."""

from collections.abc import Iterator
from typing import Annotated, Any, Union

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, Meta, UnsetType

from interpreters.application import networks
from interpreters.application.networks import Network
from interpreters.domain import ids
from interpreters.domain.approvals import MOST_DAYS
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Stale
from interpreters.domain.languages import resolve
from interpreters.domain.matching import Weights
from interpreters.domain.planning import PlanningRules
from interpreters.domain.retention import RULES, Rule, days_of
from interpreters.http.doors import Call, door
from interpreters.http.fields import (
    Country,
    Currency,
    In,
    LanguageText,
    Name,
    TimeZone,
    Topic,
    given,
)
from interpreters.http.ladders import LadderIn, whole
from interpreters.http.views import LanguageView

TAG = "Network"
TravelApproval = Annotated[int, Meta(ge=0, le=100_000_000)]
GiveBackHours = Annotated[int, Meta(ge=0, le=720, description="Hours before the start.")]
ApprovalDays = Annotated[int, Meta(ge=0, le=MOST_DAYS, description="0: nobody is asked.")]


class WeightsIn(Weights, frozen=True, kw_only=True):
    """The most points each part can earn, 100 in all; a part left out keeps its usual points.

    `version` is counted here, whatever is sent.
    """

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Together 100."""
        yield from whole(Weights, value, pointer)


class PlanningIn(PlanningRules, frozen=True, kw_only=True):
    """How the network plans; what is left out is as usual."""


def _days(one: Rule) -> Any:
    days = Annotated[int, Meta(ge=one.least, le=one.most)]
    return Union[days, None, UnsetType]  # noqa: UP007 - a value here, and pyright reads `|` as a sum


# A field for each rule, with its bounds; what is left out stays as it is.
RetentionIn = msgspec.defstruct(
    "RetentionIn",
    [(one.kind, _days(one), UNSET) for one in RULES],
    bases=(In,),
    frozen=True,
    kw_only=True,
    namespace={"__doc__": "Days that each kind is kept; null is until somebody erases it."},
)


class NetworkPatch(In, frozen=True, kw_only=True):
    """The fields to change; `weights`, `ladder` and `planning` are replaced whole, null is the
    usual one.

    `volunteer_topics` are those that volunteers are asked about, null is all. With `ask_conflicts`
    interpreters see where it is after `no-conflict`; what is given back later than
    `give_back_hours` before the start is late, null is never. Silence of `approval_days` approves
    what was recorded of a session; null is 7. Travel for a booking that costs an
    interpreter more than `travel_approval_minor` is asked about beforehand, null is never.
    """

    name: Name | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    country: Country | None | UnsetType = UNSET
    working_language: LanguageText | None | UnsetType = UNSET
    weights: WeightsIn | None | UnsetType = UNSET
    ladder: LadderIn | None | UnsetType = UNSET
    applications_open: bool | UnsetType = UNSET
    volunteer_topics: Annotated[list[Topic], Meta(max_length=50)] | None | UnsetType = UNSET
    ask_conflicts: bool | UnsetType = UNSET
    give_back_hours: GiveBackHours | None | UnsetType = UNSET
    approval_days: ApprovalDays | None | UnsetType = UNSET
    travel_approval_minor: TravelApproval | None | UnsetType = UNSET
    planning: PlanningIn | None | UnsetType = UNSET
    retention: RetentionIn | UnsetType = UNSET  # type: ignore[valid-type]  # made from the rules

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        fields = given(**msgspec.structs.asdict(self))
        if fields.get("working_language") is not None:
            fields["working_language"] = resolve(fields["working_language"]).language.code
        for name in ("weights", "ladder", "planning"):
            if name in fields:
                fields[name] = {} if fields[name] is None else msgspec.to_builtins(fields[name])
        if fields.get("volunteer_topics") is not None:
            fields["volunteer_topics"] = tuple(dict.fromkeys(fields["volunteer_topics"]))
        if "retention" in fields:
            fields["retention"] = given(**msgspec.structs.asdict(fields["retention"]))
        return fields


class NetworkView(msgspec.Struct, frozen=True, kw_only=True):
    """A network; `weights`, `ladder` and `planning` hold what differs from the built-in rules.

    `retention` is days by kind, null is until somebody erases it (docs/privacy.md).
    """

    id: str
    name: str
    time_zone: str
    currency: str
    country: str | None
    working_language: LanguageView | None
    weights: dict[str, Any]
    ladder: dict[str, Any]
    applications_open: bool
    volunteer_topics: list[Topic] | None
    ask_conflicts: bool
    give_back_hours: int | None
    approval_days: int | None
    travel_approval_minor: int | None
    planning: dict[str, Any]
    retention: dict[str, int | None]
    version: int

    @classmethod
    def of(cls, one: Network, _: Caller) -> "NetworkView":
        """Shape a network."""
        language, topics = one.working_language, one.volunteer_topics
        return cls(
            id=ids.show_id(ids.NETWORK, one.network_id),
            name=one.name,
            time_zone=one.time_zone,
            currency=one.currency,
            country=one.country,
            working_language=None if language is None else LanguageView.of(language),
            weights=one.weights,
            ladder=one.ladder,
            applications_open=one.applications_open,
            volunteer_topics=None if topics is None else list(topics),  # type: ignore[arg-type]  # only known ones come in
            ask_conflicts=one.ask_conflicts,
            give_back_hours=one.give_back_hours,
            approval_days=one.approval_days,
            travel_approval_minor=one.travel_approval_minor,
            planning=one.planning,
            retention={str(kind): days for kind, days in days_of(one.retention).items()},
            version=one.version,
        )


@door("GET", "/v1/network", answer=NetworkView, refusals=(Forbidden,), tag=TAG)
async def show_network(call: NamedDependency[Call]) -> Response[bytes]:
    """The caller's network."""
    return await call.ask(networks.show_network, NetworkView.of)


@door("PATCH", "/v1/network", body=NetworkPatch, answer=NetworkView,
      refusals=(Forbidden, Stale), tag=TAG)  # fmt: skip
async def change_network(call: NamedDependency[Call]) -> Response[bytes]:
    """Change the network; If-Match guards against a change in between."""
    body = call.body(NetworkPatch)
    return await call.ask(
        lambda db, caller: networks.change_network(
            db, caller, if_match=call.if_match, change=lambda: body().change(), now=call.now
        ),
        NetworkView.of,
    )


ROUTES = (show_network, change_network)
