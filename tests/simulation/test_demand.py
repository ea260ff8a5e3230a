"""Made-up demand: as often, as long and as early as its sources say."""

from datetime import timedelta

import pytest

from interpreters.domain.demand import ROSTERS, Asked, RosterName, draw_demand, shapes
from interpreters.domain.draws import Draws
from interpreters.domain.eligibility import Person, mode_for
from interpreters.domain.windows import at_place
from interpreters.simulation.crews import Crew, crew_of

MANY = 4000
CREWS = {name: crew_of(name) for name in ROSTERS}


def drawn(crew: Crew, *, count: int = MANY, seed: int = 3) -> list[Asked]:
    return draw_demand(shape=crew.shape, market=crew.market, count=count, draws=Draws(seed))


DEMAND = {name: drawn(crew) for name, crew in CREWS.items()}


def share(name: RosterName, condition: str) -> float:
    return sum(bool(getattr(one, condition)) for one in DEMAND[name]) / MANY


def test_the_same_seed_draws_the_same_and_another_draws_another() -> None:
    crew = CREWS["centre"]
    assert drawn(crew, count=50) == drawn(crew, count=50)
    assert drawn(crew, count=50) != drawn(crew, count=50, seed=4)


@pytest.mark.parametrize("name", ROSTERS)
def test_everything_is_asked_for_before_it_begins(name: RosterName) -> None:
    early = [one for one in DEMAND[name] if not one.starts_now]
    assert all(one.asked_at < one.starts_at for one in early)
    assert all(one.asked_at == one.starts_at for one in DEMAND[name] if one.starts_now)
    assert [one.asked_at for one in DEMAND[name]] == sorted(one.asked_at for one in DEMAND[name])


@pytest.mark.parametrize("name", ROSTERS)
def test_what_is_wanted_now_is_by_phone_or_video(name: RosterName) -> None:
    assert not any("in_person" in one.modes for one in DEMAND[name] if one.starts_now)


@pytest.mark.parametrize(("name", "a_month"), [("centre", 109), ("court", 1400), ("city", 1832)])
def test_as_much_is_asked_in_a_month_as_the_sources_say(name: RosterName, a_month: int) -> None:
    starts = [one.starts_at for one in DEMAND[name]]
    months = (max(starts) - min(starts)) / timedelta(days=30.4375)
    assert MANY / months == pytest.approx(a_month, rel=0.08)


def test_the_centre_meets_in_person_in_56_of_a_hundred() -> None:
    first = [one.modes[0] for one in DEMAND["centre"]]
    assert first.count("in_person") / MANY == pytest.approx(0.56, abs=0.06)


def test_the_city_meets_in_person_in_27_of_a_hundred() -> None:
    # What is wanted now cannot be in person, so a little less.
    first = [one.modes[0] for one in DEMAND["city"]]
    assert first.count("in_person") / MANY == pytest.approx(0.27, abs=0.07)


def test_a_session_in_person_in_the_city_takes_seventy_minutes() -> None:
    there = [one.minutes for one in DEMAND["city"] if one.modes[0] == "in_person"]
    assert sum(there) / len(there) == pytest.approx(70, rel=0.05)


def test_a_call_in_the_city_takes_a_quarter_of_an_hour() -> None:
    calls = [one.minutes for one in DEMAND["city"] if one.modes[0] == "phone"]
    assert sum(calls) / len(calls) == pytest.approx(14, rel=0.12)


@pytest.mark.parametrize("name", ROSTERS)
def test_most_begins_at_the_peaks(name: RosterName) -> None:
    zone = CREWS[name].shape.time_zone
    hours = [at_place(instant=one.starts_at, time_zone=zone).hour for one in DEMAND[name]]
    peak = sum(hour in (10, 11, 12, 13, 14) for hour in hours)
    assert peak / MANY > 0.5 or hours.count(9) + hours.count(10) > 0.6 * MANY


@pytest.mark.parametrize("name", ["centre", "court"])
def test_offices_do_not_work_at_weekends(name: RosterName) -> None:
    zone = CREWS[name].shape.time_zone
    days = {at_place(instant=one.starts_at, time_zone=zone).weekday() for one in DEMAND[name]}
    assert days == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("name", ROSTERS)
