"""`/sign-in` of somebody who is: as whom, on which devices, with which passkeys; and out."""

import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeVar
from uuid import UUID

from litestar import Request, Response, get, post

from interpreters.application import accounts, passkeys, sign_ins
from interpreters.application.calls import ask
from interpreters.application.me import Me, change_me
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotFound
from interpreters.domain.ids import PASSKEY, SIGN_IN, read_id, show_id
from interpreters.domain.told_times import tell_date
from interpreters.domain.wording import page_tag
from interpreters.http.origin import device_of
from interpreters.web import entrance
from interpreters.web.entrance import (
    PERSON_ERRORS,
    WORK,
    chosen_language,
    go_out,
    has_passkeys,
    own_form,
    see_other,
    token_in,
    work_of,
)
from interpreters.web.rendering import language_of, page

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
OUT: Final = f"{entrance.SIGN_IN}/out"
DEVICES: Final = f"{entrance.SIGN_IN}/devices"
LANGUAGE: Final = f"{entrance.SIGN_IN}/language"
PASSKEYS: Final = f"{entrance.SIGN_IN}/passkeys"


async def shown(request: AnyRequest, token: str) -> Response[Any]:
    """Show somebody who is signed in who they are.

    Raises:
        NotSignedIn: they are not.
    """
    state = request.app.state
    now = state.clock()
    found = await _asked(
        request, token, lambda db, caller: accounts.show_account(db, caller, now=now)
    )
    language = language_of(request, found.user.language)
    made = page(
        "account.html",
        language,
        found=found,
        following=work_of(request, found.user.roles),
        places=[(role, place) for role, place in WORK.items() if role in found.user.roles],
        passkeys=has_passkeys(request),
        here_device=device_of(request),
        day=lambda instant: tell_date(language, instant, found.network.time_zone),
        device_id=lambda one: show_id(SIGN_IN, one.id),
        passkey_id=lambda one: show_id(PASSKEY, one.id),
        asking="".join(f"?lang={one}" for one in entrance.lang_in(request).values()),
        keeping="",
    )
    return for_this_site(made)


@post(OUT, include_in_schema=False, exception_handlers=PERSON_ERRORS)
async def sign_out(request: AnyRequest) -> Response[Any]:
    """Sign out here, or everywhere; then the passkeys may go too."""
    form, now = await own_form(request), request.app.state.clock()

    async def work(db: Db, caller: Caller) -> int:
        everywhere = form.get("everywhere") == "yes"
        return await sign_ins.sign_out(
            db,
            caller,
            everywhere=lambda: everywhere,
            passkeys=lambda: everywhere and form.get("passkeys") == "yes",
            now=now,
        )

    await _asked(request, token_in(request), work)
    return go_out(request)


@post(DEVICES, include_in_schema=False, exception_handlers=PERSON_ERRORS)
async def end_sign_in(request: AnyRequest) -> Response[Any]:
    """Sign one of the person's devices out."""
    return await _one(request, SIGN_IN, _end_sign_in)


@post(PASSKEYS, include_in_schema=False, exception_handlers=PERSON_ERRORS)
async def remove_passkey(request: AnyRequest) -> Response[Any]:
    """Take one of the person's passkeys away."""
    return await _one(request, PASSKEY, _remove_passkey)


@post(LANGUAGE, include_in_schema=False, exception_handlers=PERSON_ERRORS)
async def choose_language(request: AnyRequest) -> Response[Any]:
    """Have messages to the person, and this browser's pages, in the language of a form."""
    form, now = await own_form(request), request.app.state.clock()
    language = page_tag(form.get("language", ""))
    answer = see_other(entrance.SIGN_IN)
    if language is None:
        return answer

    async def work(db: Db, caller: Caller) -> Me:
        change = {"language": language}
        return await change_me(db, caller, if_match=None, change=lambda: change, now=now)

    await _asked(request, token_in(request), work)
    answer.set_cookie(chosen_language(request, language))
    return answer


@get([OUT, DEVICES, LANGUAGE, PASSKEYS], include_in_schema=False, exception_handlers=PERSON_ERRORS)
async def back(request: AnyRequest) -> Response[Any]:
    """Show the page to whoever looks at the address of one of its forms."""
    del request
    return see_other(entrance.SIGN_IN)


@get("/static/passkeys.js", include_in_schema=False)
async def script() -> Response[bytes]:
    """What talks to the browser's passkeys: they cannot be asked without a script."""
    return Response(_script(), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def for_this_site(made: Response[str]) -> Response[str]:
    """Let the browser tell this site, and no other, where a form comes from."""
    made.headers["Referrer-Policy"] = "same-origin"
    return made


async def _one(
    request: AnyRequest, prefix: str, end: Callable[[Db, Caller, UUID, datetime], Awaitable[None]]
) -> Response[Any]:
    """End the thing whose id a form names; one that is gone already is as good."""
    form, now = await own_form(request), request.app.state.clock()

    async def work(db: Db, caller: Caller) -> None:
        await end(db, caller, read_id(prefix, form.get("id", "")), now)

    with contextlib.suppress(NotFound):
        await _asked(request, token_in(request), work)
    return see_other(entrance.SIGN_IN)


async def _end_sign_in(db: Db, caller: Caller, sign_in_id: UUID, now: datetime) -> None:
    await sign_ins.end_sign_in(db, caller, sign_in_id=sign_in_id, now=now)


async def _remove_passkey(db: Db, caller: Caller, passkey_id: UUID, now: datetime) -> None:
    await passkeys.remove_passkey(db, caller, passkey_id=passkey_id, now=now)


async def _asked(request: AnyRequest, token: str, work: Callable[[Db, Caller], Awaitable[T]]) -> T:
    state = request.app.state
    return await ask(state.pool, token=token, now=state.clock(), work=work)


@cache
def _script() -> bytes:
    return files("interpreters.web").joinpath("static", "passkeys.js").read_bytes()


ROUTES = (sign_out, end_sign_in, choose_language, remove_passkey, back, script)
