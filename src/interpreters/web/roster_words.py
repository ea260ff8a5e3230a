"""A roster's forms: languages, weekly hours and days as they are written, and as the API takes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from interpreters.domain.availability import show_weekly
from interpreters.domain.windows import zone
from interpreters.web.fields import Fields, listed, plain_digits

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LANGUAGE: Final = ("code", "level", "dialects")
LANGUAGES: Final = 30


def weekly_of(fields: Fields) -> list[dict[str, str]]:
    """Return weekly rows of fields such as "09:00-12:00, 13:00-17:00", one for each day."""
    rows = []
    for day in DAYS:
        for part in listed(plain_digits(fields.get(day)).replace("–", "-")):  # noqa: RUF001 - people write it
            begins, _, ends = part.partition("-")
            rows.append({"day": day, "from": _clock(begins), "to": _clock(ends)})
    return rows


def weekly_fields(rows: Sequence[Any]) -> dict[str, str]:
    """Return what stands in the field of each day."""
    shown: dict[str, list[str]] = {day: [] for day in DAYS}
    for row in show_weekly(rows):
        shown[row["day"]].append(f"{row['from']}-{row['to']}")
    return {day: ", ".join(parts) for day, parts in shown.items()}


def days_wrong(errors: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return what is wrong by the day in whose field it stands."""
    told: dict[str, str] = {}
    for pointer, text in errors.items():
        parts = pointer.split("/")
        at = int(parts[2]) if len(parts) > 2 and parts[2].isdigit() else None  # noqa: PLR2004 - /weekly/0
        told[f"/{rows[at]['day']}" if at is not None and at < len(rows) else pointer] = text
    return told


def instant_of(text: str | None, time_zone: str) -> str | None:
    """Return a local time such as "2026-12-01T10:30" with its offset, else as it was written."""
    if text is None:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if local.tzinfo else local.replace(tzinfo=zone(time_zone)).isoformat()


def _clock(text: str) -> str:
    """Return "09:00" of "9" and "9:00"; anything else as it was written."""
    said = text.strip().replace(".", ":")
    hours, _, minutes = said.partition(":")
    if hours.isdigit() and len(hours) <= 2 and (minutes.isdigit() or not minutes):  # noqa: PLR2004 - two digits
        return f"{hours:0>2}:{minutes or '00'}"
    return said or "-"
