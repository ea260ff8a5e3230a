"""The fault run: everything is killed, cut off and wiped under load; then a checker looks.

    PYTHONPATH=tests python -m faults.run --seconds 300 --seed 7 [--no-kills]

`make faults` runs it long. docs/faults.md says what it shows.
"""

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from faults.cast import assemble
from faults.checker import check, check_timers
from faults.evidence import Evidence, Findings
from faults.havoc import Havoc
from faults.journal import Journal
from faults.load import Load
from faults.moved import MovedClock
from faults.outside import opened
from faults.running import running
from interpreters.embedded.postgres import APP

QUIET, RAGING = 20.0, 25.0  # seconds without and with faults, in turn
SETTLED: Final = 25.0  # seconds of quiet until what is measured is undisturbed
DAYS, STEP = 12, 3  # that pass in the end, until every session is over, and how many at once
CROWDED: Final = 2.0  # load for each core, from which what is slow says nothing
STILL: Final = 5  # looks in a second
# What repeats itself or waits for its day; everything else comes to an end by itself.
STANDING: Final = ("retention", "reminder", "urgent", "approval", "expense", "plan")
# $1 network_id, $2 now: what is due, and when the next of what comes to an end by itself is
DUE: Final = """
    SELECT count(*) FILTER (WHERE d.at <= $2) AS due,
           min(d.at) FILTER (WHERE d.kind <> ALL ($3::text[])) AS next
    FROM due d WHERE d.network_id = $1
"""


@dataclass
class Options:
    """How long and how hard. `rate` is requests asked for in a second."""

    seconds: float = 300
    seed: int = 1
    kills: bool = True
    calm: bool = False
    rate: float = 2.0
    people: int = 36
    webs: int = 2
    patience: float = 120
    prompt: float = 5  # seconds within which losers hear of it, when nothing is wrong


async def fault_run(options: Options) -> Findings:
    """Run everything for so long, then check; return what the checker found."""
    with folder() as place:
        clock = MovedClock(place / "clock")
        clock.set(0)
        async with running(place, clock) as run, opened(clock) as (outside, mails):
            run.settle(outside, webs=options.webs, workers=2)
            await run.wait()
            cast = await assemble(
                run.webs[0].url, run.postgres.url(APP), outside, clock,
                schools=4, people=options.people,
            )  # fmt: skip
            journal = Journal(place / "journal")
            evidence = Evidence(
                cast.network_id, cast.hooks, journal.entries, outside.heard,
                [(time.time(), 0.0)], prompt=options.prompt,
            )  # fmt: skip
            dice = random.Random(options.seed)
            load = Load(
                cast, outside, clock, journal, [one.url for one in run.webs],
                dice=random.Random(options.seed + 1), rate=options.rate,
            )  # fmt: skip
            havoc = Havoc(run, outside, mails, evidence, dice=dice, kills=options.kills)
            working = asyncio.create_task(load.run())
            looking = asyncio.create_task(look_at_the_machine(evidence))
            await weather(havoc, options)
            load.open = False
            await asyncio.wait_for(working, options.patience)
            looking.cancel()
            findings = await judged(run.superuser_url, evidence, havoc, options, clock)
            findings.figures |= told_faults(evidence, load)
            said = run.words().most_common()
            findings.figures["workers said"] = ", ".join(f"{what} {n}" for what, n in said)
            return findings


async def weather(havoc: Havoc, options: Options) -> None:
    """Quiet and storms in turn, until the time is over; at first and at last it is quiet."""
    end = time.monotonic() + options.seconds
    quiet = options.seconds if options.calm else min(QUIET, options.seconds / 3)
    while (left := end - time.monotonic()) > 1:
        await asyncio.sleep(min(quiet, left))
        if (left := end - time.monotonic()) > 1:
            await havoc.rage(min(RAGING, left))
        quiet = QUIET + SETTLED


async def look_at_the_machine(evidence: Evidence) -> None:
    """Note when it has more to do than it can, by this run and by others."""
    most = CROWDED * (os.cpu_count() or 1)
    while True:
        if os.getloadavg()[0] > most:
            evidence.crowded.append(time.time())
        await asyncio.sleep(1)


