"""What a handler may ask about its call, and how a route is described.

A handler parses, makes one application call and shapes its answer. Bodies, queries and ids are
read lazily, inside the use-case, so that refusals come in their order: token, role, object, body.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.exceptions.http_exceptions import InternalServerException, RequestEntityTooLarge
from litestar.handlers import HTTPRouteHandler

from interpreters.application.calls import Once, answer_once, ask
from interpreters.database import Db, Pool
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Invalid, NotFound, NotSignedIn, Refusal, Stale
from interpreters.domain.ids import read_id
from interpreters.http.answers import JSON, Page, public_answer, sent, single, told
from interpreters.http.media import canonical, check_encoding, check_json
from interpreters.http.origin import check_same_origin
from interpreters.http.reading import Malformed, read_body, read_query

__all__ = ["JSON", "Call", "Door", "Page", "door", "provide_call", "public_answer"]

T = TypeVar("T")
COOKIE: Final = "interpreters_token"
BODY_LIMIT: Final = 256 * 1024
VERSION_DIGITS: Final = 18  # fits a bigint
NOTHING: Final = UUID(int=0)  # no UUIDv7 is it
Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class BodyTooLarge(Refusal):
    """More bytes than any call needs."""

    code = "body-too-large"
    title = "The body is larger than 256 KB"


class Nothing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a verb without fields, or the query of a door without parameters."""


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """What the contract says of a route; the OpenAPI document is made of these."""

    answer: Any
    status: int
    body: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None
    refusals: Sequence[type[Refusal]]
    tag: str
    public: bool
    media: str = JSON  # of the body
    accepted: Any = None  # what 202 answers with, where that may be
    files: Sequence[str] = ()  # media types of the answer besides JSON


