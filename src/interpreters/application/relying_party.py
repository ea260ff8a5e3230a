"""As whom passkeys know this installation: a domain, and the pages they may be used on."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import msgspec

from interpreters.domain.errors import Refusal
from interpreters.settings import Settings

USUAL: Final = {"https": 443, "http": 80}


class PasskeysUnavailable(Refusal):
    """Passkeys belong to a name: https://a.name, or localhost; this installation has none."""

    code = "passkeys-unavailable"
    title = "Passkeys need an address such as https://interpreters.example.org"


class RelyingParty(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is the domain, `origin` scheme, domain and port as browsers write them."""

    id: str
    origin: str


def relying_party(settings: Settings) -> RelyingParty | None:
    """Return as whom passkeys know this installation; None where they cannot.

    It is the public address. Without one it is localhost: an address of numbers is no domain, so
    on `http://127.0.0.1` there are no passkeys (WebAuthn level 3, sections 5.1.3 and 13.4.9).
    """
    parts = urlsplit(settings.public_url or f"http://localhost:{settings.port}")
    host = (parts.hostname or "").lower()
    near = host == "localhost" or host.endswith(".localhost")
    if _is_number(host) or (parts.scheme != "https" and not near):
        return None
    port = "" if parts.port in (None, USUAL[parts.scheme]) else f":{parts.port}"
    return RelyingParty(id=host, origin=f"{parts.scheme}://{host}{port}")


def needed(party: RelyingParty | None) -> RelyingParty:
    """Return it.

    Raises:
        PasskeysUnavailable: there is none.
    """
    if party is None:
        raise PasskeysUnavailable
    return party


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
