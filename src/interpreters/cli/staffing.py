"""`staffing`: whom to look for, and how many must be on call, from a simulation."""

import sys
from typing import Annotated

import msgspec
import typer

from interpreters.cli.options import chosen
from interpreters.domain.answering import Habits
from interpreters.domain.demand import ROSTERS, RosterName
from interpreters.sample.progress import shown_progress
from interpreters.simulation.advice import advise
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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Play the demand as it is, and again with one more interpreter, for several who might be.

    Prints which languages, where and with which hours would have filled how many more, and how
    many must be on call for what is wanted at once (Erlang C). Assumptions: docs/simulation.md.
    """
    play = play_of(
        roster=roster, requests=requests, seed=seed, habits=Habits(acceptance=acceptance)
    )
    with shown_progress(sys.stderr, "Playing") as progress:
        found = advise(play, chosen(), most=candidates, progress=progress)
    sys.stdout.write(
        msgspec.json.format(msgspec.json.encode(found)).decode() + "\n"
        if as_json
        else staffing_text(found)
    )
