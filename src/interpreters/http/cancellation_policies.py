"""`/v1/cancellation-policies`: until when calling off is free, and what it costs then."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import cancellation_policies
from interpreters.application.cancellation_policies import Policy, PolicyOrder, PolicyPreset
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.cancellations import NoticeClock, PolicyRule, rules_errors
from interpreters.domain.errors import FieldError, Forbidden, NotFound
from interpreters.http.dated_rules import DatedIn
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import Id, Mode
from interpreters.http.lists import List, ListQuery, page_of

TAG = "Cancellation policies"


class PolicyIn(DatedIn, frozen=True, kw_only=True):
    """A new policy. One that is sent never changes."""

    rules: Annotated[list[PolicyRule], Meta(min_length=1, max_length=100)]

    def inner_errors(self) -> Sequence[FieldError]:
        """Return what is wrong between the rules themselves."""
        return rules_errors(self.rules)

    def order(self) -> PolicyOrder:
        """Return the order in the application's words."""
        return PolicyOrder(
            name=self.name,
            is_default=self.default,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            rules=self.rules,
        )


class PolicyRuleView(msgspec.Struct, frozen=True, kw_only=True):
    """Calling off later than this costs a share of the price; `pay_percent` is not for
    institutions.
    """

    mode: Mode | None
    min_minutes: int
    min_travel_km: int
    free_until_hours: int | None
    free_until_minutes: int
    clock: NoticeClock
    fee_percent: int
    pay_percent: int | None
    with_travel: bool
    at_most_minutes: int | None
    late_over_days_off: bool
    replacement: bool

    @classmethod
    def of(cls, one: PolicyRule, *, inside: bool) -> "PolicyRuleView":
        """Shape a rule for its reader."""
        fields = msgspec.structs.asdict(one)
        return msgspec.convert(fields if inside else fields | {"pay_percent": None}, cls)


class PolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """A policy as its readers may see it."""

    id: Id
    name: str
    default: bool
    valid_from: date
    valid_until: date | None
    rules: list[PolicyRuleView]
    created_at: datetime

    @classmethod
    def of(cls, one: Policy, caller: Caller) -> "PolicyView":
        """Shape a policy for its reader."""
        inside = caller.institution_id is None
        return cls(
            id=ids.show_id(ids.POLICY, one.id),
            name=one.name,
            default=one.is_default,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            rules=[PolicyRuleView.of(rule, inside=inside) for rule in one.rules],
            created_at=one.created_at,
        )


class PresetView(msgspec.Struct, frozen=True, kw_only=True):
    """Published rules: whose, from where, and what of them is not expressed."""

    name: str
    title: str
    source: str
    note: str
    rules: list[PolicyRuleView]


class PresetsView(msgspec.Struct, frozen=True, kw_only=True):
    """Every set, by name."""

    items: list[PresetView]

    @classmethod
    def of(cls, found: Mapping[str, PolicyPreset], _: Caller) -> "PresetsView":
        """Shape the sets."""
        return cls(
            items=[
                PresetView(
                    name=name,
                    title=one.title,
                    source=one.source,
                    note=one.note,
                    rules=[PolicyRuleView.of(rule, inside=True) for rule in one.rules],
                )
                for name, one in found.items()
            ]
        )


@door("POST", "/v1/cancellation-policies", body=PolicyIn, answer=PolicyView, status=201,
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def create_policy(call: NamedDependency[Call]) -> Response[bytes]:
    """Add a cancellation policy."""
    body = call.body(PolicyIn)

    async def work(db: Db, caller: Caller) -> Policy:
        return await cancellation_policies.create_policy(
            db, caller, order=lambda: body().order(), now=call.now
        )

    return await call.once(work, PolicyView.of, status=201)


@door("GET", "/v1/cancellation-policies", query=ListQuery, answer=List[PolicyView],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_policies(call: NamedDependency[Call]) -> Response[bytes]:
    """Cancellation policies, newest first."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        asked = query()
        before, limit = asked.slice
        found = await cancellation_policies.list_policies(db, caller, before=before, limit=limit)
        return page_of(found, asked, lambda one: PolicyView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/cancellation-policies/presets", answer=PresetsView, refusals=(Forbidden,),
      tag=TAG)  # fmt: skip
async def list_policy_presets(call: NamedDependency[Call]) -> Response[bytes]:
    """Published rules, ready to be sent as one's own."""
    return await call.ask(cancellation_policies.list_presets, PresetsView.of)


@door("GET", "/v1/cancellation-policies/{id:str}", answer=PolicyView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def show_policy(call: NamedDependency[Call]) -> Response[bytes]:
    """One cancellation policy."""
    return await call.ask(
        lambda db, caller: cancellation_policies.show_policy(
            db, caller, policy_id=call.id(ids.POLICY)
        ),
        PolicyView.of,
    )


ROUTES = (create_policy, list_policies, list_policy_presets, show_policy)
