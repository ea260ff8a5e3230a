"""Tables over several seeds: what differs by chance alone is seen beside what does not."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from interpreters.domain.simulation_metrics import Metrics
from interpreters.simulation.policies import SETTINGS
from interpreters.simulation.running import Best, Report
from interpreters.simulation.tables import NAMES, shown

USUAL: Final = "usual"


class Played(NamedTuple):
    """One policy's figures with one seed, beside the most that could be filled."""

    metrics: Metrics
    best: Best


Figure = Callable[[Played], float | None]
Column = tuple[str, Figure, int]
FILL: Final[Sequence[Column]] = (
    ("fill", lambda one: one.metrics.fill, 3),
    ("of the optimum", lambda one: one.metrics.filled / max(1, one.best.filled), 3),
    ("offers per booking", lambda one: one.metrics.offers_per_booking, 1),
    ("too late per booking", lambda one: one.metrics.too_late_per_booking, 2),
    ("urgent p50, min", lambda one: one.metrics.urgent.yes_p50_minutes, 1),
    ("planned p50, min", lambda one: one.metrics.planned.yes_p50_minutes, 1),
)
MISSES: Final[Sequence[Column]] = (
    ("offers in vain", lambda one: one.metrics.offers_in_vain, 3),
    ("requests of a crowd", lambda one: one.metrics.crowd.requests, 0),
    ("offers per booking there", lambda one: one.metrics.crowd.offers_per_booking, 1),
    ("urgent", lambda one: one.metrics.urgent.requests, 0),
    ("of them filled", lambda one: one.metrics.urgent.fill, 3),
    ("p50 of those with a yes, min", lambda one: one.metrics.urgent.answered_p50_minutes, 1),
    ("busy", lambda one: one.metrics.missed["busy"], 0),
    ("answered late", lambda one: one.metrics.missed["answered_late"], 0),
    ("other", lambda one: one.metrics.missed["other"], 0),
)


def seeds_markdown(reports: Iterable[Report]) -> str:
    """Return each policy's mean over the seeds, with the least and the most."""
    return _table("policy", FILL, _by_policy(reports))


def misses_markdown(reports: Iterable[Report]) -> str:
    """Return what the offers went to, and why requests were missed."""
    return _table("policy", MISSES, _by_policy(reports))


def settings_markdown(
    reports: Iterable[Report], others: Mapping[str, Sequence[Mapping[str, Metrics]]]
) -> str:
    """Return other settings beside the usual ones; `others` by roster, in the reports' order."""
    rows: dict[tuple[str, str], list[Played]] = {}
    by_roster: defaultdict[str, list[Report]] = defaultdict(list)
    for one in reports:
        by_roster[one.roster].append(one)
    for roster, played in others.items():
        own = by_roster[roster]
        rows[roster, USUAL] = [Played(one.policies["ladder"], one.optimum) for one in own]
        for name, (title, _) in SETTINGS.items():
            rows[roster, title] = [
                Played(each[name], one.optimum) for one, each in zip(own, played, strict=True)
            ]
    return _table("setting", FILL, rows)


def spread(values: Sequence[float | None], digits: int) -> str:
    """Return the mean, and the least and the most where they differ; a dash where one is none."""
    known = [one for one in values if one is not None]
    if not known or len(known) < len(values):
        return "-"
    mean, least, most = (
        shown(one, digits) for one in (sum(known) / len(known), min(known), max(known))
    )
    return mean if least == most else f"{mean} ({least} to {most})"


def _by_policy(reports: Iterable[Report]) -> dict[tuple[str, str], list[Played]]:
    rows: defaultdict[tuple[str, str], list[Played]] = defaultdict(list)
    for one in reports:
        for name, metrics in one.policies.items():
            rows[one.roster, NAMES[name]].append(Played(metrics, one.optimum))
    return rows


def _table(
    what: str, columns: Sequence[Column], rows: Mapping[tuple[str, str], Sequence[Played]]
) -> str:
    lines = [
        f"| roster | {what} | " + " | ".join(title for title, _, _ in columns) + " |",
        "|---|---|" + "---:|" * len(columns),
    ]
    for (roster, name), played in rows.items():
        cells = [spread([figure(one) for one in played], digits) for _, figure, digits in columns]
        lines.append(f"| {roster} | {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
