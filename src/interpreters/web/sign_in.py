"""`/sign-in`: an address, a code, in. Without scripts; with one also a passkey.

Pages here send their referrer to this site alone, so that also older browsers say with a form
where it comes from; others' forms are refused (a stranger's code must sign nobody in).
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import passkey_sign_in, sign_in
from interpreters.application.passkey_sign_in import PasskeyCloned, WrongPasskey
from interpreters.application.relying_party import PasskeysUnavailable
from interpreters.application.sign_in import (
    Asked,
    AttemptOver,
    TooManyAttempts,
    WhichPerson,
    WrongCode,
)
from interpreters.domain.errors import Invalid, NotFound, NotSignedIn
from interpreters.domain.ids import USER, read_id
from interpreters.domain.refusal_words import REFUSALS
from interpreters.http.origin import device_of
from interpreters.http.passkeys import PasskeySignInIn, plain
from interpreters.http.reading import Malformed, read_body
from interpreters.http.sign_in import SignInIn
from interpreters.web import account
from interpreters.web.entrance import (
    PERSON_ERRORS,
    SIGN_IN,
    come_in,
    has_passkeys,
    lang_in,
    own_form,
    safe_next,
    see_other,
    token_in,
)
from interpreters.web.provider_sign_in import ways_out
from interpreters.web.rendering import language_of, page

EXAMPLE: Final = "+371 25565098"
WRONG_ADDRESS: Final = (
    "Write an e-mail address, or a phone number with its country, such as {example}."
)
NETWORK_NEEDED: Final = "Write the name of the network, as it was given to you."
WRONG_CODE: Final = REFUSALS["wrong-code"]
CODE_OVER: Final = REFUSALS["attempt-over"]
TOO_MANY: Final = REFUSALS["too-many-attempts"]
WRONG_PASSKEY: Final = REFUSALS["wrong-passkey"]
CODE: Final = 6
Form = Mapping[str, str]
AnyRequest = Request[Any, Any, Any]


@get(SIGN_IN, include_in_schema=False, exception_handlers=PERSON_ERRORS)
async def show_sign_in(request: AnyRequest) -> Response[Any]:
    """Ask who it is; whoever is signed in is shown as whom, and where else."""
    try:
        return await account.shown(request, token_in(request))
    except NotSignedIn:
        form = dict(request.query_params.items())
        providers = await ways_out(request, form.get("network"), form.get("next"))
        return _start(request, form, providers=providers)


@post(SIGN_IN, include_in_schema=False, status_code=200, exception_handlers=PERSON_ERRORS)
async def send_code(request: AnyRequest) -> Response[Any]:
    """Have a code sent, and ask for it."""
    form = await own_form(request)
    state = request.app.state
    now = state.clock()
    try:
        asked = _asked(request, form)
        started = await sign_in.start_sign_in(state.pool, asked=asked, now=now)
    except Invalid as wrong:
        nameless = any(one.pointer == "/network" for one in wrong.errors)
        return _start(request, form, 422, NETWORK_NEEDED if nameless else WRONG_ADDRESS)
    except TooManyAttempts:
        return _start(request, form, 429, TOO_MANY)
    return _code(request, {**form, "address": asked.recipient, "attempt": started.attempt})


@post(f"{SIGN_IN}/code", include_in_schema=False, status_code=200, exception_handlers=PERSON_ERRORS)
async def tell_code(request: AnyRequest) -> Response[Any]:
    """Sign in with the code."""
    form = await own_form(request)
    state = request.app.state
    now = state.clock()
    code = "".join(_digits(form.get("code", "")))
    try:
        if len(code) != CODE:
            return _code(request, form, 401, WRONG_CODE)
        done = await sign_in.verify_code(
            state.pool,
            attempt=form.get("attempt", ""),
            code=code,
            user_id=_chosen(form),
            device=device_of(request),
            now=now,
        )
    except WhichPerson as which:
        people = which.extra["options"]
        return _answer(request, "sign_in_who.html", {**form, "code": code}, people=people)
    except WrongCode:
        return _code(request, form, 401, WRONG_CODE)
    except (AttemptOver, NotSignedIn):
        return _start(request, form, 401, CODE_OVER)
    return come_in(request, done, form.get("next"), now)


@post(
    f"{SIGN_IN}/passkey", include_in_schema=False, status_code=200, exception_handlers=PERSON_ERRORS
)
async def tell_passkey(request: AnyRequest) -> Response[Any]:
    """Sign in with what a passkey answered, as our script put it into the form."""
    form = await own_form(request)
    state = request.app.state
    now = state.clock()
    try:
        raw = b'{"credential":' + form.get("credential", "").encode() + b"}"
        done = await passkey_sign_in.sign_in_with_passkey(
            state.pool,
            party=state.relying_party,
            credential=plain(read_body(PasskeySignInIn, raw, now=now).credential),
            device=device_of(request),
            now=now,
        )
    except (WrongPasskey, PasskeyCloned, PasskeysUnavailable, Malformed, Invalid):
        return _start(request, form, 401, WRONG_PASSKEY)
    return come_in(request, done, form.get("next"), now)


@get(
    [f"{SIGN_IN}/code", f"{SIGN_IN}/passkey"],
    include_in_schema=False,
    exception_handlers=PERSON_ERRORS,
)
async def begin_again(request: AnyRequest) -> Response[Any]:
    """Begin again whoever looks at the address of a form: a language was chosen there."""
    return see_other(f"{SIGN_IN}?{urlencode(dict(request.query_params.items()))}".rstrip("?"))


def _asked(request: AnyRequest, form: Form) -> Asked:
    """Return who asks for a code.

    Raises:
        Invalid: what they wrote is no address.
    """
    written = form.get("address", "").strip()
    body = {"email" if "@" in written else "phone": written}
    if form.get("network", "").strip():
        body["network"] = form["network"].strip()
    now = request.app.state.clock()
    asked = read_body(SignInIn, msgspec.json.encode(body), now=now).asked(request)
    return msgspec.structs.replace(asked, language=language_of(request))


def _start(
    request: AnyRequest,
    form: Form,
    status: int = 200,
    error: str | None = None,
    providers: Sequence[tuple[str, str]] = (),
) -> Response[Any]:
    """Ask for an address; of the network's name only where one is needed, or was given."""
    named = form.get("network") is not None or error == NETWORK_NEEDED
    return _answer(
        request, "sign_in.html", form, status, error=error, example=EXAMPLE, named=named,
        passkeys=has_passkeys(request), providers=providers,
    )  # fmt: skip


