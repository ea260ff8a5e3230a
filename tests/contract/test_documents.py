"""What the documents promise is there: links, commands, make targets, variables, the example."""

import json
import re
from pathlib import Path
from typing import Final

import msgspec
import pytest

from api import serving
from conftest import Clock
from interpreters.cli.commands import COMMANDS
from interpreters.database import Pool
from interpreters.settings import PREFIX, Settings

pytestmark = pytest.mark.anyio
ROOT: Final = Path(__file__).parents[2]
DOCUMENTS: Final = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: str(one.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text)

    dead = [one for one in links if not _leads_somewhere(one, document, text)]

    assert dead == []


def test_every_command_that_is_named_exists() -> None:
    named = {
        word
        for one in DOCUMENTS
        for word in re.findall(r"(?:^|`)interpreters ([a-z]+)", one.read_text(), re.MULTILINE)
    }

    assert named >= {"up", "migrate", "serve", "work", "keys", "doctor"}
    assert named - set(COMMANDS) == set()


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        word
        for one in DOCUMENTS
        for line in re.findall(r"(?:^|`)make ([a-z0-9 -]+)", one.read_text(), re.MULTILINE)
        for word in line.split()
    }

    assert named >= {"demo", "test"}
    assert named - targets == set()


def test_every_setting_is_explained_and_no_other() -> None:
    """Of two that share a line, the second is written without its beginning: `_PORT`."""
    rows = re.findall(r"^\| (`.+?`) \|", (ROOT / "docs/running.md").read_text(), re.MULTILINE)
    words = [re.findall(r"`([A-Z_]+)`", row) for row in rows]
    explained = {word for row in words for word in row}
    ends = tuple(word for word in explained if word.startswith("_"))
    known = {field.encode_name for field in msgspec.structs.fields(Settings)}
    private = {f"{PREFIX}{name}" for name in ("DEMO", "SUPERVISED")}  # set by the commands

    unexplained = {one for one in known - private - explained if not one.endswith(ends)}

    assert unexplained == set()
    assert {one for one in explained if not one.startswith("_")} - known == set()


async def test_the_example_is_accepted(pool: Pool, clock: Clock) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (body,) = re.findall(r"--json '(\{.+?\})'\n", text, re.DOTALL)

    async with serving(pool, clock) as network:
        _, school = await network.institution()
        answer = await school.post("/v1/requests", json.loads(body))

    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "unfilled"  # nobody is on the roster yet


def _leads_somewhere(link: str, document: Path, text: str) -> bool:
    if link.startswith("https://"):
        return True
    if link.startswith("#"):
        heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        return link[1:] in {
            re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in heads
        }
    return (document.parent / link.partition("#")[0]).exists()
