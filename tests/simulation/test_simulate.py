"""A small simulation from the command line, through the real use-cases: its shape and its laws."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from interpreters.cli.commands import main

ARGUMENTS = ["simulate", "--requests", "60", "--roster", "centre", "--seed", "11", "--json"]
POLICIES = ("ladder", "broadcast", "one_by_one")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> "subprocess.CompletedProcess[str]":
    """What the command prints, run as people run it, from anywhere."""
    return subprocess.run(
        [sys.executable, "-m", "interpreters", *ARGUMENTS],
        check=True, capture_output=True, text=True, cwd=tmp_path_factory.mktemp("anywhere"),
        env={name: value for name, value in os.environ.items() if name != "INTERPRETERS_DEMO"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def report(said: "subprocess.CompletedProcess[str]") -> Any:
    return json.loads(said.stdout)


def test_each_policy_has_the_published_figures(report: Any) -> None:
    assert tuple(report["policies"]) == POLICIES
    for figures in report["policies"].values():
        assert 0 < figures["fill"] <= 1
        assert 0 < figures["success_rate_uk"] <= 1
        assert figures["offers_per_booking"] >= 1
        assert figures["yes_p50_minutes"] > 0
        assert figures["yes_p90_minutes"] is None or figures["yes_p90_minutes"] > 0
        assert 0 <= figures["gini"] <= 1
        assert figures["requests"] == 60
        counted = ("held", "client_no_shows", "interpreter_no_shows", "cancelled", "unfilled")
        assert sum(figures[name] for name in counted) == 60


def test_nobody_fills_more_than_who_sees_the_future(report: Any) -> None:
    best = report["optimum"]
    assert best["fill"] <= best["bound"] <= 1
    assert all(figures["fill"] <= best["fill"] for figures in report["policies"].values())


def test_asking_everybody_takes_most_offers_and_one_by_one_fewest(report: Any) -> None:
    offers = [report["policies"][name]["offers_per_booking"] for name in POLICIES]
    assert offers[2] < offers[0] <= offers[1]


def test_the_same_seed_prints_the_same_bytes(
    said: "subprocess.CompletedProcess[str]", capsys: pytest.CaptureFixture[str]
) -> None:
    main_without_exit(ARGUMENTS)
    assert capsys.readouterr().out == said.stdout


def test_how_far_it_is_goes_to_stderr(said: "subprocess.CompletedProcess[str]") -> None:
    assert "180 of 180" in said.stderr
    assert said.stdout.startswith("{")


def main_without_exit(arguments: list[str]) -> None:
    """Run the command here; the command line ends with an exit, by its nature."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