def _code(
    request: AnyRequest, form: Form, status: int = 200, error: str | None = None
) -> Response[Any]:
    return _answer(request, "sign_in_code.html", form, status, error=error)


def _answer(
    request: AnyRequest, template: str, form: Form, status: int = 200, /, **values: Any
) -> Response[Any]:
    """Return a page that carries on what was said so far."""
    kept = {name: form.get(name, "") for name in ("address", "network", "attempt", "code")}
    following = safe_next(form.get("next")) or ""
    asked = lang_in(request)
    carried = {"next": following} | ({"network": kept["network"]} if kept["network"] else {})
    made = page(
        template,
        language_of(request),
        status,
        said=kept,
        following=following,
        asking=f"?{urlencode(asked)}" if asked else "",
        keeping="".join(f"&{urlencode({name: one})}" for name, one in carried.items() if one),
        **values,
    )
    return account.for_this_site(made)


def _digits(text: str) -> list[str]:
    """Return the digits of whatever script a keyboard writes."""
    return [str(unicodedata.digit(one)) for one in text if one.isdecimal()]


def _chosen(form: Form) -> UUID | None:
    said = form.get("user_id")
    try:
        return None if said is None else read_id(USER, said)
    except NotFound as error:
        raise WrongCode from error


ROUTES = (show_sign_in, send_code, tell_code, tell_passkey, begin_again)
