"""`/v1/sign-in`, `/v1/sign-out`, `/v1/sign-ins`: people come in by a one-time code, and go."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import sign_in, sign_ins
from interpreters.application.sign_in import (
    Asked,
    AttemptOver,
    TooManyAttempts,
    WhichPerson,
    WrongCode,
)
from interpreters.application.sign_ins import How, SignedIn, SignIn
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller, Role
from interpreters.domain.errors import FieldError, Forbidden, NotFound
from interpreters.domain.wording import page_language
from interpreters.http.cookies import CLEAR
from interpreters.http.doors import Call, Page, door, public_answer
from interpreters.http.fields import Email, In, Name, Phone, e164
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.origin import address_of, device_of

TAG = "Sign-in"
Token = Annotated[str, Meta(min_length=1, max_length=100, pattern="^[A-Za-z0-9_]+$")]
Code = Annotated[str, Meta(pattern="^[0-9]{6}$", description="Six digits.")]


class SignInIn(In, frozen=True, kw_only=True):
    """Who wants to come in: one of `email` and `phone`. `network` where there are several."""

    network: Name | None = None
    email: Email | None = None
    phone: Phone | None = None

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Refuse both or neither."""
        if (value.get("email") is None) == (value.get("phone") is None):
            yield FieldError(
                pointer=f"{pointer}/email", code="required", detail="Give one of email and phone"
            )

    def asked(self, request: Request[Any, Any, Any]) -> Asked:
        """Return who asks, in the application's words."""
        mail = self.email is not None
        return Asked(
            network=self.network,
            channel="mail" if mail else "text",
            recipient=self.email.casefold() if self.email is not None else e164(self.phone or ""),
            address=address_of(request),
            language=page_language(request.headers.get("accept-language")),
        )


class VerifyIn(In, frozen=True, kw_only=True):
    """The code that was sent; `user_id` where several people share the address."""

    attempt: Token
    code: Code
    user_id: Annotated[str, Meta(pattern=ids.id_pattern(ids.USER))] | None = None


class SignOutIn(In, frozen=True, kw_only=True):
    """`everywhere`: on every device, not only this one; `passkeys`: and no passkey is left."""

    everywhere: bool = False
    passkeys: bool = False


class StartedView(msgspec.Struct, frozen=True, kw_only=True):
    """What the code will be told back with. The answer is the same for whatever address."""

    attempt: str
    expires_at: datetime


class SignedInView(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in: its token is seen only here."""

    token: str
    expires_at: datetime
    roles: list[Role]

    @classmethod
    def of(cls, one: SignedIn) -> "SignedInView":
        """Shape a sign-in."""
        return cls(token=one.token, expires_at=one.expires_at, roles=list(one.roles))


class SignedOutView(msgspec.Struct, frozen=True, kw_only=True):
    """On how many devices the person was signed out."""

    signed_out: int


class SignInView(msgspec.Struct, frozen=True, kw_only=True):
    """A device somebody is signed in on; `current` is the one that asks."""

    id: str
    how: How
    device: str | None
    current: bool
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime

    @classmethod
    def of(cls, one: SignIn, caller: Caller) -> "SignInView":
        """Shape a device."""
        return cls(
            id=ids.show_id(ids.SIGN_IN, one.id),
            how=one.how,
            device=one.device,
            current=one.id == caller.sign_in_id,
            created_at=one.created_at,
            last_used_at=one.last_used_at,
            expires_at=one.expires_at,
        )


@door("POST", "/v1/sign-in", body=SignInIn, answer=StartedView, status=202,
      refusals=(TooManyAttempts,), tag=TAG, public=True)  # fmt: skip
async def start_sign_in(call: NamedDependency[Call]) -> Response[bytes]:
    """Have a code sent by mail or text; the answer never tells whether anybody is there."""
    asked = call.body(SignInIn)().asked(call.request)
    started = await sign_in.start_sign_in(call.pool, asked=asked, now=call.now)
    view = StartedView(attempt=started.attempt, expires_at=started.expires_at)
    return public_answer(view, status=202)


@door("POST", "/v1/sign-in/verify", body=VerifyIn, answer=SignedInView,
      refusals=(WrongCode, AttemptOver, WhichPerson), tag=TAG, public=True)  # fmt: skip
async def verify_code(call: NamedDependency[Call]) -> Response[bytes]:
    """Tell the code back: ten minutes and five tries; answers a token for `Authorization`."""
    body = call.body(VerifyIn)()
    done = await sign_in.verify_code(
        call.pool,
        attempt=body.attempt,
        code=body.code,
        user_id=None if body.user_id is None else ids.read_id(ids.USER, body.user_id),
        device=device_of(call.request),
        now=call.now,
    )
    return public_answer(SignedInView.of(done))


@door("POST", "/v1/sign-out", body=SignOutIn, answer=SignedOutView, refusals=(Forbidden,), tag=TAG)
async def sign_out(call: NamedDependency[Call]) -> Response[bytes]:
    """Sign out here, or on every device."""
    body = call.body(SignOutIn)
    done = await call.once(
        lambda db, caller: sign_ins.sign_out(
            db,
            caller,
            everywhere=lambda: body().everywhere,
            passkeys=lambda: body().passkeys,
            now=call.now,
        ),
        lambda count, _: SignedOutView(signed_out=count),
    )
    done.headers.update(CLEAR)
    return done


@door("GET", "/v1/sign-ins", query=ListQuery, answer=List[SignInView], refusals=(Forbidden,),
      tag=TAG)  # fmt: skip
async def list_sign_ins(call: NamedDependency[Call]) -> Response[bytes]:
    """The devices the caller is signed in on, newest first."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await sign_ins.list_sign_ins(db, caller, page=lambda: query().slice, now=call.now)
        return page_of(found, query(), lambda one: SignInView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("DELETE", "/v1/sign-ins/{id:str}", answer=None, status=204, refusals=(Forbidden, NotFound),
      tag=TAG)  # fmt: skip
async def end_sign_in(call: NamedDependency[Call]) -> Response[bytes]:
    """Sign one of the caller's devices out."""
    return await call.ask(
        lambda db, caller: sign_ins.end_sign_in(
            db, caller, sign_in_id=call.id(ids.SIGN_IN), now=call.now
        ),
        lambda _, __: None,
    )


ROUTES = (start_sign_in, verify_code, sign_out, list_sign_ins, end_sign_in)
