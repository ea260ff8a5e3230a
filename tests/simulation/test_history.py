"""A network's own past, played again: what was wanted is taken, and who it was for is not."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime

import msgspec
import pytest

from composition import clean
from interpreters.application.calls import run
from interpreters.database import Pool
from interpreters.domain.answering import Habits
from interpreters.domain.draws import Draws
from interpreters.sample.network import INTERPRETERS
from interpreters.sample.seeding import seed
from interpreters.sample.story import draw_story
from interpreters.simulation.crews import crew_of
from interpreters.simulation.foresight import edges_of
from interpreters.simulation.history import Past, past_of
from interpreters.simulation.playing import Play
from sealing import SECRET_KEYS
from servers import database_url

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
COUNT = 12


async def the_past(pool: Pool, *, most: int = 100) -> Past:
    story = draw_story()
    short = msgspec.structs.replace(story, requests=story.requests[:COUNT])
    sample = await seed(pool, progress=lambda _done, _total: None, now=NOW, story=short)
    return await run(
        pool,
        sample.network_id,
        lambda db: past_of(db, network_id=sample.network_id, most=most, now=NOW),
    )


async def test_everybody_and_everything_that_was_asked_is_there(pool: Pool) -> None:
    past = await the_past(pool)
    planned = draw_story().requests[:COUNT]
    assert len(past.crew.people) == len(INTERPRETERS) == 31
    assert {one.spoken for one in past.crew.people} == {one.spoken for one in INTERPRETERS}
    assert len(past.demand) + past.left_out >= COUNT  # a try at another time is a request too
    wanted = {(one.client.language, one.mode, one.minutes) for one in planned}
    assert {(one.language, one.modes[0], one.minutes) for one in past.demand} == wanted
    assert all(one.asked_at < one.starts_at for one in past.demand)
    assert past.crew.shape.time_zone == "Europe/Riga"


async def test_no_name_and_no_reference_is_taken(pool: Pool) -> None:
    past = await the_past(pool)
    text = msgspec.json.encode((past.crew.people, past.demand, past.crew.market)).decode()
    assert "Paraug" not in text
    assert not any(one.client.reference in text for one in draw_story().requests[:COUNT])


async def test_somebody_could_have_filled_some_of_it(pool: Pool) -> None:
    past = await the_past(pool)
    play = Play(crew=past.crew, demand=past.demand, habits=Habits(), draws=Draws(1))
    places = past.crew.market.places
    assert edges_of(play)
    assert all(0 <= one.place < len(places) for one in past.demand)
    # The same people as those of the simulated centre, who live where they live.
    homes = {(one.latitude, one.longitude) for one in crew_of("centre").people}
    assert {(one.latitude, one.longitude) for one in past.crew.people} == homes


async def test_only_the_last_are_taken(pool: Pool) -> None:
    assert len((await the_past(pool, most=3)).demand) <= 3


async def test_the_command_reads_a_network_that_runs(database: str, pool: Pool) -> None:
    await the_past(pool)
    url = database_url(role="interpreters_app", database=database)
    done = await asyncio.to_thread(_staffing, url, "--network", "latvian-centre")
    found = json.loads(done.stdout)
    assert (found["roster"], found["requests"]) == ("Latvian Centre", 6)
    assert len(found["advice"]) <= 1
    refused = await asyncio.to_thread(_staffing, url, "--network", "no-such-network")
    assert refused.returncode == 2
    assert "latvian-centre" in refused.stderr  # which there are


def _staffing(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "interpreters", "staffing", "--requests", "6",
         "--candidates", "1", "--json", *arguments],
        env={
            **clean(),
            "INTERPRETERS_DATABASE_URL": url,
            "INTERPRETERS_REDIS_URL": "redis://127.0.0.1:1",
            "INTERPRETERS_SECRET_KEYS": SECRET_KEYS,
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
