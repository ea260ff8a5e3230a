"""Runs a simulation: every policy on a copy of the same network, and the optimum beside them."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias, TypeVar

import msgspec
import uvloop

from interpreters.application.calls import run
from interpreters.database import open_pool
from interpreters.domain.answering import Habits
from interpreters.domain.demand import RosterName, draw_demand
from interpreters.domain.draws import Draws
from interpreters.domain.simulation_metrics import Metrics
from interpreters.embedded.copies import copied_database
from interpreters.settings import Settings
from interpreters.simulation.acts import Acts
from interpreters.simulation.cast import add_people, set_rules
from interpreters.simulation.course import Course
from interpreters.simulation.crews import Crew, crew_of
from interpreters.simulation.figures import figures_of
from interpreters.simulation.optimum import optimum_of
from interpreters.simulation.playing import Play, Player
from interpreters.simulation.policies import RULES, PolicyName, Rules
from interpreters.simulation.stage import Stage, run_server, set_stage

Progress: TypeAlias = Callable[[int, int], None]
Name = TypeVar("Name", bound=str)


class Best(msgspec.Struct, frozen=True, kw_only=True):
    """The clairvoyant's: what share was filled, how many, and the bound of the relaxation."""

    fill: float
    filled: int
    bound: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints. `assumptions` are the people's habits."""

    roster: str
    requests: int
    seed: int
    interpreters: int
    assumptions: Habits
    policies: dict[PolicyName, Metrics]
    optimum: Best


def play_of(
    *, roster: RosterName, requests: int, seed: int, habits: Habits, crew: Crew | None = None
) -> Play:
    """Return what is to be played."""
    known, draws = crew or crew_of(roster), Draws(seed)
    demand = draw_demand(shape=known.shape, market=known.market, count=requests, draws=draws)
    return Play(crew=known, demand=demand, habits=habits, draws=draws)


def simulate(play: Play, settings: Settings, *, progress: Progress) -> Report:
    """Play the demand against each policy, and say what would have been the most.

    `progress` hears how many requests have begun, over all policies, and of how many.

    Raises:
        Trouble: the database server does not start.
    """
    figures = compare(play, settings, variants=RULES, progress=progress)
    return Report(
        roster=play.crew.roster,
        requests=len(play.demand),
        seed=play.draws.seed,
        interpreters=len(play.crew.people),
        assumptions=play.habits,
        policies=figures,
        optimum=_best(play, figures.values()),
    )


def compare(
    play: Play, settings: Settings, *, variants: Mapping[Name, Rules], progress: Progress
) -> dict[Name, Metrics]:
    """Play the demand against each set of rules, on copies of one network, and count.

    Raises:
        Trouble: the database server does not start.
    """
    with run_server(settings) as server:
        stage = uvloop.run(set_stage(server, play.crew))
        counted = Counted(progress, len(play.demand) * len(variants))
        played = uvloop.run(_play_all(stage, play, variants, counted))
    return {name: figures_of(play, stage.cast, courses) for name, courses in played.items()}


class Counted:
    """Counts what has begun, and tells it."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress = progress
        self.total = total
        self.done = 0
        progress(0, total)

    def __call__(self) -> None:
        self.done += 1
        self.progress(self.done, self.total)


async def _play_all(
    stage: Stage, play: Play, variants: Mapping[Name, Rules], counted: Callable[[], None]
) -> dict[Name, list[Course]]:
    played = await asyncio.gather(
        *(play_once(stage, play, name, rules, counted) for name, rules in variants.items())
    )
    return dict(zip(variants, played, strict=True))


async def play_once(
    stage: Stage,
    play: Play,
    name: str,
    rules: Rules,
    counted: Callable[[], None],
) -> list[Course]:
    """Play once, in a copy of the stage's network of that name; who is not there yet is added."""
    with copied_database(stage.server, name) as url:
        pool = await open_pool(url, vault=stage.vault, size=1, durable=False)
        try:
            begins = play.demand[0].asked_at
            await run(
                pool,
                stage.cast.network_id,
                lambda db: set_rules(db, stage.cast, rules=rules, now=begins),
            )
            added = play.crew.people[len(stage.cast.people) :]
            cast = await run(
                pool,
                stage.cast.network_id,
                lambda db: add_people(db, stage.cast, added, shape=play.crew.shape, now=begins),
            )
            return await Player(play, Acts(pool, cast), counted).run()
        finally:
            await pool.close()


def _best(play: Play, figures: Iterable[Metrics]) -> Best:
    """The assignment's, or a policy's where it did better: whoever sees all could do the same."""
    optimum = optimum_of(play)
    filled = max([optimum.filled, *(one.filled for one in figures)])
    return Best(
        fill=round(filled / len(play.demand), 4),
        filled=filled,
        bound=round(max(optimum.bound, filled) / len(play.demand), 4),
    )
