"""Commands to try on the sample network, in an order that works, with the printed variables."""

from datetime import datetime, timedelta
from typing import Final

from interpreters.domain.windows import at_place
from interpreters.sample.network import TIME_ZONE
from interpreters.sample.staff import COORDINATOR, STAFF

INSTITUTION: Final = '-H "Authorization: Bearer $INSTITUTION"'
INTERPRETER: Final = '-H "Authorization: Bearer $INTERPRETER"'
FINANCE: Final = '-H "Authorization: Bearer $FINANCE"'
JSON: Final = '-H "Content-Type: application/json"'
# From a list of offers to the id of the one of $REQUEST, without needing more than grep and sed.
OF_REQUEST: Final = (
    r"""sed 's/"id":"off_/\n&/g' | grep "$REQUEST" | sed -E 's/"id":"(off_[^"]*)".*/\1/'"""
)
ON_THE_ROSTER: Final = "interpreter01@example.org"
BODY: Final = (
    """'{"language": "dari", "modes": ["phone"], "starts": "now", "duration_minutes": 30, """
    """"topic": "health", "clients": [{"reference": "LV-1042"}], """
    """"requirements": {"preferred_interpreter_ids": ["'$INTERPRETER_ID'"]}}'"""
)


def commands(now: datetime) -> list[str]:
    """Return the lines: fifteen months counted, then a session from the request to the ledger."""
    today = at_place(instant=now, time_zone=TIME_ZONE).date()
    others = ", ".join([one for one in STAFF if one != COORDINATOR] + [ON_THE_ROSTER])
    days = f"from={today}&to={today + timedelta(days=2)}"
    return [
        "# 1,400 sessions for 776 people, by language",
        f'curl -s "$URL/v1/usage?from=2016-05-18&to=2017-08-18&group_by=language" {FINANCE}; echo',
        "# the centre asks for somebody who speaks Dari, by phone, now",
        f'ASKED=$(curl -s $URL/v1/requests {INSTITUTION} {JSON} -d {BODY}); echo "$ASKED"',
        f'REQUEST=$(echo "$ASKED" | {_id_of("req")})',
        "# one of those who are asked says yes",
        f'OFFER=$(curl -s "$URL/v1/offers?state=open&limit=200" {INTERPRETER} | {OF_REQUEST})',
        f"BOOKING=$(curl -s -X POST $URL/v1/offers/$OFFER/accept {INTERPRETER} | {_id_of('bkg')})",
        f"curl -s $URL/v1/bookings/$BOOKING {INSTITUTION}; echo",
        "# the session is held",
        f"curl -s -X POST $URL/v1/bookings/$BOOKING/start {INTERPRETER}; echo",
        f"curl -s -X POST $URL/v1/bookings/$BOOKING/end {INTERPRETER}; echo",
        "# and stands in the ledger",
        f'curl -s "$URL/v1/usage/entries?{days}&limit=1" {INSTITUTION}; echo',
        f"# in a browser: $URL/sign-in as {COORDINATOR} (or {others});",
        "# the code, and whatever else would be sent, is at $URL/mailbox",
    ]


def _id_of(prefix: str) -> str:
    """Return a filter from JSON to the first id of a kind, without needing more than sed."""
    return f"""sed -E 's/.*"id":"({prefix}_[^"]*)".*/\\1/'"""
