"""The short form of the fault run: some seconds of everything, with a seed of its own each day."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest

from faults.run import Options, fault_run

pytestmark = pytest.mark.anyio
SEED: Final = int(os.environ.get("FAULTS_SEED", datetime.now(UTC).strftime("%Y%m%d")))
# Other work on the machine is not ours to judge: the long form holds losers' mails to 5 s.
SHORT: Final = Options(seconds=11, seed=SEED, rate=1.2, people=18, webs=1, prompt=30)


async def test_nothing_is_lost_doubled_or_forgotten_whatever_is_killed() -> None:
    findings = await fault_run(SHORT)
    assert findings.complaints == [], f"with the seed {SEED}: {findings.figures}"


async def test_nothing_is_said_twice_where_nothing_is_killed() -> None:
    findings = await fault_run(replace(SHORT, seconds=6, kills=False))
    assert findings.complaints == [], f"with the seed {SEED}: {findings.figures}"
