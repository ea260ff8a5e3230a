"""Series for tests: what is asked, and the requests of one by their dates."""

from typing import Final

from api import Api
from centre import Json

WEEKLY: Final = "FREQ=WEEKLY;COUNT=4"  # from Wednesday 25 November 2026, 10:00 in Riga
DATES: Final = [
    "2026-11-25T08:00:00Z", "2026-12-02T08:00:00Z", "2026-12-09T08:00:00Z",
    "2026-12-16T08:00:00Z",
]  # fmt: skip
WEEKDAYS: Final = [
    {"day": day, "from": "08:00", "to": "18:00"} for day in ("mon", "tue", "wed", "thu", "fri")
]


async def series_of(api: Api, one: Json) -> list[Json]:
    """Return the requests of a series, by their dates."""
    answer = await api.get(f"/v1/requests?series_id={one['series_id']}&limit=200")
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["items"]
    return sorted(found, key=lambda each: each["series_position"])


def starts(found: list[Json]) -> list[str]:
    """Return when each starts."""
    return [one["starts_at"] for one in found]
