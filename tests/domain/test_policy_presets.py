"""Published cancellation rules, each free to its last second and late from the next."""

from datetime import timedelta

import pytest

from calling_off import SECOND, at, booking
from interpreters.domain.cancellations import Called, free_until, late_rule, rules_errors
from interpreters.domain.policy_presets import policy_presets

SYDNEY = ("Australia/Sydney", "AU")
VANCOUVER = ("America/Vancouver", "CA")
PRESET_EDGES: list[tuple[str, Called, str]] = [
    ("tis-national", booking("2026-11-26 10:00", where=SYDNEY, minutes=389), "2026-11-25 10:00"),
    ("tis-national", booking("2026-11-26 10:00", where=SYDNEY, minutes=390), "2026-11-24 10:00"),
    ("tis-national", booking("2026-11-26 10:00", where=SYDNEY, km=99), "2026-11-25 10:00"),
    ("tis-national", booking("2026-11-26 10:00", where=SYDNEY, km=100), "2026-11-24 10:00"),
    ("region-skane", booking("2026-11-26 20:00"), "2026-11-26 02:00"),
    ("region-skane", booking("2026-11-26 20:00", mode="phone"), "2026-11-26 16:00"),
    ("region-skane", booking("2026-11-26 20:00", mode="video"), "2026-11-26 16:00"),
    ("swedish-state", booking("2026-11-26 10:00"), "2026-11-24 10:00"),
    # two full periods of 24 h on working days before Monday 10:00 begin on Thursday 10:00
    ("swedish-state", booking("2026-11-23 10:00"), "2026-11-19 10:00"),
    ("nav-norway", booking("2026-11-26 10:00", mode="phone"), "2026-11-24 09:59"),
    ("nav-norway", booking("2026-11-26 10:00", mode="video"), "2026-11-26 09:29"),
    ("grenland", booking("2026-11-26 10:00"), "2026-11-24 22:00"),
    # Thursday's session, two whole working days between: the notice is Monday's at the latest
    ("bc-courts", booking("2026-11-26 09:00", where=VANCOUVER), "2026-11-24 00:00"),
    # 1 July, a Wednesday, is off: between are Tuesday and Thursday
    ("bc-courts", booking("2026-07-03 09:00", where=VANCOUVER), "2026-06-30 00:00"),
    ("deaf-and-hear-alberta", booking("2026-11-26 09:00", where=VANCOUVER, minutes=299),
     "2026-11-24 00:00"),
    ("deaf-and-hear-alberta", booking("2026-11-26 09:00", where=VANCOUVER, minutes=300),
     "2026-11-23 00:00"),
    ("deaf-and-hear-alberta-court", booking("2026-11-26 09:00", where=VANCOUVER, minutes=299),
     "2026-11-24 00:00"),
    ("deaf-and-hear-alberta-court", booking("2026-11-26 09:00", where=VANCOUVER, minutes=300),
     "2026-11-19 00:00"),
    ("interpreters-onsite", booking("2026-11-26 10:00", where=SYDNEY), "2026-11-25 10:00"),
    ("us-agency", booking("2026-11-26 10:00"), "2026-11-25 10:00"),
    ("gosignify", booking("2026-11-26 10:00"), "2026-11-25 10:00"),
    ("aquaschedules", booking("2026-11-26 10:00"), "2026-11-25 10:00"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "called", "last_free"), PRESET_EDGES)
def test_each_published_set_is_free_to_its_last_second(
    name: str, called: Called, last_free: str
) -> None:
    moment = at(last_free, (called.time_zone, ""))
    written = policy_presets()[name].rules
    assert late_rule(rules=written, called=called, at=moment) is None
    assert late_rule(rules=written, called=called, at=moment + timedelta(minutes=1)) is not None


@pytest.mark.parametrize(
    ("name", "called", "last_free"),
    [edge for edge in PRESET_EDGES if edge[0] in ("region-skane", "swedish-state")],
)
def test_from_the_first_late_minute_on_a_replacement_may_stand_for_the_fee(
    name: str, called: Called, last_free: str
) -> None:
    moment = at(last_free, (called.time_zone, ""))
    written = policy_presets()[name].rules
    for late in (moment + SECOND, called.booked.starts_at, called.booked.starts_at + SECOND):
        rule = late_rule(rules=written, called=called, at=late)
        assert rule is not None
        assert rule.replacement is True


def test_nobody_else_published_replacements() -> None:
    named = {
        name
        for name, one in policy_presets().items()
        if any(rule.replacement for rule in one.rules)
    }
    assert named == {"region-skane", "swedish-state"}


def test_an_engaged_telephone_interpreter_is_never_free() -> None:
    written = policy_presets()["tis-immediate-phone"].rules
    called = booking("2026-11-26 10:00", mode="phone")
    early = called.booked.starts_at - timedelta(days=60)
    assert late_rule(rules=written, called=called, at=early) is not None
    assert free_until(rules=written, called=called) is None


def test_in_skane_travel_is_paid_from_two_hours_before() -> None:
    written = policy_presets()["region-skane"].rules
    called = booking("2026-11-26 20:00")

    def travels(text: str) -> bool:
        found = late_rule(rules=written, called=called, at=at(text))
        assert found is not None
        return found.with_travel

    assert [travels("2026-11-26 18:00"), travels("2026-11-26 18:00:01")] == [False, True]


@pytest.mark.parametrize("notice", ["2026-11-20 00:00", "2026-11-20 23:59", "2026-11-21 08:00"])
def test_on_site_a_friday_for_monday_is_late_at_any_hour(notice: str) -> None:
    written = policy_presets()["interpreters-onsite"].rules
    called = booking("2026-11-23 17:00", where=SYDNEY)
    assert late_rule(rules=written, called=called, at=at(notice, SYDNEY)) is not None
    thursday = at("2026-11-19 23:59:59", SYDNEY)
    assert late_rule(rules=written, called=called, at=thursday) is None


def test_conferences_cost_half_until_thirty_days_before_and_then_all() -> None:
    written = policy_presets()["conferences"].rules
    called = booking("2026-11-26 10:00")
    start = called.booked.starts_at

    def percent(before: timedelta) -> int | None:
        found = late_rule(rules=written, called=called, at=start - before)
        return None if found is None else found.fee_percent

    days = timedelta(days=30)
    assert [percent(2 * days), percent(days), percent(days - SECOND)] == [50, 50, 100]


def test_what_a_set_charges_besides_the_whole_price() -> None:
    sets = policy_presets()
    assert {(one.fee_percent, one.pay_percent) for one in sets["nav-norway"].rules} == {(0, 100)}
    assert [one.at_most_minutes for one in sets["gosignify"].rules] == [60]
    assert [one.at_most_minutes for one in sets["aquaschedules"].rules] == [0]
    assert [one.at_most_minutes for one in sets["bc-courts"].rules] == [600]
    assert len(sets) == 14
    assert all(rules_errors(one.rules) == [] for one in sets.values())
