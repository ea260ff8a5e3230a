"""Who really calls, where a proxy of ours stands between.

What `X-Forwarded-For` and `X-Forwarded-Proto` say is believed of those proxies alone that the
settings name: anybody can write these headers, only the last ones were written by the proxy.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from litestar.types import HTTPScope

Address: TypeAlias = IPv4Address | IPv6Address
Networks: TypeAlias = Sequence[IPv4Network | IPv6Network]


def unwrap(scope: HTTPScope, trusted: Networks) -> None:
    """Put the caller's own address and scheme into the scope of a call through our proxies.

    From the right, the first hop that is no proxy of ours is the caller; one that is no address
    was not written by them, so there the proxy itself counts as the caller.
    """
    client = scope.get("client")
    peer = _read(client[0] if client else "")
    if peer is None or not _is_trusted(peer, trusted):
        return
    hops = list(_list(scope, b"x-forwarded-for"))
    place, caller = len(hops), peer
    while place and _is_trusted(caller, trusted):
        place -= 1
        hop = _read(hops[place])
        if hop is None:
            break
        caller = hop
    scope["client"] = (str(caller), 0)
    schemes = list(_list(scope, b"x-forwarded-proto"))
    if schemes:
        said = schemes[place] if len(schemes) == len(hops) else schemes[-1]
        scope["scheme"] = "https" if said.lower() == "https" else "http"


def counted(address: str) -> str:
    """Return what an address is counted by: of IPv6 the /64, which one caller usually has whole."""
    if ":" not in address:
        return address
    found = _read(address)
    if isinstance(found, IPv6Address):
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found) if found is not None else address


def _is_trusted(address: Address, trusted: Networks) -> bool:
    return any(address in network for network in trusted)


def _read(text: str) -> Address | None:
    """Return an address, also one with a port or in brackets; an IPv4 inside IPv6 as itself."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _list(scope: HTTPScope, name: bytes) -> Iterable[str]:
    for key, value in scope["headers"]:
        if key.lower() == name:
            yield from (one.strip() for one in value.decode("latin-1").split(","))
