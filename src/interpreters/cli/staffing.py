"""`staffing`: whom to look for, and how many must be on call, from a simulation."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from interpreters.cli.named import in_network
from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import reached
from interpreters.database import GONE, Db
from interpreters.domain.answering import Habits
from interpreters.domain.demand import ROSTERS, RosterName
from interpreters.domain.draws import Draws
from interpreters.embedded.trouble import Trouble
from interpreters.sample.progress import shown_progress
from interpreters.secret_keys import WrongKeys
from interpreters.settings import Settings
from interpreters.simulation.advice import advise
from interpreters.simulation.history import Past, past_of
from interpreters.simulation.playing import Play
from interpreters.simulation.running import play_of
from interpreters.simulation.tables import staffing_text

app = typer.Typer(add_completion=False)


@app.command()
def main(
    *,
    requests: Annotated[int, typer.Option(help="How many are asked.", min=1, max=100_000)] = 300,
    roster: Annotated[RosterName, typer.Option(help="Which network.")] = ROSTERS[0],
    seed: Annotated[int, typer.Option(help="The same seed draws the same.", min=0)] = 1,
    candidates: Annotated[int, typer.Option(help="How many people to try.", min=1, max=50)] = 5,
    acceptance: Annotated[
        float, typer.Option(help="How many of those asked would say yes.", min=0.01, max=0.99)
    ] = 0.4,
    network: Annotated[
        str | None,
        typer.Option(help="A network's own past instead: its name or id, where it runs."),
    ] = None,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Play the demand as it is, and again with one more interpreter, for several who might be.

    The demand is drawn, or with --network it is what that network was asked for last.

    Prints which languages, where and with which hours would have filled how many more, and how
    many must be on call for what is wanted at once (Erlang C). Assumptions: docs/simulation.md.
    """
    habits = Habits(acceptance=acceptance)
    if network is None:
        play = play_of(roster=roster, requests=requests, seed=seed, habits=habits)
    else:
        settings = reached(chosen(data_dir=data_dir))
        play = _past(settings, network, requests, now=datetime.now(UTC), habits=habits, seed=seed)
    with shown_progress(sys.stderr, "Playing") as progress:
        found = advise(play, chosen(), most=candidates, progress=progress)
    sys.stdout.write(
        msgspec.json.format(msgspec.json.encode(found)).decode() + "\n"
        if as_json
        else staffing_text(found)
    )


def _past(
    settings: Settings, network: str, most: int, *, now: datetime, habits: Habits, seed: int
) -> Play:
    async def work(db: Db, network_id: UUID) -> Past:
        return await past_of(db, network_id=network_id, most=most, now=now)

    try:
        past = asyncio.run(in_network(settings, network, work))
    except WrongKeys as wrong:
        raise Trouble(str(wrong)) from wrong
    except (*GONE, RuntimeError) as error:
        raise Trouble(f"the database cannot be used: {error}") from error
    if not past.demand:
        raise Trouble("this network was not asked for anything yet that could be played")
    if past.left_out:
        sys.stderr.write(
            f"interpreters: {past.left_out} requests are left out: for several interpreters, "
            "without a site, or into another language\n"
        )
    return Play(crew=past.crew, demand=past.demand, habits=habits, draws=Draws(seed))
