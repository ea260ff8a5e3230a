"""`simulate`: the product's dispatch on made-up demand, beside other policies and the optimum."""

import sys
from typing import Annotated

import msgspec
import typer

from interpreters.cli.options import chosen
from interpreters.domain.answering import Habits
from interpreters.domain.demand import ROSTERS, RosterName
from interpreters.sample.progress import shown_progress
from interpreters.simulation.running import play_of, simulate
from interpreters.simulation.tables import as_text

app = typer.Typer(add_completion=False)


@app.command()
def main(
    *,
    requests: Annotated[int, typer.Option(help="How many are asked.", min=1, max=100_000)] = 1000,
    roster: Annotated[RosterName, typer.Option(help="Which network.")] = ROSTERS[0],
    seed: Annotated[int, typer.Option(help="The same seed draws the same.", min=0)] = 1,
    acceptance: Annotated[
        float, typer.Option(help="How many of those asked would say yes.", min=0.01, max=0.99)
    ] = 0.4,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Play the demand through the product's own use-cases, in a database of its own.

    Prints for each policy what was filled, how soon and with how many offers, beside the most that
    could have been filled by somebody who sees the future. Assumptions: docs/simulation.md.
    """
    play = play_of(
        roster=roster, requests=requests, seed=seed, habits=Habits(acceptance=acceptance)
    )
    with shown_progress(sys.stderr, "Playing") as progress:
        report = simulate(play, chosen(), progress=progress)
    sys.stdout.write(
        msgspec.json.format(msgspec.json.encode(report)).decode() + "\n"
        if as_json
        else as_text(report)
    )
