"""A calendar as other programs read it: somebody's sessions, at a secret address."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.calendar_entries import entry_of, place_told, uid_of
from interpreters.domain.calendar_files import Entry, calendar_of
from interpreters.domain.ids import BOOKING
from interpreters.domain.tokens import token_hash
from interpreters.domain.told_sessions import ToldSession
from interpreters.domain.windows import Window
from interpreters.domain.wording import ENGLISH, page_tag
from interpreters.sql import calendar_links, calendars
from interpreters.sql.calendars import CalendarBooking

BACK: Final = timedelta(days=30)  # also how long what was called off stands as called off
AHEAD: Final = timedelta(days=366)
MOST: Final = 2000  # entries: about 800 KB
FORM: Final = b"1"  # raised when the same entries are written otherwise


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What a calendar holds; `etag` is another one when that, or how it is written, is another."""

    name: str
    entries: Sequence[Entry]
    etag: str

    def file(self, now: datetime) -> bytes:
        """Return it as an iCalendar file."""
        return calendar_of(self.entries, name=self.name, now=now)


async def open_feed(
    db: Db, network_id: UUID, *, token: str, base_url: str, now: datetime
) -> Feed | None:
    """Return the calendar a token opens; None when it was revoked, or is nobody's any more."""
    opened = await calendar_links.open_calendar(
        db, network_id=network_id, token_hash=token_hash(token)
    )
    if opened is None:
        return None
    found = await calendars.feed(
        db,
        network_id=network_id,
        interpreter_id=opened.interpreter_id,
        institution_id=opened.institution_id,
        starts=Window(starts_at=now - BACK, ends_at=now + AHEAD),
        called_off_since=now - BACK,
        limit=MOST,
    )
    language = next((tag for one in opened.languages if (tag := page_tag(one))), ENGLISH)
    entries = [
        booking_entry(language, network_id, one, link=f"{base_url}/sign-in") for one in found
    ]
    seen = hashlib.sha256(FORM + msgspec.json.encode([opened.network_name, entries]))
    return Feed(name=opened.network_name, entries=entries, etag=f'W/"{seen.hexdigest()[:32]}"')


def booking_entry(language: str, network_id: UUID, one: CalendarBooking, *, link: str) -> Entry:
    """Return a booking as an entry, for the interpreter or the institution alike."""
    return entry_of(
        language,
        told_of(one),
        uid=uid_of(network_id, BOOKING, one.id),
        sequence=one.version,
        changed_at=one.updated_at,
        link=link,
        state=one.state,
    )


def told_of(one: CalendarBooking) -> ToldSession:
    """Return what a calendar says of a booking."""
    return ToldSession(
        from_language=one.from_language,
        to_language=one.to_language,
        mode=one.mode,
        session=one.session,
        time_zone=one.time_zone,
        place=place_told(
            mode=one.mode, site=one.site_name, city=one.city, kind=one.kind, topic=one.topic,
            emergency=one.emergency,
        ),
        briefing_minutes=one.briefing_minutes,
    )  # fmt: skip
