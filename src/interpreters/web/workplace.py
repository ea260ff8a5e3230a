"""Pages for people who are signed in: who looks, in which role, and what their page has around it.

A page's door: `visit = await visiting(request, "coordinator")`, one application call with
`visit.ask(work)` or `visit.once(fields, work, shape)`, and `visit.page("board.html", …)`.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import uuid4

import msgspec
from litestar import Request, Response

from interpreters.application.calls import Once, answer_once, ask
from interpreters.application.me import Me, show_me
from interpreters.database import Db
from interpreters.domain.callers import Caller, Role
from interpreters.domain.errors import Forbidden, Invalid, NotSignedIn
from interpreters.web.entrance import WORK, chosen_language, on_signed_out, token_in
from interpreters.web.fields import Fields, told_trouble
from interpreters.web.formats import Formats
from interpreters.web.rendering import (
    PAGE_ERRORS,
    language_of,
    message_page,
    page,
)

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
Work = Callable[[Db, Caller], Awaitable[T]]
NOT_YOURS: Final = "This page is for others."


class Visit:
    """Somebody at a page: who, in which role, and when."""

    def __init__(self, request: AnyRequest, role: Role, me: Me, caller: Caller) -> None:
        self.request = request
        self.role: Role = role
        self.me = me
        self.caller = caller
        self.now: datetime = request.app.state.clock()
        self.language = language_of(request, None if me.user is None else me.user.language)

    @property
    def partial(self) -> bool:
        """Tell whether a script asks for a part of the page only (htmx says so)."""
        return "hx-request" in self.request.headers

    async def ask(self, work: Work[T]) -> T:
        """Run one use-case and return what it returns, in one transaction."""
        return await _ask(self.request, self.role, work)

    async def once(self, fields: Fields, work: Work[T], shape: Callable[[T, Caller], Any]) -> Any:
        """Run a use-case once for each form shown (its hidden `key`), however often it is sent.

        Return what `shape` made of the result, as plain JSON values: from the second time on the
        answer that was stored. Whoever goes back and writes something else in the form means
        something else: that counts, too.
        """

        def named() -> Once | None:
            if not fields.get("key"):
                return None
            path = self.request.url.path.encode()
            return Once(key=fields.digest(path), request_hash=path)

        answer = await answer_once(
            self.request.app.state.pool,
            token=token_at(self.request),
            role=self.role,
            now=self.now,
            once=named,
            work=work,
            shape=lambda result, caller: (200, shape(result, caller)),
        )
        return msgspec.json.decode(answer.body)

    def trouble(self, wrong: Invalid) -> dict[str, str]:
        """Return what is wrong with a form, by pointer, in the visitor's language."""
        return told_trouble(self.language, wrong.errors)

    def page(self, template: str, status: int = 200, /, **values: Any) -> Response[str]:
        """Return a page of the workplace; templates also have `visit`, `places`, `here`, `now`,
        and `tell` (formats.py).

        `key` is new for each page shown: a form carries it so that it counts once.
        """
        made = page(
            template,
            self.language,
            status,
            visit=self,
            places=self._places(),
            here=self.request.url.path,
            key=uuid4().hex,
            now=self.now,
            tell=Formats(self.language, self.me.network.time_zone),
            **values,
        )
        made.headers["Referrer-Policy"] = "same-origin"
        made.headers["Vary"] = "HX-Request"
        if "lang" in self.request.query_params:
            made.set_cookie(chosen_language(self.request, self.language))
        return made

    def _places(self) -> list[tuple[str, str]]:
        """Return (role, address) of the person's workplaces, theirs first."""
        roles = self.me.user.roles if self.me.user is not None else (self.role,)
        return [(role, place) for role, place in WORK.items() if role in roles]


async def visiting(request: AnyRequest, *roles: Role) -> Visit:
    """Return who is at the page, in the first of `roles` that they have.

    Raises:
        NotSignedIn: nobody is.
        Forbidden: they have none of the roles.
    """
    for role in roles:
        try:
            me, caller = await _ask(request, role, _who)
        except Forbidden:
            continue
        if caller.role in roles:
            return Visit(request, caller.role, me, caller)
    raise Forbidden


def token_at(request: AnyRequest) -> str:
    """Return the token of whoever is at a page: the browser's cookie, or a key in the header.

    Raises:
        NotSignedIn: there is neither.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return token_in(request)


async def _ask(request: AnyRequest, role: Role, work: Work[T]) -> T:
    state = request.app.state
    token = token_at(request)
    # Keys have one role, which may be another one: the caller says which.
    wanted = role if token.startswith("st_") else None
    return await ask(state.pool, token=token, now=state.clock(), work=work, role=wanted)


async def _who(db: Db, caller: Caller) -> tuple[Me, Caller]:
    return await show_me(db, caller), caller


def on_forbidden(request: AnyRequest, _: Forbidden) -> Response[str]:
    """Answer who came to a page of another role."""
    return message_page(language_of(request), NOT_YOURS, 403)


WORKPLACE_ERRORS: Final[dict[int | type[Exception], Any]] = {
    **PAGE_ERRORS,
    NotSignedIn: on_signed_out,
    Forbidden: on_forbidden,
}
