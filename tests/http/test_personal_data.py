"""Numbers and names of persons are refused wherever a text can be written."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler

from api import serving
from centre import Centre
from conftest import Clock
from interpreters.asgi import ROOMS
from interpreters.database import Pool
from interpreters.http.fields import NO_NUL, ClientReference

pytestmark = pytest.mark.anyio
CODE: Final = "personal-data-not-allowed"
LATVIAN: Final = "161175-19997"
ESTONIAN: Final = "37605030299"
# Texts that are not looked through. A new one needs a reason here: "Struct.field", or "*.field"
# for all of the name.
NOT_LOOKED_THROUGH: Final = {
    "Connect.extension": "dialled by a machine",
    "Connect.url": "opened by a machine",
    "Connect.pin": "typed into a machine",
    "*.cursor": "made by us, only read back",
    "*.extensions": "what a browser says of itself, not kept",
    "NewAnswerIn.transports": "what a browser says of itself, not kept",
    "IdentityProviderIn.issuer": "an address that is called, checked as such",
    "*.group_roles": "names of groups as the provider spells them, compared and never shown",
    "WebhookEndpointIn.url": "an address that is called, checked as such",
    "WebhookEndpointPatch.url": "an address that is called, checked as such",
    "ExternalCalendarIn.url": "an address that is called, checked as such; sealed",
    "PushSubscriptionIn.endpoint": "an address that is called, checked as such; sealed",
    "PushKeysIn.p256dh": "a key, read as one",
    "PushKeysIn.auth": "a key, read as one",
    "RequestIn.recurrence": "a rule, read as one",
    "*.types": "compared with the types of events",
    "ImportForm.file": "read row by row with the doors' own fields",
    "EventQuery.after": "the id of an event, only read back",
    "LanguageQuery.q": "compared with names of languages, not kept",
}


def structs() -> Iterator[type[msgspec.Struct]]:
    """Every struct that a body or a query of a door is made of."""
    seen: set[Any] = set()
    waiting: list[Any] = []
    for room in ROOMS:
        for route in room.ROUTES:
            described = route.opt.get("door") if isinstance(route, HTTPRouteHandler) else None
            waiting += [described.body, described.query] if described else []
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind not in seen:
                seen.add(kind)
                waiting += get_type_hints(kind, include_extras=True).values()
                yield kind
        else:
            waiting += get_args(kind)


def texts(kind: Any, metas: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The annotations of each text that a field can hold."""
    if kind is str:
        yield metas
    elif get_origin(kind) is Annotated:
        yield from texts(get_args(kind)[0], (*metas, *get_args(kind)[1:]))
    elif not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        inner = metas if get_origin(kind) not in (list, tuple, dict) else ()
        for one in get_args(kind):
            yield from texts(one, inner)


def fields() -> Iterator[tuple[str, tuple[Any, ...]]]:
    for kind in structs():
        for name, hint in get_type_hints(kind, include_extras=True).items():
            for metas in texts(hint):
                yield f"{kind.__name__}.{name}", metas


def checks(metas: tuple[Any, ...]) -> list[str]:
    return [one.extra["check"].__name__ for one in metas if (one.extra or {}).get("check")]


def is_free(metas: tuple[Any, ...]) -> bool:
    """Whether anything can be written: no pattern but the one against NUL, no check."""
    patterns = {one.pattern for one in metas} - {None, NO_NUL}
    return not patterns and not checks(metas)


def open_ones() -> set[str]:
    return {name for name, metas in fields() if is_free(metas)}


def anywhere(name: str) -> str:
    return f"*.{name.partition('.')[2]}"


def test_every_free_text_is_looked_through_or_has_its_reason() -> None:
    assert len(list(fields())) > 50
    reasoned = set(NOT_LOOKED_THROUGH)
    assert {one for one in open_ones() if not {one, anywhere(one)} & reasoned} == set()


def test_no_reason_is_left_of_a_field_that_is_gone() -> None:
    known = open_ones() | {anywhere(name) for name in open_ones()}

    assert set(NOT_LOOKED_THROUGH) - known == set()


