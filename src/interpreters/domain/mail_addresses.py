"""E-mail addresses, as RFC 5321 and 6531 send them: `local@domain`, with or without a name."""

import re
import unicodedata
from typing import Final

import idna
import msgspec

LOCAL: Final = re.compile(r"""[^\s()<>@,;:\\".\[\]]+(\.[^\s()<>@,;:\\".\[\]]+)*""")
LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
NAMED: Final = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>")
LONGEST_LOCAL: Final = 64  # octets, RFC 5321 §4.5.3.1.1
LONGEST: Final = 254  # octets of the whole, §4.5.3.1.3 without the angle brackets


class WrongMailAddress(ValueError):
    """No address that mail can be sent to; the text says nothing of it."""


class MailAddress(msgspec.Struct, frozen=True, kw_only=True):
    """`domain` is ASCII (IDNA 2008, lower case); `local` is as given, in NFC."""

    local: str
    domain: str
    name: str = ""

    @property
    def spec(self) -> str:
        """The address alone."""
        return f"{self.local}@{self.domain}"


def read_mail_address(text: str) -> MailAddress:
    """Return the address in `local@domain`.

    Quoted local parts (`"a b"@c`) and address literals (`a@[192.0.2.1]`) are not taken.

    Raises:
        WrongMailAddress: it is none.
    """
    local, at, domain = text.rpartition("@")
    local = unicodedata.normalize("NFC", local)
    address = MailAddress(local=local, domain=_ascii(domain))
    if not at or LOCAL.fullmatch(local) is None or not _visible(local):
        raise WrongMailAddress("not an address such as desk@example.org")
    if len(local.encode()) > LONGEST_LOCAL or len(address.spec.encode()) > LONGEST:
        raise WrongMailAddress("longer than an address may be")
    return address


def read_mail_sender(text: str) -> MailAddress:
    """Return `Name <local@domain>` or `local@domain` in its parts.

    Raises:
        WrongMailAddress: it is neither, or the local part is not ASCII, which many servers refuse.
    """
    named = NAMED.fullmatch(text.strip())
    address = read_mail_address(named["address"] if named else text.strip())
    name = named["name"].strip().strip('"').strip() if named else ""
    if not address.local.isascii() or not _visible(name):
        raise WrongMailAddress("not a sender such as Desk <desk@example.org>")
    return MailAddress(local=address.local, domain=address.domain, name=name)


def _ascii(domain: str) -> str:
    try:
        known = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise WrongMailAddress("its domain cannot exist") from error
    if not all(LABEL.fullmatch(label) for label in known.split(".")):
        raise WrongMailAddress("its domain cannot exist")
    return known


def _visible(text: str) -> bool:
    """No controls, no marks that turn the direction, no halves of surrogate pairs."""
    return not any(unicodedata.category(one).startswith("C") for one in text)
