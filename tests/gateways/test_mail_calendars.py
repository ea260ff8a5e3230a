"""Invitations in mails, against a real server: calendars find them, readers of text as well."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import icalendar
import pytest

from interpreters.domain.calendar_files import Entry, Method, invitation
from interpreters.domain.mail_addresses import read_mail_address
from interpreters.gateways.mail import Mail, MailGateway
from interpreters.gateways.trouble import Undeliverable
from post_office import PostOffice, opened

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
DESK, PERSON = (read_mail_address(one) for one in ("desk@example.org", "person@example.net"))


def invited(method: Method) -> bytes:
    entry = Entry(
        uid="bkg_1@example.org", sequence=1, starts_at=NOW, ends_at=NOW + timedelta(hours=2),
        time_zone="Europe/Riga", title="ترجمه " * 20, changed_at=NOW,
    )  # fmt: skip
    return invitation(entry, method, organizer=DESK, attendee=PERSON, now=NOW)


def a_mail(**changes) -> Mail:
    fields = {"message_id": "1@example.org", "to": PERSON.spec, "subject": "Yes", "text": "Yes\n"}
    return Mail(**{**fields, **changes})


@pytest.mark.parametrize("method", get_args(Method))
@pytest.mark.parametrize("html", [None, "<p>Yes</p>"])
async def test_an_invitation_is_the_last_of_what_says_the_same(method, html):
    mail = a_mail(html=html, calendar=invited(method), calendar_method=method)
    async with opened(PostOffice()) as office:
        await MailGateway(f"smtp://127.0.0.1:{office.port}", DESK.spec).send(mail)

    message = office.message()
    assert message.get_content_type() == "multipart/alternative"
    *words, calendar = message.iter_parts()
    expected = ["text/plain"] if html is None else ["text/plain", "text/html"]
    assert [one.get_content_type() for one in words] == expected
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_content_charset() == "utf-8"
    assert calendar["Content-Type"].params["method"] == method
    assert calendar.get_content().replace("\r\n", "\n").encode() == invited(method).replace(
        b"\r\n", b"\n"
    )
    read = icalendar.Calendar.from_ical(calendar.get_payload(decode=True))
    assert read["METHOD"] == method
    assert office.raw().isascii()


@pytest.mark.parametrize(
    "changes",
    [
        {"calendar": invited("REQUEST"), "calendar_method": "CANCEL"},
        {"calendar": b"METHOD:REQUEST"},
        {"calendar": b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n\xff"},
        {"calendar": b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n\x00"},
    ],
)
async def test_what_is_no_such_invitation_is_refused(changes):
    async with opened(PostOffice()) as office:
        with pytest.raises(Undeliverable, match="wrong-calendar"):
            await MailGateway(f"smtp://127.0.0.1:{office.port}", DESK.spec).send(a_mail(**changes))
    assert office.taken == []


async def test_a_mail_without_one_is_as_it_was():
    async with opened(PostOffice()) as office:
        await MailGateway(f"smtp://127.0.0.1:{office.port}", DESK.spec).send(a_mail())
    assert office.message().get_content_type() == "text/plain"
