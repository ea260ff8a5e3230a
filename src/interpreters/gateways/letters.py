"""A mail as the bytes that SMTP carries (RFC 5322, MIME), and who it is from and for."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, AddressHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any, Final, Literal

import msgspec

from interpreters.domain.mail_addresses import MailAddress, WrongMailAddress, read_mail_address
from interpreters.gateways.trouble import Undeliverable

LINE: Final = 78  # characters a line should have at most, RFC 5322 §2.1.1
LONGEST_LINE: Final = 998  # and must
MESSAGE_ID: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)
HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
PRINTABLE: Final = re.compile(r"[\x20-\x7e]*")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
NOT_IN_BODY: Final = re.compile(r"[\x00\ud800-\udfff]")
OURS: Final = {
    "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id",
    "mime-version", "return-path", "received",
}  # fmt: skip


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One mail to one person. `html` says the same as `text`, for readers that show it."""

    message_id: str  # without <>; the same on every repeat
    to: str
    subject: str
    text: str
    html: str | None = None
    calendar: bytes | None = None  # an invitation or its cancellation (iCalendar, RFC 6047)
    calendar_method: Literal["REQUEST", "CANCEL", "PUBLISH"] = "REQUEST"  # as METHOD inside it
    headers: Mapping[str, str] = {}  # further ones, such as List-Unsubscribe; printable ASCII
    at: datetime | None = None  # aware; none: the server that takes it writes the date

    def __repr__(self) -> str:
        """Show whom it is for and what it says to nobody."""
        return f"Mail(message_id={self.message_id!r})"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What goes over the line. `international`: the server must know SMTPUTF8 (RFC 6531)."""

    sender: str
    recipient: str
    content: bytes
    international: bool

    def __repr__(self) -> str:
        """Show nothing of it."""
        return f"Letter({len(self.content)} bytes)"


def compose(mail: Mail, sender: MailAddress) -> Letter:
    """Return the mail as it is sent.

    Raises:
        Undeliverable: `wrong-address`, or a field with line breaks and the like:
            `wrong-message-id`, `wrong-subject`, `wrong-text`, `wrong-header`, `wrong-calendar`.
    """
    try:
        to = read_mail_address(mail.to)
    except WrongMailAddress:
        raise Undeliverable("wrong-address") from None
    _check(mail)
    international = not to.local.isascii()
    message = EmailMessage(policy=WIRE.clone(utf8=international))
    message["From"] = Address(sender.name, sender.local, sender.domain)
    message["To"] = Address("", to.local, to.domain)
    message["Subject"] = mail.subject.replace("=?", "= ?")  # else read as an encoded word
    message["Message-ID"] = f"<{mail.message_id}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers it
    if mail.at is not None:
        message["Date"] = mail.at
    for name, value in mail.headers.items():
        del message[name]
        message[name] = value
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    if mail.calendar is not None:  # the last alternative, which is where calendars look for it
        message.add_alternative(
            mail.calendar.decode(), subtype="calendar", params={"method": mail.calendar_method}
        )
    return Letter(
        sender=sender.spec,
        recipient=to.spec,
        content=message.as_bytes(),
        international=international,
    )


def _check(mail: Mail) -> None:
    """Refuse what could end a line early, and so begin a header of somebody else's."""
    if MESSAGE_ID.fullmatch(mail.message_id) is None or len(mail.message_id) > LONGEST_LINE // 4:
        raise Undeliverable("wrong-message-id")
    if CONTROL.search(mail.subject) or len(mail.subject) > LONGEST_LINE:
        raise Undeliverable("wrong-subject")
    if NOT_IN_BODY.search(mail.text) or NOT_IN_BODY.search(mail.html or ""):
        raise Undeliverable("wrong-text")
    if mail.calendar is not None and not _is_calendar(mail.calendar, mail.calendar_method):
        raise Undeliverable("wrong-calendar")
    for name, value in mail.headers.items():
        if not _is_header(name, value):
            raise Undeliverable("wrong-header")


def _is_calendar(calendar: bytes, method: str) -> bool:
    """Say whether it is text, and its method the one of the mail, without which it is ignored."""
    try:
        lines = calendar.decode().split("\r\n")
    except UnicodeDecodeError:
        return False
    return lines[0] == "BEGIN:VCALENDAR" and f"METHOD:{method}" in lines and b"\x00" not in calendar


def _is_header(name: str, value: str) -> bool:
    if HEADER.fullmatch(name) is None or PRINTABLE.fullmatch(value) is None or "=?" in value:
        return False
    if name.lower() == "auto-submitted":
        return value == "auto-generated"
    if name.lower() in OURS or name.lower().startswith("content-"):
        return False
    return len(name) + len(value) < LONGEST_LINE - 2 and value.strip() == value != ""


class Wire(EmailPolicy):
    """Seven-bit bodies, which every server takes; headers broken at their spaces alone.

    The library breaks a long address of a List-Unsubscribe into encoded words, which no reader
    puts together again, and loses spaces between the encoded words of a long subject.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return one header with its line end."""
        text = str(value)
        if not self.utf8 and not text.isascii():
            text = _encoded(value)
        done, line = [], f"{name}:"
        for word in re.findall(r" +[^ ]+", f" {text}"):
            if len(line) + len(word) > LINE and line != f"{name}:":
                done.append(line)
                line = ""
            line += word
        return "\r\n".join([*done, line, ""]).encode()


def _encoded(value: Any) -> str:
    """Return a header in words of RFC 2047: of a sender the name only."""
    if not isinstance(value, AddressHeader):
        return _words(str(value))
    [sender] = value.addresses
    return f"{_words(sender.display_name)} <{sender.addr_spec}>"


def _words(text: str) -> str:
    return " ".join(Header(text, "utf-8", header_name="Subject").encode().split())


WIRE: Final = Wire(linesep="\r\n", max_line_length=LINE, cte_type="7bit")
