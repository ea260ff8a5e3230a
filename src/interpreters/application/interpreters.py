"""Interpreters on the roster. Each public use-case is one transaction's work."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.ratings import average_of
from interpreters.application.supply import refresh_supply
from interpreters.application.told_choices import choose
from interpreters.database import Db
from interpreters.domain.approvals import AverageRating
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound, Stale
from interpreters.domain.ids import new_id
from interpreters.domain.stages import Stage
from interpreters.sql import interpreter_languages, interpreters, networks, told_people
from interpreters.sql.interpreter_languages import InterpreterLanguage
from interpreters.sql.interpreters import Interpreter
from interpreters.sql.networks import Network
from interpreters.sql.told_people import Told

__all__ = [
    "Interpreter",
    "InterpreterFilter",
    "InterpreterLanguage",
    "InterpreterOrder",
    "Profile",
    "add_profile",
    "change_interpreter",
    "create_interpreter",
    "hold_interpreter",
    "list_interpreters",
    "own_interpreter",
    "show_interpreter",
]

OWN_FIELDS: Final = frozenset(
    {
        "phone", "email", "time_zone", "latitude", "longitude", "city", "travel_radius_km",
        "modes", "topics", "urgent_opt_in", "quiet_hours", "auto_assign", "language", "notify",
    }
)  # fmt: skip
"""What interpreters change themselves; the rest is the network's word about them."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """An interpreter with their languages in the order given, and how they are told things."""

    interpreter: Interpreter
    languages: Sequence[InterpreterLanguage]
    told: Told = Told()
    rating: AverageRating | None = None  # where one is shown, not a list

    @property
    def id(self) -> UUID:
        """The interpreter's id."""
        return self.interpreter.id


class InterpreterOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A new interpreter; without a time zone they live in the network's."""

    display_name: str
    languages: Sequence[InterpreterLanguage]
    phone: str | None = None
    email: str | None = None
    gender: str | None = None
    time_zone: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    city: str | None = None
    travel_radius_km: int = 50
    modes: Sequence[str] = ("in_person", "phone", "video")
    qualification: str = "language_speaker"
    topics: Sequence[str] = ()
    urgent_opt_in: bool = True
    quiet_hours: dict[str, str] | None = None
    engagement: str = "freelance"
    active: bool = True


class InterpreterFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which interpreters a list is about; `language` is ISO 639-3."""

    active: bool | None = None
    language: str | None = None
    stage: Stage | None = None


async def create_interpreter(
    db: Db, caller: Caller, *, order: Callable[[], InterpreterOrder], now: datetime
) -> Profile:
    """Put an interpreter on the roster; they are found by searches at once.

    Raises:
        Forbidden: only coordinators may.
    """
    permit(caller, "roster:write", "coordinator")
    wanted = order()
    network = await networks.get(db, network_id=caller.network_id)
    return await add_profile(db, network=network, order=wanted, now=now)


async def add_profile(
    db: Db,
    *,
    network: Network,
    order: InterpreterOrder,
    now: datetime,
    stage: Stage = "active",
    stage_reason: str | None = None,
) -> Profile:
    """Add an interpreter at a stage; only those who are `active` are found by searches."""
    fields = msgspec.structs.asdict(order)
    del fields["languages"]
    fields["time_zone"] = order.time_zone or network.time_zone
    interpreter = Interpreter(
        id=new_id(now), created_at=now, stage=stage, stage_reason=stage_reason, **fields
    )
    network_id = network.network_id
    await interpreters.insert(db, network_id=network_id, interpreter=interpreter)
    await interpreter_languages.replace(
        db, network_id=network_id, interpreter_id=interpreter.id, languages=order.languages
    )
    await refresh_supply(db, network_id=network_id, interpreter=interpreter)
    return Profile(interpreter=interpreter, languages=order.languages)


async def show_interpreter(db: Db, caller: Caller, *, interpreter_id: UUID) -> Profile:
    """Return an interpreter.

    Coordinators see all, interpreters themselves, institutions those they had or prefer.

    Raises:
        Forbidden: finance sees no profiles.
        NotFound: there is none such in what the caller may see.
    """
    _permit_reading(caller)
    if caller.interpreter_id not in (None, interpreter_id):
        raise NotFound
    found = await interpreters.page(
        db,
        network_id=caller.network_id,
        only=interpreter_id,
        known_to=caller.institution_id,
        limit=1,
    )
    if not found:
        raise NotFound
    [profile] = await _profiles(db, caller, found)
    rating = await average_of(db, network_id=caller.network_id, interpreter_id=interpreter_id)
    return msgspec.structs.replace(profile, rating=rating)


async def list_interpreters(
    db: Db,
    caller: Caller,
    *,
    wanted: Callable[[], InterpreterFilter],
    before: Callable[[], UUID | None],
    limit: Callable[[], int],
) -> list[Profile]:
    """Return a page of the interpreters the caller may see (`show_interpreter`), newest first."""
    _permit_reading(caller)
    asked = wanted()
    found = await interpreters.page(
        db,
        network_id=caller.network_id,
        only=caller.interpreter_id,
        active=asked.active,
        language=asked.language,
        stage=asked.stage,
        known_to=caller.institution_id,
        before=before(),
        limit=limit(),
    )
    return await _profiles(db, caller, found)


async def change_interpreter(
    db: Db,
    caller: Caller,
    *,
    interpreter_id: UUID,
    if_match: int | None,
    change: Callable[[], Mapping[str, Any]],
) -> Profile:
    """Change the given fields; `languages`, when given, replaces all of them.

    `language` and `notify` are the person's, if they sign in: the same as in their own settings.

    Raises:
        Forbidden: an interpreter changes only `OWN_FIELDS`; others than coordinators nothing.
        NotFound: there is none such in what the caller may see.
        Stale: it was changed since the version in If-Match.
        Invalid: nobody could reach them any more.
    """
    found = await hold_interpreter(db, caller, interpreter_id=interpreter_id)
    if if_match not in (None, found.version):
        raise Stale
    fields = dict(change())
    if not caller.is_coordinator and not fields.keys() <= OWN_FIELDS:
        named = ", ".join(sorted(fields.keys() - OWN_FIELDS))
        raise Forbidden(f"Only a coordinator may change {named}")
    languages = fields.pop("languages", None)
    told: dict[str, Any] = {
        name: fields.pop(name) for name in ("language", "notify") if name in fields
    }
    changed = msgspec.structs.replace(found, **fields, version=found.version + 1)
    if changed.phone is None and changed.email is None:
        detail = "A telephone number or an e-mail address is needed"
        raise Invalid([FieldError(pointer="/phone", code="required", detail=detail)])
    await interpreters.update(db, network_id=caller.network_id, interpreter=changed)
    if languages is not None:
        await _replace_languages(db, caller, changed, languages)
    if told:
        await choose(db, network_id=caller.network_id, interpreter_id=found.id, fields=told)
    await refresh_supply(db, network_id=caller.network_id, interpreter=changed)
    return (await _profiles(db, caller, [changed]))[0]


async def own_interpreter(db: Db, caller: Caller, *, interpreter_id: UUID) -> Interpreter:
    """Return an interpreter for those who may read all about them: coordinators, and themselves.

    Raises:
        Forbidden: the role never may.
        NotFound: there is none such, or it is somebody else.
    """
    permit(caller, "roster:read", "coordinator", "interpreter")
    if caller.interpreter_id not in (None, interpreter_id):
        raise NotFound
    return _there(
        await interpreters.find(db, network_id=caller.network_id, interpreter_id=interpreter_id)
    )


async def hold_interpreter(db: Db, caller: Caller, *, interpreter_id: UUID) -> Interpreter:
    """Return an interpreter, locked, for those who may change them: coordinators, themselves.

    Raises:
        Forbidden: the role never may.
        NotFound: there is none such, or it is somebody else.
    """
    permit(caller, "roster:write", "coordinator", "interpreter")
    if caller.interpreter_id not in (None, interpreter_id):
        raise NotFound
    return _there(
        await interpreters.lock(db, network_id=caller.network_id, interpreter_id=interpreter_id)
    )


def _there(found: Interpreter | None) -> Interpreter:
    if found is None:
        raise NotFound
    return found


def _permit_reading(caller: Caller) -> None:
    if caller.institution_id is not None:
        permit(caller, "institutions:read", "consultant", "institution")
    else:
        permit(caller, "roster:read", "coordinator", "interpreter")


async def _replace_languages(
    db: Db, caller: Caller, interpreter: Interpreter, languages: Sequence[InterpreterLanguage]
) -> None:
    await interpreter_languages.replace(
        db, network_id=caller.network_id, interpreter_id=interpreter.id, languages=languages
    )


async def _profiles(db: Db, caller: Caller, found: Sequence[Interpreter]) -> list[Profile]:
    spoken = await interpreter_languages.of_interpreters(
        db, network_id=caller.network_id, interpreter_ids=[one.id for one in found]
    )
    told = await told_people.choices(
        db, network_id=caller.network_id, ids=[one.id for one in found]
    )
    return [Profile(interpreter=one, languages=spoken[one.id], told=told[one.id]) for one in found]
