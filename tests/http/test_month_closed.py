"""The sample network's first month: closed, disputed, corrected and issued anew, by the commands
of `docs/month.md` in a shell, and whatever tells of it tells the same.
"""

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import anyio
import msgspec
import pytest

from api import Api, Network, serving
from browser import app_of, served
from conftest import Clock
from faults.workers import clean
from finance_books import books
from interpreters.application.ledger_checks import check_ledger
from interpreters.database import Pool
from interpreters.domain.ids import BOOKING, INSTITUTION, NETWORK, show_id
from interpreters.sample.__main__ import welcome_of
from interpreters.sample.network import SLUG
from interpreters.sample.seeding import seed
from interpreters.sample.story import draw_story
from month_books import MonthBooks
from sealing import SECRET_KEYS
from servers import database_url

pytestmark = pytest.mark.anyio
STORY: Final = 60  # requests: the whole of May, and the first weeks of June
MAY: Final = "from=2016-05-01&to=2016-06-01"
PAGE: Final = Path(__file__).parents[2] / "docs" / "month.md"
NAMED: Final = ("URL", "FINANCE", "INSTITUTION", "INTERPRETER", "INSTITUTION_ID", "INTERPRETER_ID")


def environment(database: str) -> dict[str, str]:
    """Return what tells a command where the servers are."""
    given = {
        "DATABASE_URL": database_url(role="interpreters_app", database=database),
        "REDIS_URL": "redis://127.0.0.1:9",
        "SECRET_KEYS": SECRET_KEYS,
    }
    return {**clean(), **{f"INTERPRETERS_{name}": one for name, one in given.items()}}


def install(folder: Path) -> None:
    """Put the programs there that the page calls; of two networks the sample is meant."""
    bin_ = folder / ".venv" / "bin"
    bin_.mkdir(parents=True)
    for name, runs in (
        ("python", '"$@"'),
        ("interpreters", f'-m interpreters "$@" --network {SLUG}'),
    ):
        (bin_ / name).write_text(f"#!/bin/sh\nexec {sys.executable} {runs}\n")
        (bin_ / name).chmod(0o755)


async def run_page(folder: Path, given: Mapping[str, str], told: Mapping[str, str]) -> str:
    """Paste the page's commands into a shell; return what it printed."""
    pasted = [f"{name}={value}" for name, value in told.items()]
    pasted += blocks("sh")
    shell = await asyncio.create_subprocess_exec(
        "/bin/sh", cwd=folder, env=dict(given), stdin=-1, stdout=-1, stderr=-1
    )
    said, wrong = await shell.communicate("\n".join(pasted).encode())
    assert wrong == b"", wrong.decode()
    return said.decode()


