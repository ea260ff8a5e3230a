"""Commands to try on the sample network, in an order that works, with the printed variables."""

from datetime import datetime, timedelta

from interpreters.domain.windows import at_place
from interpreters.sample.days import at_clock, is_open
from interpreters.sample.network import TIME_ZONE


def commands(now: datetime) -> list[str]:
    """Return the lines: fifteen months counted, then a booking from both sides."""
    starts_at = _soon(now).isoformat()
    body = (
        """{"language": "dari", "modes": ["in_person", "phone"], """
        f""""starts_at": "{starts_at}", "duration_minutes": 60, """
        """"site_id": "'$SITE_ID'", "topic": "health", "clients": [{"reference": "LV-1042"}], """
        """"requirements": {"preferred_interpreter_ids": ["'$INTERPRETER_ID'"]}}"""
    )
    institution = '-H "Authorization: Bearer $INSTITUTION"'
    interpreter = '-H "Authorization: Bearer $INTERPRETER"'
    finance = '-H "Authorization: Bearer $FINANCE"'
    offer = """sed -E 's/.*"id":"(off_[^"]*)".*/\\1/'"""
    return [
        "# 1,400 sessions for 776 people, by language",
        f'curl -s "$URL/v1/usage?from=2016-05-18&to=2017-08-18&group_by=language" {finance}; echo',
        "# the centre asks for somebody who speaks Dari",
        f"curl -s $URL/v1/requests {institution} -d '{body}'; echo",
        "# one of those who are asked says yes",
        f'OFFER=$(curl -s "$URL/v1/offers?state=open&limit=1" {interpreter} | {offer})',
        f"curl -s -X POST $URL/v1/offers/$OFFER/accept {interpreter}; echo",
        "# and the centre sees who comes",
        f'curl -s "$URL/v1/bookings?state=confirmed&limit=1" {institution}; echo',
    ]


def _soon(now: datetime) -> datetime:
    """Return a quarter hour of the next working day: another one at each start, mostly."""
    today = at_place(instant=now, time_zone=TIME_ZONE).date()
    day = next(
        today + timedelta(days=ahead)
        for ahead in range(1, 15)
        if is_open(today + timedelta(days=ahead))
    )
    return at_clock(day, 9 * 60 + now.minute % 24 * 15)
