"""`python -m interpreters.simulation DOCUMENTS PICTURE`: writes the tables of documents anew.

One command for everything that docs/simulation.md tells: all three networks, with several seeds,
other settings, the picture, and how many must be on call. The same seeds write the same bytes.
"""

import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from interpreters.domain.answering import Habits
from interpreters.domain.charts import Chart, Series, svg
from interpreters.domain.demand import ROSTERS, RosterName
from interpreters.domain.erlang import on_call
from interpreters.domain.simulation_metrics import Metrics
from interpreters.sample.progress import shown_progress
from interpreters.settings import load_or_exit
from interpreters.simulation.documents import put_between
from interpreters.simulation.policies import FAIRNESS, SETTINGS, with_fairness
from interpreters.simulation.running import Report, compare, play_of, simulate
from interpreters.simulation.spreads import misses_markdown, seeds_markdown, settings_markdown
from interpreters.simulation.tables import NAMES, as_markdown, fairness_markdown

REQUESTS: Final = 1000
SEEDS: Final = (1, 2, 3)
SETTLED: Final[Sequence[RosterName]] = ("centre", "court")  # where other settings are tried
WILLING: Final = 0.7  # a centre whose people say yes more often: how much hangs on that
CALLS: Final = (2, 5, 10, 20, 50, 100, 500)
LENGTH: Final = timedelta(minutes=15)


def main(arguments: Sequence[str]) -> None:
    """Write the tables between the marks of the documents, and the picture, which is named last."""
    *documents, picture = (Path(one) for one in arguments)
    reports = [_report(roster, Habits(), seed) for roster in ROSTERS for seed in SEEDS]
    first = [one for one in reports if one.seed == SEEDS[0]]
    tables = {
        "policies": as_markdown(first),
        "seeds": seeds_markdown(reports),
        "misses": misses_markdown(reports),
        "settings": settings_markdown(reports, {roster: _settings(roster) for roster in SETTLED}),
        "willing": as_markdown([_report("centre", Habits(acceptance=WILLING), SEEDS[0])]),
        "fairness": fairness_markdown(_fairness()),
        "on call": _on_call(),
    }
    for one in documents:
        one.write_text(put_between(one.read_text(encoding="utf-8"), tables), encoding="utf-8")
    picture.write_text(svg(_chart(first)) + "\n", encoding="utf-8")


def _report(roster: RosterName, habits: Habits, seed: int) -> Report:
    play = play_of(roster=roster, requests=REQUESTS, seed=seed, habits=habits)
    with shown_progress(sys.stderr, f"Playing {roster}, seed {seed}") as progress:
        return simulate(play, load_or_exit(), progress=progress)


def _settings(roster: RosterName) -> list[dict[str, Metrics]]:
    """Other settings, with each of the seeds."""
    variants = {name: rules for name, (_, rules) in SETTINGS.items()}
    found = []
    for seed in SEEDS:
        play = play_of(roster=roster, requests=REQUESTS, seed=seed, habits=Habits())
        with shown_progress(sys.stderr, f"Playing settings, {roster}, seed {seed}") as progress:
            found.append(compare(play, load_or_exit(), variants=variants, progress=progress))
    return found


def _fairness() -> dict[str, Metrics]:
    """The centre with more and less weight on fairness."""
    play = play_of(roster="centre", requests=REQUESTS, seed=SEEDS[0], habits=Habits())
    variants = {f"fairness_{points}": with_fairness(points) for points in FAIRNESS}
    with shown_progress(sys.stderr, "Playing fairness") as progress:
        return compare(play, load_or_exit(), variants=variants, progress=progress)


def _chart(reports: Sequence[Report]) -> Chart:
    """Offers for each booking: what the same fill costs in messages."""
    first = reports[0]
    return Chart(
        title="Offers for ten bookings",
        unit="offers",
        places=[one.roster for one in reports],
        series=[
            Series(
                name=NAMES[policy],
                values=[
                    None
                    if (each := one.policies[policy].offers_per_booking) is None
                    else round(each * 10)
                    for one in reports
                ],
            )
            for policy in first.policies
        ],
    )


def _on_call() -> str:
    lines = ["| calls an hour | 80 % in 30 s | busy | 95 % in 60 s |", "|---:|---:|---:|---:|"]
    for calls in CALLS:
        usual, strict = (
            on_call(calls_an_hour=calls, length=LENGTH, share=share, within=within)
            for share, within in ((0.8, timedelta(seconds=30)), (0.95, timedelta(seconds=60)))
        )
        busy = f"{usual.occupancy:.0%}".replace("%", " %")
        lines.append(f"| {calls} | {usual.people} | {busy} | {strict.people} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
