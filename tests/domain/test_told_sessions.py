"""A session in words: each reader's own names of languages, and the comma of their script."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from interpreters.domain.told_sessions import (
    ToldSession,
    tell_offer,
    tell_session,
    tell_shortly,
)
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


@pytest.mark.parametrize(
    ("site", "told"),
    [
        ("https://a.example", "دری 1.12 10:30 Riga. تا 30.11 09:00 پاسخ دهید: {link}"),
        ("https://our.centre.example", "دری 1.12 10:30. تا 30.11 09:00 پاسخ دهید: {link}"),
        ("https://interpreters.example.org", "دری 1.12 10:30 پاسخ تا 30.11 09:00 {link}"),
    ],
)
def test_a_text_leaves_the_city_out_rather_than_what_the_times_mean(site: str, told: str) -> None:
    """Two texts of Arabic letters are 134 of them (GSM 03.38), most of which a link needs."""
    link = f"{site}/o/ol_{'0' * 58}"
    dari = msgspec.structs.replace(SESSION, from_language="prs", mode="in_person")
    answer_by = datetime(2026, 11, 30, 7, tzinfo=UTC)

    assert tell_offer("fa", dari, answer_by=answer_by, link=link, short=True) == told.format(
        link=link
    )
