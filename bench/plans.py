"""`make bench-plans`: planning together, measured on made-up weeks; fails where a target is missed."""

import sys
import time
from typing import Final

from interpreters.domain.plan_solving import solve, solve_beside
from interpreters.domain.planning import SPREAD
from made_plans import question

SECONDS: Final = 10.0  # of one core, for ten thousand requests of twenty candidates
GAP: Final = 0.01
SIZES: Final = (
    (1_000, 600, 7), (1_000, 60, 7), (10_000, 6_000, 28), (10_000, 1_500, 28), (10_000, 400, 28),
)  # fmt: skip
FAIRNESS: Final = (0, 5, 15, 30)  # weights, of 100


def main() -> int:
    """Print both tables; return 1 when a target was missed."""
    missed = False
    print("| open requests | people | days | in order of arrival | scarcest first | together | "
          "at most | gap | seconds |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for requests, people, days in SIZES:
        asked = question(requests=requests, people=people, days=days)
        began = time.process_time()
        answer = solve(asked)
        took = time.process_time() - began
        beside = solve_beside(asked)
        missed |= took > SECONDS or answer.gap > GAP
        print(
            f"| {requests:,} | {people:,} | {days} | {beside.arrival_order:,} "
            f"| {beside.scarcest_first:,} | {len(answer.chosen):,} | {answer.most_seats:,} "
            f"| {answer.gap:.4%} | {took:.1f} |",
            flush=True,
        )
    print()
    print("| fairness weight | filled | sum of scores | most hours of one person |")
    print("|---|---|---|---|")
    for weight in FAIRNESS:
        asked = question(requests=1_000, people=300, days=7, spread=SPREAD * weight)
        chosen = [asked.options[one] for one in solve(asked).chosen]
        hours: dict[int, float] = {}
        for one in chosen:
            hours[one.person] = hours.get(one.person, 0) + asked.jobs[one.job].minutes / 60
        points = sum(one.worth for one in chosen) / 10
        print(f"| {weight} | {len(chosen)} | {points:,.0f} | {max(hours.values()):.1f} |")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