def test_references_of_clients_and_parties_are_held_to_codes() -> None:
    (wanted,) = checks(ClientReference.__metadata__)  # type: ignore[attr-defined]  # Annotated's

    held = {name for name, metas in fields() if wanted in checks(metas)}

    assert held == {"ClientIn.reference", "ClientLinkIn.reference", "Party.reference"}


@pytest.mark.parametrize(
    "kind",
    [
        msgspec.defstruct("NoteIn", [("note", str)]),
        msgspec.defstruct("NoteIn", [("note", str | None)]),
        msgspec.defstruct("NoteIn", [("note", list[Annotated[str, msgspec.Meta(max_length=9)]])]),
        msgspec.defstruct("NoteIn", [("note", Annotated[str, msgspec.Meta(pattern=NO_NUL)])]),
    ],
)
def test_a_text_without_a_check_would_be_noticed(kind: type[msgspec.Struct]) -> None:
    (hint,) = get_type_hints(kind, include_extras=True).values()

    assert [is_free(one) for one in texts(hint)] == [True]


REFUSED: Final = [
    ({"instructions": f"Ask for {LATVIAN}"}, "/instructions"),
    ({"instructions": f"isikukood {ESTONIAN}"}, "/instructions"),
    ({"external_reference": ESTONIAN}, "/external_reference"),
    ({"cost_centre": LATVIAN}, "/cost_centre"),
    ({"referred_by": f"Dr. Berzina for {LATVIAN}"}, "/referred_by"),
    ({"on_behalf_of": {"note": LATVIAN}}, "/on_behalf_of/note"),
    ({"clients": [{"reference": LATVIAN}]}, "/clients/0/reference"),
    ({"clients": [{"reference": "Ahmad Karimi"}]}, "/clients/0/reference"),
    ({"clients": [{"reference": "ahmad@example.org"}]}, "/clients/0/reference"),
    ({"clients": [{"reference": "+371 25565098"}]}, "/clients/0/reference"),
    ({"parties": [{"reference": "Ahmad Karimi", "arrives_at": "2026-11-25T09:00:00+02:00"},
                  {"reference": "B-2", "arrives_at": "2026-11-25T09:30:00+02:00"}]},
     "/parties/0/reference"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "pointer"), REFUSED)
async def test_a_request_with_a_person_in_it_is_refused(
    sent: dict[str, Any], pointer: str, pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()

        answer = await centre.school.post("/v1/requests", centre.order(**sent))

        assert (answer.status_code, answer.json()["code"]) == (422, CODE)
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
        assert "own reference" in answer.json()["detail"]
        for told in (LATVIAN, ESTONIAN, "Karimi", "ahmad@", "25565098"):
            assert told not in answer.text
        assert await network.count("requests") == 0


async def test_connection_details_are_not_looked_through(pool: Pool, clock: Clock) -> None:
    connect = {"by": "link", "url": f"https://example.org/j/{ESTONIAN}", "pin": ESTONIAN}
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        order = centre.order(
            modes=["video"], site_id=..., connect=connect,
            instructions="Zoom 123 4567 8901, CASE-2026-000123",
        )  # fmt: skip

        answer = await centre.school.post("/v1/requests", order)

        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("reference", "status"),
    [("LV-1042", 201), ("Karimi", 201), ("Ahmad Karimi", 422), (LATVIAN, 422)],
)
async def test_a_client_is_added_by_a_code(
    reference: str, status: int, pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()

        answer = await software.post("/v1/clients", {"reference": reference})

        assert answer.status_code == status
        assert status == 201 or reference not in answer.text


async def test_a_reason_with_a_person_in_it_is_refused(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        asked = await centre.asked()

        answer = await centre.school.post(
            f"/v1/requests/{asked['id']}/cancel", {"reason": f"{LATVIAN} is ill"}
        )

        assert (answer.status_code, answer.json()["code"]) == (422, CODE)
