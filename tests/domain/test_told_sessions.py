"""A session in words: each reader's own names of languages, and the comma of their script."""

from datetime import UTC, datetime, timedelta

import pytest

from interpreters.domain.told_sessions import ToldSession, tell_session, tell_shortly
from interpreters.domain.windows import Window

STARTS = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
SESSION = ToldSession(
    from_language="apc",
    to_language="lav",
    mode="phone",
    session=Window(starts_at=STARTS, ends_at=STARTS + timedelta(hours=1)),
    time_zone="Europe/Riga",
    place="Riga",
)


@pytest.mark.parametrize(
    ("language", "name"),
    [("fa", "عربی شامی"), ("ar", "العربية الشامية"), ("ur", "شامی عربی"), ("ps", "شامي عربي")],
)
def test_arabic_letters_have_their_comma_and_no_other(language: str, name: str) -> None:
    told = tell_session(language, SESSION)

    assert told.startswith(name)
    assert told.endswith("\N{ARABIC COMMA} Riga")
    assert "," not in told


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Levantine Arabic"), ("fr", "arabe levantin")]
)
def test_latin_letters_have_theirs(language: str, name: str) -> None:
    told = tell_shortly(language, SESSION, with_place=True)

    assert told.startswith(f"{name}, ")
    assert told.endswith(", Riga")
    assert "\N{ARABIC COMMA}" not in told