def blocks(kind: str) -> list[str]:
    """Return the page's blocks of a kind: what is pasted, or what is printed."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


async def test_the_commands_of_the_page_print_what_it_says_and_every_export_agrees(
    pool: Pool, clock: Clock, database: str, tmp_path: Path
) -> None:
    assert shutil.which("curl") is not None, "the commands are curl's: apt-get install curl"
    story = draw_story()
    begun = msgspec.structs.replace(story, requests=story.requests[:STORY])
    sample = await seed(pool, progress=lambda *_: None, now=clock(), story=begun)
    install(tmp_path)
    async with (
        serving(pool, clock) as network,
        served(app_of(network.client), "127.0.0.1", 0) as at,
    ):
        welcome = await welcome_of(pool, sample, clock())
        names = {"url": at, **welcome.keys, **welcome.ids}
        told = {name: names[name.lower()] for name in NAMED}
        printed = squeezed(await run_page(tmp_path, environment(database), told))
        shown = squeezed("".join(blocks("text")))
        for line in shown:
            assert sum(line in one for one in printed) >= shown.count(line), (line, printed)
        assert (tmp_path / "may.pdf").read_bytes().startswith(b"%PDF")
        assert (tmp_path / "may.xlsx").read_bytes().startswith(b"PK")
        assert "2016-05" in (tmp_path / "may.csv").read_text(encoding="utf-8-sig")

        finance = Api(network.client, told["FINANCE"])
        may = MonthBooks(finance, "2016-05", MAY)
        for side, grouping in (("charge", "institution"), ("pay", "interpreter")):
            sums = await may.side(side)  # PDF too
            assert any(f" {sums.cents / 100:.2f} EUR" in line for line in shown)
            assert await may.reported(side, grouping) == sums
            assert await may.reported(side, "language,mode") == sums
            assert await may.exported(side) == sums
        await check_numbers(finance, told["INSTITUTION_ID"])
        assert [one.what async for one in check_ledger(pool, network_id=sample.network_id)] == []


async def check_numbers(finance: Api, institution_id: str) -> None:
    """No number was given twice, and the statement anew names the one that it replaces."""
    path = f"/v1/statements?month=2016-05&limit=200&institution_id={institution_id}"
    named = {one["state"]: one for one in (await finance.get(path)).json()["items"]}
    anew, first = named["issued"], named["reopened"]
    assert (anew["revision"], first["revision"]) == (2, 1)
    assert first["reason"] == "Two disputes upheld"
    shown = (await finance.get(f"/v1/statements/{institution_id}/2016-05")).json()
    assert shown["number"] == anew["number"] != first["number"] == shown["replaces"]
    listed = (await finance.get("/v1/statements?month=2016-05&limit=200")).json()["items"]
    assert len({one["number"] for one in listed}) == len(listed) == 10


def run_months(
    network: Network, database: str, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    """Run `months` as one who looks at a narrow terminal."""
    named = ["--network", show_id(NETWORK, network.id)]
    return subprocess.run(
        [sys.executable, "-m", "interpreters", "months", *arguments, *named],
        env={**environment(database), "FORCE_COLOR": "1", "COLUMNS": "80"},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


async def test_the_command_says_in_one_sentence_what_cannot_be(
    pool: Pool, clock: Clock, database: str
) -> None:
    async with serving(pool, clock) as network:
        school = show_id(INSTITUTION, (await books(network, pool)).school_key)
        for arguments, sentence in (
            (("close", "May"), "May is no month"),
            (("close", "2199-12"), "The month is not over"),
            (("show", "2016-05", "--institution", "ins_x"), "no id of one"),
            (("reopen", "2016-05", "--reason", "x"), "say whose"),
            (("reopen", "2016-05", "--institution", school, "--reason", "x"), "is not issued"),
        ):
            told = await anyio.to_thread.run_sync(run_months, network, database, *arguments)
            assert (told.returncode, told.stdout) == (2, ""), told
            assert sentence in told.stderr
            assert told.stderr.count("\n") == 1


async def test_what_people_read_has_every_party_and_the_sum_whole_on_a_narrow_terminal(
    pool: Pool, clock: Clock, database: str
) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = show_id(BOOKING, (await made.held("2026-10-05 08:00", charge=123456)).id)
        school = await network.caller("institution", institution_id=made.school_key)
        disputed = await school.post(f"/v1/bookings/{booking}/dispute", {"reason": "We waited"})
        assert disputed.status_code == 200, disputed.text
        await made.held("2026-10-06 08:00", charge=654321, institution=made.police_key)
        told = await anyio.to_thread.run_sync(
            run_months, network, database, "show", "2026-10", "--side", "charge"
        )
    assert told.returncode == 0, told.stderr
    for one in (made.school_key, made.police_key):
        assert show_id(INSTITUTION, one) in told.stdout
    [row] = [line.split("│") for line in told.stdout.splitlines() if "School 12" in line]
    assert [one.strip() for one in row[-4:-1]] == ["", "1", ""]  # no price, disputed, not ended
    for amount in ("1234.56", "6543.21", "7777.77"):
        assert f"{amount} EUR" in told.stdout
