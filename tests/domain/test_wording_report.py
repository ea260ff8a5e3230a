"""The report of what is not translated: it names the texts, and drafts are called drafts."""

import msgspec
import pytest
from typer.testing import CliRunner

from interpreters.cli.wording import app
from interpreters.domain.wording import COMPLETE, PAGE_LANGUAGES, messages, missing

RUN = CliRunner()


def test_every_language_is_told_with_what_it_lacks() -> None:
    told = msgspec.json.decode(RUN.invoke(app, ["--json"]).stdout)
    assert set(told) == set(PAGE_LANGUAGES) - {"en"}
    for language, found in told.items():
        assert found["messages"] == len(messages())
        assert found["missing"] == len(missing(language))
        assert found["draft"] == (language not in COMPLETE)
    assert "draft" in RUN.invoke(app, []).stdout


@pytest.mark.parametrize("language", ["lv", "ta"])
def test_the_texts_that_a_language_lacks_are_printed(language: str) -> None:
    said = RUN.invoke(app, [language]).stdout.splitlines()
    assert [one for one in said if one] == [
        line for text in missing(language) for line in text.splitlines() if line
    ]


def test_a_language_that_pages_do_not_speak_is_refused() -> None:
    assert RUN.invoke(app, ["xx"]).exit_code == 2
