"""What the demonstration says to paste works in a shell, from the request to the ledger."""

import asyncio
import shutil
from pathlib import Path

import msgspec
import pytest

from api import serving
from browser import app_of, served
from conftest import Clock
from interpreters.cli.demo import Welcome, text
from interpreters.database import Pool
from interpreters.sample.__main__ import welcome_of
from interpreters.sample.seeding import seed
from interpreters.sample.story import draw_story

pytestmark = pytest.mark.anyio


async def test_the_commands_of_the_demonstration_go_from_the_request_to_the_ledger(
    pool: Pool, clock: Clock, tmp_path: Path
) -> None:
    assert shutil.which("curl") is not None, "the commands are curl's: apt-get install curl"
    clock.now = clock.now.replace(hour=8)  # by day, when people may be asked
    story = msgspec.structs.replace(draw_story(), requests=draw_story().requests[:5])
    sample = await seed(pool, progress=lambda *_: None, now=clock(), story=story)
    async with (
        serving(pool, clock) as network,
        served(app_of(network.client), "127.0.0.1", 0) as at,
    ):
        made = await welcome_of(pool, sample, clock())
        welcome = msgspec.convert(made, Welcome, from_attributes=True)
        shown = text(at, welcome)
        pasted = shown.partition("\nOpen")[0]
        shell = await asyncio.create_subprocess_exec(
            "/bin/sh", cwd=tmp_path, stdin=-1, stdout=-1, stderr=-1
        )
        said, wrong = await shell.communicate(pasted.encode())
    assert f"mailbox  {at}/mailbox\n" in shown
    counted, asked, booked, started, ended, entries = (
        msgspec.json.decode(line) for line in said.decode().splitlines()
    )
    assert wrong == b""
    assert counted["totals"]["sessions"] == sum(one.fate == "held" for one in story.requests)
    assert asked["state"] == "searching"
    assert booked["state"] == "confirmed"
    assert booked["request_id"] == asked["id"]
    assert started["state"] == "in_progress"
    assert ended["state"] == "completed"
    assert [one["booking_id"] for one in entries["items"]] == [booked["id"]]
