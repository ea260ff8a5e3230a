"""Which addresses that somebody gave us may be called: webhooks, calendars, issuers of sign-ins.

Whoever can make a server call an address of their choice calls with it from inside its network
(server-side request forgery). So only the public internet is called, and what is public is listed
here, not what is private. `gateways/addresses.py` holds every connection against the same rules.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

from interpreters.domain.errors import Refusal

Address: TypeAlias = IPv4Address | IPv6Address

LONGEST: Final = 2000
USUAL_PORTS: Final = (80, 443)
FIRST_FREE_PORT: Final = 1024
PLAIN: Final = re.compile(r"[!#-;=?-\[\]_a-z~]+")  # printable ASCII without space " < > \ ^ ` { | }
NAME: Final = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*"
                         r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")  # fmt: skip
NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")
# Names that never belong to the public internet (RFC 6761, 6762, 8375, 9476, ICANN's .internal).
LOCAL_NAMES: Final = ("localhost", "local", "internal", "home.arpa", "lan", "test", "invalid",
                      "onion", "alt", "in-addr.arpa", "ip6.arpa")  # fmt: skip
# What ipaddress calls global and is not one server somewhere else (IANA's special registries).
NOT_PUBLIC_V4: Final = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
# Global unicast; everything beside it (mapped, NAT64, local, multicast …) is not public.
PUBLIC_V6: Final = IPv6Network("2000::/3")
NOT_PUBLIC_V6: Final = (
    IPv6Network("2001::/23"),  # Teredo and other protocols
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("2002::/16"),  # 6to4: an IPv4 address inside
    IPv6Network("3fff::/20"),  # documentation
)
# Never called, whatever the settings say: clouds hand out their machines' passwords here.
METADATA: Final = frozenset(
    ip_address(one) for one in ("169.254.169.254", "100.100.100.200", "fd00:ec2::254")
)


class PrivateAddress(Refusal):
    """The address lies inside a network, not on the public internet."""

    code = "private-address"
    title = "Only addresses on the public internet can be called"


class InvalidAddress(Refusal):
    """The text is no address that can be called."""

    code = "invalid-address"
    title = "This is not an address that can be called"


def check_url(url: str, *, allow_private: bool) -> None:
    """Refuse an address that must not be called, as far as its text tells.

    https, or http too where private addresses are allowed; no name or password before the host;
    port 80, 443 or above 1023; a host in ASCII. An IPv4 address in any spelling that resolvers
    read (decimal, octal, hexadecimal, with fewer than four parts) is judged as the address it is.

    Raises:
        InvalidAddress: it cannot be called by anybody.
        PrivateAddress: it is not on the public internet.
    """
    parts, port = _parts(url)
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise InvalidAddress("It must start with https://")
    if "@" in parts.netloc:
        raise InvalidAddress("Leave out the name and the password before the host")
    if not allow_private and port not in USUAL_PORTS and port < FIRST_FREE_PORT:
        raise InvalidAddress("Port 443, 80 or above 1023")
    _check_host(parts.hostname or "", allow_private=allow_private)


def check_address(text: str, *, allow_private: bool) -> None:
    """Refuse the IP address of a connection that must not be made.

    Raises:
        PrivateAddress: it is not public, or no IP address.
    """
    try:
        address = ip_address(text)
    except ValueError:
        raise PrivateAddress from None
    if not is_callable(address, allow_private=allow_private):
        raise PrivateAddress


def is_callable(address: Address, *, allow_private: bool) -> bool:
    """Tell whether a server at this address may be called.

    Where private addresses are allowed, still no metadata, no link, no group of machines, and
    no IPv6 address that hides an IPv4 address.
    """
    if not allow_private:
        return _is_public(address)
    hidden = isinstance(address, IPv6Address) and not (address in PUBLIC_V6 or address.is_private)
    mapped = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    refused = (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or (address.is_reserved and not address.is_loopback)
    )
    return not (hidden or mapped or refused or address in METADATA)


def read_odd_ipv4(host: str) -> IPv4Address | None:
    """Return the IPv4 address that `inet_aton` reads in a host; None for a name.

    Raises:
        InvalidAddress: it ends like a number and is no address.
    """
    labels = host.removesuffix(".").split(".")
    if NUMBER.fullmatch(labels[-1]) is None:
        return None
    try:
        *first, last = [_number(one) for one in labels]
    except ValueError:
        raise InvalidAddress from None
    most = 256 ** (4 - len(first))
    if len(labels) > 4 or last >= most or any(one > 255 for one in first):  # noqa: PLR2004 - octets
        raise InvalidAddress
    value = last + sum(one << (24 - 8 * place) for place, one in enumerate(first))
    return IPv4Address(value)


def _parts(url: str) -> tuple[SplitResult, int]:
    if len(url) > LONGEST or PLAIN.fullmatch(url.lower()) is None:
        raise InvalidAddress("ASCII without spaces, at most 2000 characters (names as xn--…)")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidAddress from None
    if port is None:
        port = 80 if parts.scheme == "http" else 443
    if not parts.hostname or port == 0:
        raise InvalidAddress
    return parts, port


def _check_host(host: str, *, allow_private: bool) -> None:
    if ":" in host or "%" in host:
        check_address(host if "%" not in host else "", allow_private=allow_private)
        return
    odd = read_odd_ipv4(host)
    if odd is not None:
        check_address(str(odd), allow_private=allow_private)
        return
    name = host.removesuffix(".")
    if NAME.fullmatch(name) is None:
        raise InvalidAddress
    local = "." not in name or any(f".{name}".endswith(f".{one}") for one in LOCAL_NAMES)
    if local and not allow_private:
        raise PrivateAddress


def _number(label: str) -> int:
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8) if label.startswith("0") and len(label) > 1 else int(label)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        return address in PUBLIC_V6 and not any(address in one for one in NOT_PUBLIC_V6)
    special = address.is_multicast or address.is_reserved or not address.is_global
    return not special and not any(address in one for one in NOT_PUBLIC_V4)
