"""Pages behind a link of a mail or text: which network it is of, and what they say of a session.

They open without an account, and to whoever has a link that leads nowhere they say the same.
"""

from typing import Any, Literal, TypeAlias
from uuid import UUID

from litestar import Request, Response

from interpreters.domain.errors import NotSignedIn
from interpreters.domain.tokens import network_of
from interpreters.domain.told_sessions import MODES, ToldSession, tell_languages
from interpreters.domain.told_times import tell_date, tell_times, tell_zone
from interpreters.web.rendering import NOTHING_HERE, language_of, message_page

AnyRequest: TypeAlias = Request[Any, Any, Any]


def token_of(request: AnyRequest) -> str:
    """Return the token in the link's address."""
    return str(request.path_params["token"])


def network_behind(token: str, kind: Literal["ol", "ap", "cl"]) -> UUID | None:
    """Return the network that a link of this kind is of; None for what is no such link."""
    try:
        return network_of(token, kind)
    except NotSignedIn:
        return None


def nothing_here(request: AnyRequest) -> Response[str]:
    """Return what a link answers that leads nowhere."""
    return message_page(language_of(request), NOTHING_HERE, 404)


def session_facts(language: str, told: ToldSession) -> dict[str, Any]:
    """Return the session in the words of the page: languages, mode, day, times, whose clock."""
    return {
        "languages": tell_languages(language, told),
        "mode": MODES[told.mode],
        "date": tell_date(language, told.session.starts_at, told.time_zone),
        "times": tell_times(language, told.session, told.time_zone),
        "city": tell_zone(language, told.time_zone),
    }