class Call:
    """One HTTP call, as its handler sees it."""

    def __init__(
        self, request: Request[Any, Any, Any], raw: bytes | Refusal, pool: Pool, now: datetime
    ) -> None:
        self.request = request
        self._raw = raw
        self.pool = pool
        self.now = now
        self._unread = {"body", "query"}
        self._canonical: Callable[[], bytes] = lambda: canonical(self.raw)

    @property
    def raw(self) -> bytes:
        """The bytes of the body.

        Raises:
            BodyTooLarge: they are too many; said only when somebody asks, after 401, 403, 404.
            UnsupportedEncoding: they are compressed.
            Malformed: they broke off, or their chunks are wrong.
        """
        check_encoding(self.request.headers)
        if isinstance(self._raw, Refusal):
            raise self._raw
        return self._raw

    @property
    def token(self) -> str:
        """The bearer token, or the cookie's.

        Raises:
            NotSignedIn: there is neither.
            CrossSite: another site's page used the cookie.
        """
        scheme, _, token = self.request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            return token.strip()
        cookie = self.request.cookies.get(COOKIE)
        if cookie and not scheme:
            check_same_origin(self.request)
            return cookie
        raise NotSignedIn

    @property
    def role(self) -> str | None:
        """The role a person with several calls in, by the header `Role`."""
        return self.request.headers.get("role")

    @property
    def base_url(self) -> str:
        """Where people reach us, for links in messages: a setting, never what a caller says."""
        url: str = self.request.app.state.base_url
        return url

    def id(self, prefix: str, name: str = "id") -> UUID:
        """Return the id in the path; for a text that is no id of this kind, one nothing ever has.

        So a role that may never do this is told so (403), also where the id is wrong (404).
        """
        try:
            return read_id(prefix, self.request.path_params[name])
        except NotFound:
            return NOTHING

    def body(self, kind: type[T]) -> Callable[[], T]:
        """Return a reader of the body, to be called once the object is known to be visible."""

        def read() -> T:
            self._unread.discard("body")
            check_json(self.request.headers)
            return read_body(kind, self.raw, now=self.now)

        return read

    def form(self, read: Callable[[], T], *, canonical: Callable[[], bytes]) -> Callable[[], T]:
        """Return a reader of a body that is no JSON; `canonical` is what makes two the same."""
        self._canonical = canonical

        def reading() -> T:
            self._unread.discard("body")
            return read()

        return reading

    def query(self, kind: type[T]) -> Callable[[], T]:
        """Return a reader of the query parameters."""

        def read() -> T:
            self._unread.discard("query")
            return read_query(kind, self._asked(), now=self.now)

        return read

    @property
    def if_match(self) -> int | None:
        """The version named by If-Match; None when any will do."""
        text = self.request.headers.get("if-match")
        if text is None or text.strip() == "*":
            return None
        number = text.strip().removeprefix("W/").strip('"')
        if not number.isdigit() or len(number) > VERSION_DIGITS:
            raise Stale
        return int(number)

    async def ask(
        self,
        work: Callable[[Db, Caller], Awaitable[T]],
        shape: Callable[[T, Caller], Any],
    ) -> Response[bytes]:
        """Answer a read, or a change that needs no Idempotency-Key (PATCH, PUT, DELETE)."""

        async def shaped(db: Db, caller: Caller) -> Any:
            result = await work(db, caller)
            self._refuse_unread()
            return shape(result, caller)

        view = await ask(self.pool, token=self.token, role=self.role, now=self.now, work=shaped)
        if view is None:
            return Response(b"", status_code=204, media_type=JSON)
        if isinstance(view, Page):
            page = {"items": view.items, "next": self.following(view.cursor)}
            return sent(msgspec.json.encode(page), 200)
        return single(view, read=self.request.method == "GET")

    async def once(
        self,
        work: Callable[[Db, Caller], Awaitable[T]],
        shape: Callable[[T, Caller], Any],
        status: int | Callable[[T], int] = 200,
    ) -> Response[bytes]:
        """Answer a POST: once for each Idempotency-Key."""

        def shaped(result: T, caller: Caller) -> tuple[int, Any]:
            self._refuse_unread()
            number = status(result) if callable(status) else status
            return number, shape(result, caller)

        answer = await answer_once(
            self.pool,
            token=self.token,
            role=self.role,
            now=self.now,
            once=self._once,
            work=work,
            shape=shaped,
        )
        return told(answer.body, answer.status, replayed=answer.replayed)

    def _refuse_unread(self) -> None:
        """Refuse what no reader asked for: a body sent to a verb, parameters sent to one thing.

        It stands inside the transaction, so nothing is stored of what is refused.
        """
        if "query" in self._unread and self.request.query_params:
            self.query(Nothing)()
        if "body" in self._unread and self.request.method == "POST":
            self.body(Nothing)()

    def _once(self) -> Once | None:
        key = self.request.headers.get("idempotency-key")
        if key is None:
            return None
        if not 1 <= len(key) <= 255 or not key.isprintable():  # noqa: PLR2004 - the draft's bound
            raise Invalid(
                [
                    FieldError(
                        pointer="/Idempotency-Key",
                        code="invalid",
                        detail="1 to 255 printable characters",
                    )
                ]
            )
        start = f"{self.request.method} {self.request.url.path}\n".encode()
        return Once(key=key, request_hash=hashlib.sha256(start + self._canonical()).digest())

    def _asked(self) -> dict[str, str]:
        """Return the query's parameters; one that is there twice is a list."""
        asked = self.request.query_params
        return {name: ",".join(asked.getall(name)) for name in asked}

    def following(self, cursor: str | None) -> str | None:
        """Return the address of the next page."""
        asked = urlencode(self._asked() | {"cursor": cursor or ""})
        return None if cursor is None else f"{self.request.url.path}?{asked}"


async def provide_call(request: Request[Any, Any, Any]) -> Call:
    """Take the body's bytes, at most the limit's, and the clock once."""
    raw: bytes | Refusal
    try:
        raw = await request.body()
    except RequestEntityTooLarge:
        raw = BodyTooLarge()
    except InternalServerException:  # so the framework calls a caller who hung up
        raw = Malformed("The body broke off")
    state = request.app.state
    return Call(request, raw, state.pool, state.clock())


def door(
    method: Method,
    path: str,
    *,
    answer: Any,
    tag: str,
    status: int = 200,
    body: type[msgspec.Struct] | None = None,
    query: type[msgspec.Struct] | None = None,
    refusals: Sequence[type[Refusal]] = (),
    public: bool = False,
    media: str = JSON,
    accepted: Any = None,
    files: Sequence[str] = (),
    most: int = BODY_LIMIT,
) -> HTTPRouteHandler:
    """Make a route and say what the contract says of it; bodies have at most `most` bytes."""
    described = Door(
        answer=answer,
        status=status,
        body=body,
        query=query,
        refusals=refusals,
        tag=tag,
        public=public,
        media=media,
        accepted=accepted,
        files=files,
    )
    return HTTPRouteHandler(
        path,
        http_method=method,
        status_code=200,
        opt={"door": described},
        request_max_body_size=most,
    )
