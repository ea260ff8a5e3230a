"""Reports as tables: every figure under its name, and what never happens as a dash."""

from interpreters.domain.answering import Habits
from interpreters.domain.simulation_metrics import Metrics, Told, Worked, metrics_of
from interpreters.simulation.advice import Advice, OnCallNeed, Staffing
from interpreters.simulation.policies import SETTINGS
from interpreters.simulation.running import Best, Report
from interpreters.simulation.spreads import (
    misses_markdown,
    seeds_markdown,
    settings_markdown,
    spread,
)
from interpreters.simulation.tables import (
    as_markdown,
    as_text,
    fairness_markdown,
    staffing_text,
)

HELD = Told(
    urgent=False, outcome="held", filled=True, offers=8, bookings=2, too_late=1, yes_minutes=7.25,
    km=30.0, in_person_hours=2.0, points=61.25,
)  # fmt: skip
MISSED = Told(
    urgent=True, outcome="unfilled", filled=False, offers=2, bookings=0, too_late=0,
    yes_minutes=None,
)  # fmt: skip


def figures() -> Metrics:
    return metrics_of([HELD, HELD, MISSED], [Worked(hours=2, available=40)])


def report() -> Report:
    return Report(
        roster="centre", requests=3, seed=7, interpreters=31, assumptions=Habits(),
        policies={"ladder": figures(), "one_by_one": figures()},
        optimum=Best(fill=1.0, filled=3, bound=1.0),
    )  # fmt: skip


def row(text: str, start: str) -> list[str]:
    found = next(line for line in text.splitlines() if line.startswith(start))
    return found.removeprefix(start).split()


def test_a_terminal_reads_each_figure_for_each_policy() -> None:
    text = as_text(report())
    assert text.startswith("3 requests to 31 interpreters (centre), seed 7, 0.40 would say yes")
    assert row(text, "fill") == ["0.667", "0.667"]
    assert row(text, "offers per booking") == ["4.5", "4.5"]  # (8 + 8 + 2) / 4
    assert row(text, "urgent p50 / p90") == ["-", "/", "-"] * 2
    assert row(text, "planned p50 / p90")[:3] == ["7.2", "/", "7.2"]
    assert row(text, "km per hour in person") == ["15.0", "15.0"]
    assert text.endswith("The most that could be filled: 1.000 (bound 1.000)\n")


def test_a_document_has_a_row_for_each_policy_and_the_optimum() -> None:
    lines = as_markdown([report()]).splitlines()
    assert len(lines) == 5
    assert {line.count("|") for line in lines} == {lines[0].count("|")}
    assert lines[2].startswith("| centre | ladder | 0.667 |")
    assert lines[3].startswith("| centre | one by one |")
    assert lines[4].startswith("| centre | *optimum* | 1.000 |")


def test_fairness_has_a_row_for_each_weight() -> None:
    lines = fairness_markdown({"fairness_0": figures(), "fairness_18": figures()}).splitlines()
    assert lines[2].startswith("| 0 | 0.667 | 61.2 |")
    assert lines[3].startswith("| 18 |")


def test_several_seeds_are_a_mean_between_the_least_and_the_most() -> None:
    assert spread([0.7, 0.8, 0.75], 2) == "0.75 (0.70 to 0.80)"
    assert spread([3.0, 3.0], 1) == "3.0"
    assert spread([3.0, None], 1) == "-"  # one of them waited for ever


def test_seeds_and_misses_have_a_row_for_each_policy() -> None:
    for text in (seeds_markdown([report(), report()]), misses_markdown([report()])):
        lines = text.splitlines()
        assert len(lines) == 4
        assert {line.count("|") for line in lines} == {lines[0].count("|")}
    row_of_ladder = seeds_markdown([report(), report()]).splitlines()[2]
    assert row_of_ladder.startswith("| centre | ladder | 0.667 | 0.667 | 4.5 | 0.50 | - | 7.2 |")


def test_other_settings_stand_below_the_usual_ones() -> None:
    others = dict.fromkeys(SETTINGS, figures())
    lines = settings_markdown([report()], {"centre": [others]}).splitlines()
    assert [line.split("|")[2].strip() for line in lines[2:]] == [
        "usual", "threshold 0.60", "threshold 0.70", "threshold 0.95", "gaps halved",
        "gaps doubled",
    ]  # fmt: skip


def test_advice_names_languages_hours_and_how_many_more() -> None:
    found = Staffing(
        roster="centre", requests=300, seed=1, filled=210, fill=0.7,
        advice=[
            Advice(
                language="prs", second_language="pus", city="Riga", unfilled=9, more_filled=5,
                fill=0.7167, weekly=[{"day": "mon", "from": "10:00", "to": "16:00"}],
            )
        ],
        on_call=[
            OnCallNeed(
                language=None, hour=10, calls_an_hour=2.0, minutes=15.0, people=2, in_time=0.93
            )
        ],
    )  # fmt: skip
    text = staffing_text(found)
    assert text.startswith("210 of 300 requests filled (centre, seed 1)")
    assert row(text, "+5") == ["Dari", "and", "Pashto", "Riga", "mon", "10:00-16:00", "9"]
    assert row(text, "all together") == ["10:00", "2.00", "2", "0.930"]
