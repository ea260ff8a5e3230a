"""`/finance/cancellation-policies`: until when calling off is free, and what it costs then."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from litestar import Request, Response, get, post

from interpreters.application import cancellation_policies
from interpreters.application.cancellation_policies import Policy, PolicyPreset
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.cancellations import PolicyRule
from interpreters.domain.errors import Invalid, NotFound
from interpreters.domain.ids import POLICY, read_id, show_id
from interpreters.domain.windows import at_place
from interpreters.http.cancellation_policies import PolicyIn, PolicyView
from interpreters.http.reading import read_body
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.finance_words import dated, rows_of, with_spare
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/finance/cancellation-policies"
MOST: Final = 200
RULE: Final = (
    "mode", "min_minutes", "min_travel_km", "free_until_hours", "free_until_minutes", "clock",
    "fee_percent", "pay_percent", "at_most_minutes", "with_travel", "late_over_days_off",
    "replacement",
)  # fmt: skip
NUMBERS: Final = ("min_minutes", "min_travel_km", "free_until_minutes")
RULES: Final = 24  # a form has at most 300 fields
SPARE: Final = 2


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_policies(request: AnyRequest) -> Response[str]:
    """Show every set of rules, the newest first."""
    visit = await visiting(request, "finance", "coordinator")
    found = await visit.ask(
        lambda db, caller: cancellation_policies.list_policies(db, caller, before=None, limit=MOST)
    )
    return visit.page(
        "finance_policies.html",
        found=found,
        today=at_place(instant=visit.now, time_zone=visit.me.network.time_zone).date(),
        policy_id=lambda one: show_id(POLICY, one.id),
        dated=dated(visit.language),
        day_before=lambda day: day - timedelta(days=1),
        done=asked_fields(request).get("done"),
    )


@get(f"{PATH}/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_new(request: AnyRequest) -> Response[str]:
    """Show the form of new rules, filled from published ones or from one's own if that is asked."""
    visit = await visiting(request, "finance", "coordinator")
    asked = asked_fields(request)
    if asked.get("preset"):
        preset = (await visit.ask(cancellation_policies.list_presets)).get(asked.get("preset"))
        if preset is None:
            raise NotFound
        return await _form(visit, _as_fields(preset.title, preset.rules), preset=preset)
    if asked.get("like"):
        policy_id = read_id(POLICY, asked.get("like"))
        found = await visit.ask(
            lambda db, caller: cancellation_policies.show_policy(db, caller, policy_id=policy_id)
        )
        return await _form(visit, _as_fields(found.name, found.rules))
    return await _form(visit, Fields([("clock-0", "working_time"), ("fee_percent-0", "100")]))


@post(f"{PATH}/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def add(request: AnyRequest) -> Response[Any]:
    """Add rules; those that are there stay as they are."""
    visit = await visiting(request, "finance", "coordinator")
    fields = await own_fields(request)

    async def work(db: Db, caller: Caller) -> Policy:
        body = read_body(PolicyIn, body_of(_body(fields)), now=visit.now)
        return await cancellation_policies.create_policy(
            db, caller, order=body.order, now=visit.now
        )

    try:
        await visit.once(fields, work, PolicyView.of)
    except Invalid as wrong:
        return await _form(visit, fields, errors=visit.trouble(wrong))
    return see_other(f"{PATH}?done=added")


def _body(fields: Fields) -> dict[str, Any]:
    return {
        "name": fields.some("name"),
        "default": fields.ticked("default"),
        "valid_from": fields.some("valid_from"),
        "valid_until": fields.some("valid_until"),
        "rules": [_rule(one) for one in _rows(fields)],
    }


def _rows(fields: Fields) -> list[dict[str, str]]:
    """Return the rows that say what it costs; one without is no rule."""
    return [one for one in rows_of(fields, RULE, RULES) if one["fee_percent"]]


def _rule(row: Mapping[str, str]) -> dict[str, Any]:
    said = Fields(row.items())
    return {
        "mode": row["mode"] or None,
        **{name: said.number(name) or 0 for name in NUMBERS},
        "free_until_hours": said.number("free_until_hours"),
        "clock": row["clock"] or "elapsed",
        "fee_percent": said.number("fee_percent"),
        "pay_percent": said.number("pay_percent"),
        "with_travel": said.ticked("with_travel"),
        "at_most_minutes": said.number("at_most_minutes"),
        "late_over_days_off": said.ticked("late_over_days_off"),
        "replacement": said.ticked("replacement"),
    }


def _as_fields(name: str, rules: Any) -> Fields:
    pairs = [("name", name)]
    for place, rule in enumerate(rules):
        pairs += [(f"{one}-{place}", _shown(rule, one)) for one in RULE]
    return Fields(pairs)


def _shown(rule: PolicyRule, name: str) -> str:
    value = getattr(rule, name)
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None or (name in NUMBERS and not value) else str(value)


async def _form(
    visit: Visit, fields: Fields, *, errors: Mapping[str, str] | None = None,
    preset: PolicyPreset | None = None,
) -> Response[str]:  # fmt: skip
    presets = await visit.ask(cancellation_policies.list_presets)
    return visit.page(
        "finance_policy_form.html",
        422 if errors else 200,
        said=fields,
        rules=with_spare(_rows(fields), RULE, spare=SPARE, most=RULES),
        presets=presets,
        preset=preset,
        errors=errors or {},
    )


ROUTES = (list_policies, show_new, add)