async def judged(
    url: str, evidence: Evidence, havoc: Havoc, options: Options, clock: MovedClock
) -> Findings:
    """Let all that was begun come to its end, and check; let days pass, and check the timers."""
    async with superuser(url) as db:
        began = time.monotonic()
        stuck = await quiesce(db, evidence, havoc, options.patience)
        findings = await check(db, evidence, now=clock())
        if stuck:
            findings.complain("not everything came to its end", stuck)
        findings.figures["seconds until nothing was due"] = f"{time.monotonic() - began:.0f}"
        for _ in range(0, DAYS, STEP):
            havoc.move(86_400 * STEP)
            await until_nothing_is_due(db, evidence, clock, options.patience)
        later = Findings()
        await check_timers(db, evidence, later, now=clock())
        open_offers = await db.fetchval(
            "SELECT count(*) FROM offers WHERE network_id = $1 AND state = 'open'",
            evidence.network_id,
        )
        later.complain("offers are open when every session is over", ["one"] * open_offers)
        findings.complaints += [f"{DAYS} days later: {one}" for one in later.complaints]
        return findings


async def quiesce(
    db: asyncpg.Connection, evidence: Evidence, havoc: Havoc, patience: float
) -> list[str]:
    """Move the clock on to each thing that comes to an end by itself; return what does not."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        await until_nothing_is_due(db, evidence, havoc.running.clock, patience)
        now = havoc.running.clock()
        row = await db.fetchrow(DUE, evidence.network_id, now, list(STANDING))
        assert row is not None
        if row["next"] is None:
            return []
        # two minutes at once: retries and ends of offers lie close together
        havoc.move(max(0.0, (row["next"] - now).total_seconds()) + 120)
    left = await db.fetch(
        "SELECT kind || ' ' || id || ' ' || at FROM due WHERE network_id = $1 AND kind <> ALL ($2)",
        evidence.network_id, list(STANDING),
    )  # fmt: skip
    return [row[0] for row in left]


async def until_nothing_is_due(
    db: asyncpg.Connection, evidence: Evidence, clock: MovedClock, patience: float
) -> None:
    """Wait until nothing was due for a second: longer than what is being done takes."""
    end, still = time.monotonic() + patience, 0
    while time.monotonic() < end and still < STILL:
        row = await db.fetchrow(DUE, evidence.network_id, clock(), [])
        assert row is not None
        still = 0 if row["due"] else still + 1
        await asyncio.sleep(1 / STILL)


def told_faults(evidence: Evidence, load: Load) -> dict[str, str]:
    """Return what was done, and what the clients met."""
    done = Counter(one.kind for one in evidence.faults)
    heard = Counter(f"{one.kind} {'taken' if one.taken else 'not taken'}" for one in evidence.heard)
    yes = [one.seconds for one in evidence.journal if one.what == "accept" and one.promised]
    found = Findings()
    found.time("a yes answered, all in all", yes)
    load_now, cores = os.getloadavg()[0], os.cpu_count()
    return {
        **found.figures,
        "machine": f"{cores} cores, load {load_now:.1f} in the end, seconds of more than "
        f"{CROWDED:.0f} for each core: {len(evidence.crowded)}",
        "faults": ", ".join(f"{kind} {count}" for kind, count in sorted(done.items())) or "none",
        "arrived": ", ".join(f"{kind} {count}" for kind, count in sorted(heard.items())),
        "refused or repeated": ", ".join(f"{k} {n}" for k, n in sorted(load.codes.items())),
    }


@contextlib.asynccontextmanager
async def superuser(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Give a line to the database that sees every row."""
    db = await asyncpg.connect(url)
    try:
        yield db
    finally:
        await db.close()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that every account may walk to, in memory where the system has that."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    made = Path(tempfile.mkdtemp(prefix="faults-", dir=memory))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def main() -> int:
    """Run with the options of the command line; print the table; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="faults.run")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2.0)
    parser.add_argument("--no-kills", action="store_true")
    parser.add_argument("--calm", action="store_true", help="no fault at all")
    given = parser.parse_args()
    options = Options(
        seconds=given.seconds, seed=given.seed, rate=given.rate, kills=not given.no_kills,
        calm=given.calm, patience=600,
    )  # fmt: skip
    findings = asyncio.run(fault_run(options))
    sys.stdout.write(f"| seed {options.seed}, {options.seconds:.0f} s | |\n|---|---|\n")
    for name, value in findings.figures.items():
        sys.stdout.write(f"| {name} | {value} |\n")
    for one in findings.complaints:
        sys.stdout.write(f"WRONG: {one}\n")
    sys.stdout.write("nothing is wrong\n" if not findings.complaints else "")
    return 1 if findings.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