def test_four_clients_of_a_hundred_stay_away(name: RosterName) -> None:
    assert 1 - share(name, "client_comes") == pytest.approx(0.04, abs=0.012)


@pytest.mark.parametrize("name", ROSTERS)
def test_some_is_called_off_between_asking_and_the_start(name: RosterName) -> None:
    gone = [one for one in DEMAND[name] if one.called_off_at is not None]
    assert len(gone) / MANY == pytest.approx(CREWS[name].shape.called_off, abs=0.03)
    assert all(one.asked_at <= (one.called_off_at or one.asked_at) < one.starts_at for one in gone)


def test_clients_come_1_8_times() -> None:
    assert MANY / len({one.client for one in DEMAND["centre"]}) == pytest.approx(1.8, rel=0.25)


@pytest.mark.parametrize("name", ROSTERS)
def test_languages_have_a_long_tail_and_some_that_nobody_speaks(name: RosterName) -> None:
    crew = CREWS[name]
    asked = [one.language for one in DEMAND[name]]
    counts = sorted((asked.count(code) for code in set(asked)), reverse=True)
    assert counts[0] > 5 * counts[len(counts) // 2]
    spoken = {code for person in crew.people for code in person.spoken}
    unknown = sum(code not in spoken for code in asked) / MANY
    assert unknown == pytest.approx(crew.shape.unknown, abs=0.012)


@pytest.mark.parametrize(("name", "people"), [("centre", 31), ("court", 200), ("city", 300)])
def test_so_many_interpret(name: RosterName, people: int) -> None:
    crew = CREWS[name]
    assert len(crew.people) == people
    assert [one.number for one in crew.people] == list(range(people))
    assert f"{people} interpreters" in crew.shape.about


def test_the_centre_has_eighteen_languages_in_five_places() -> None:
    market = CREWS["centre"].market
    assert len(market.languages) == 18
    assert len({one.name for one in market.places}) == 5


def test_the_shapes_are_read_whole() -> None:
    assert set(shapes()) == set(ROSTERS)


def a_person(**changes: object) -> Person:
    usual: dict[str, object] = {
        "number": 0, "name": "Somebody", "gender": "female", "city": "Riga", "latitude": 56.95,
        "longitude": 24.11, "radius_km": 50, "qualification": "trained",
        "languages": (("prs", "native"),),
    }  # fmt: skip
    return Person(**{**usual, **changes})  # type: ignore[arg-type]  # the fields' own types


def wish(**changes: object) -> Asked:
    first = next(one for one in DEMAND["centre"] if not one.is_urgent)
    fields = {name: getattr(first, name) for name in first.__struct_fields__}
    usual = {"language": "prs", "modes": ("in_person",), "gender": None, "certified": False}
    return Asked(**{**fields, **usual, **changes})


RIGA = next(one for one in CREWS["centre"].market.places if one.name == "Riga")
LIEPAJA = next(one for one in CREWS["centre"].market.places if one.name == "Liepāja")


def test_who_speaks_it_and_lives_near_can_come() -> None:
    assert mode_for(a_person(), wish(), RIGA) == "in_person"
    assert mode_for(a_person(), wish(language="pus"), RIGA) is None


def test_who_lives_too_far_can_only_telephone() -> None:
    assert mode_for(a_person(), wish(), LIEPAJA) is None
    assert mode_for(a_person(), wish(modes=("in_person", "phone")), LIEPAJA) == "phone"
    assert mode_for(a_person(radius_km=250), wish(), LIEPAJA) == "in_person"


def test_wishes_that_are_strict_take_people_out() -> None:
    assert mode_for(a_person(), wish(gender="male"), RIGA) is None
    assert mode_for(a_person(), wish(certified=True), RIGA) is None
    assert mode_for(a_person(qualification="certified"), wish(certified=True), RIGA) is not None


def test_who_takes_nothing_urgent_is_not_asked_for_it() -> None:
    soon = wish(starts_now=True, modes=("phone",))
    assert mode_for(a_person(urgent=False), soon, RIGA) is None
    assert mode_for(a_person(urgent=False), wish(), RIGA) == "in_person"
