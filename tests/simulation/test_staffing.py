"""Whom to look for: one more person, played again."""

import json

import pytest

from interpreters.cli.commands import main
from interpreters.domain.answering import Habits
from interpreters.simulation.advice import on_call_needs
from interpreters.simulation.running import play_of


def test_one_more_interpreter_fills_what_stayed_unfilled(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["staffing", "--requests", "40", "--candidates", "1", "--seed", "11", "--json"]
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    found = json.loads(capsys.readouterr().out)
    assert ended.value.code == 0
    (advice,) = found["advice"]
    assert advice["unfilled"] >= 1
    assert advice["more_filled"] == round(advice["fill"] * 40) - found["filled"]
    assert advice["language"] != advice["second_language"]
    assert {"day", "from", "to"} == set(advice["weekly"][0])


def test_what_is_wanted_at_once_says_how_many_must_be_on_call() -> None:
    play = play_of(roster="city", requests=1000, seed=1, habits=Habits())
    together, *each = on_call_needs(play)
    assert together.language is None
    assert together.people >= 1
    assert together.in_time >= 0.8
    # One queue for all needs fewer than a queue for each (pooling).
    assert together.people < sum(one.people for one in each)
    assert len(each) == len({one.language for one in play.demand if one.starts_now})


def test_where_nothing_is_wanted_at_once_nobody_must_be() -> None:
    assert on_call_needs(play_of(roster="court", requests=100, seed=1, habits=Habits())) == []
