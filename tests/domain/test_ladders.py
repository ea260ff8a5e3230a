"""The ladder's times at each edge, and the size of a wave."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.ladders import (
    GapStep,
    Ladder,
    answer_by,
    is_thin,
    is_urgent,
    wave_gap,
    wave_size,
)

NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LEADS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))


def test_an_offer_for_now_is_open_for_five_minutes() -> None:
    assert answer_by(now=NOW, starts_at=NOW, urgent_now=True) == NOW + 5 * MINUTE


@pytest.mark.parametrize(
    ("lead", "open_for"),
    [
        pytest.param(MINUTE, MINUTE, id="a minute before: until the start"),
        pytest.param(90 * MINUTE, 90 * MINUTE, id="90 minutes: until the start"),
        pytest.param(90 * MINUTE + SECOND, 90 * MINUTE, id="a second more: 90 minutes"),
        pytest.param(DAY, 90 * MINUTE, id="24 hours: 90 minutes"),
        pytest.param(DAY + SECOND, 16 * HOUR, id="a second more: 16 hours"),
        pytest.param(72 * HOUR, 16 * HOUR, id="72 hours: 16 hours"),
        pytest.param(72 * HOUR + SECOND, 24 * HOUR + SECOND, id="more: 48 h before the start"),
        pytest.param(30 * DAY, 28 * DAY, id="a month: 48 h before the start"),
    ],
)
def test_an_offer_is_open_by_lead_time(lead: timedelta, open_for: timedelta) -> None:
    assert answer_by(now=NOW, starts_at=NOW + lead, urgent_now=False) == NOW + open_for


@given(lead=LEADS)
def test_no_offer_outlives_the_start(lead: timedelta) -> None:
    end = answer_by(now=NOW, starts_at=NOW + lead, urgent_now=False)

    assert NOW <= end <= NOW + lead


@pytest.mark.parametrize(
    ("lead", "gap"),
    [
        pytest.param(timedelta(0), 3 * MINUTE, id="at the start"),
        pytest.param(2 * HOUR - SECOND, 3 * MINUTE, id="less than 2 hours"),
        pytest.param(2 * HOUR, 10 * MINUTE, id="2 hours"),
        pytest.param(DAY, 10 * MINUTE, id="24 hours"),
        pytest.param(DAY + SECOND, 30 * MINUTE, id="more than 24 hours"),
        pytest.param(7 * DAY, 30 * MINUTE, id="7 days"),
        pytest.param(7 * DAY + SECOND, 60 * MINUTE, id="more than 7 days"),
    ],
)
def test_waves_follow_each_other_by_lead_time(lead: timedelta, gap: timedelta) -> None:
    assert wave_gap(now=NOW, starts_at=NOW + lead, urgent_now=False) == gap


def test_waves_for_now_follow_each_other_after_twenty_seconds() -> None:
    assert wave_gap(now=NOW, starts_at=NOW, urgent_now=True) == timedelta(seconds=20)


@pytest.mark.parametrize(("left", "size"), [(0, 0), (1, 1), (3, 3), (4, 4), (5, 4), (900, 4)])
def test_four_are_asked_together_or_all_there_are(left: int, size: int) -> None:
    assert wave_size(count_left=left) == size


@given(
    left=st.integers(0, 60),
    chance=st.floats(0.01, 0.99),
    threshold=st.floats(0.01, 0.99),
)
def test_a_wave_is_the_smallest_that_is_sure_enough(
    left: int, chance: float, threshold: float
) -> None:
    size = wave_size(count_left=left, chance=chance, threshold=threshold)

    assert size <= left
    assert size == left or 1 - (1 - chance) ** size >= threshold
    assert size == 0 or 1 - (1 - chance) ** (size - 1) < threshold


@pytest.mark.parametrize(("count", "thin"), [(0, True), (3, True), (4, False)])
def test_fewer_than_a_wave_is_thin(count: int, *, thin: bool) -> None:
    assert is_thin(count=count) is thin


@pytest.mark.parametrize(
    ("lead", "urgent"), [(timedelta(0), True), (2 * HOUR, True), (2 * HOUR + SECOND, False)]
)
def test_within_two_hours_is_urgent(lead: timedelta, *, urgent: bool) -> None:
    assert is_urgent(now=NOW, starts_at=NOW + lead, urgent_now=False) is urgent


def test_a_network_may_have_its_own_ladder() -> None:
    ladder = Ladder(version=2, gaps=(GapStep(lead=None, gap=7),), now_gap=5)

    assert wave_gap(now=NOW, starts_at=NOW + DAY, urgent_now=False, ladder=ladder) == 7 * SECOND
    assert wave_gap(now=NOW, starts_at=NOW, urgent_now=True, ladder=ladder) == 5 * SECOND


def test_a_ladder_survives_being_stored() -> None:
    assert msgspec.json.decode(msgspec.json.encode(Ladder()), type=Ladder) == Ladder()


@pytest.mark.parametrize(
    "gaps",
    [
        pytest.param([], id="no step"),
        pytest.param([{"lead": 60, "gap": 1}], id="no last step"),
        pytest.param([{"lead": None, "gap": 1}, {"lead": None, "gap": 2}], id="two last steps"),
        pytest.param(
            [{"lead": 60, "gap": 1}, {"lead": 30, "gap": 1}, {"lead": None, "gap": 2}],
            id="falling leads",
        ),
    ],
)
def test_a_ladder_with_a_hole_is_refused(gaps: list[dict[str, int | None]]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"gaps": gaps}, Ladder)


@pytest.mark.parametrize(
    ("now", "starts_at", "ends"),
    [
        pytest.param(
            datetime(2026, 3, 28, 20, 0, tzinfo=UTC), datetime(2026, 3, 29, 20, 0, tzinfo=UTC),
            datetime(2026, 3, 28, 21, 30, tzinfo=UTC), id="24 h in spring: on the wall 25",
        ),
        pytest.param(
            datetime(2026, 10, 24, 20, 0, tzinfo=UTC), datetime(2026, 10, 25, 20, 1, tzinfo=UTC),
            datetime(2026, 10, 25, 12, 0, tzinfo=UTC), id="24 h 1 min in autumn: on the wall 23:01",
        ),
        pytest.param(
            datetime(2026, 3, 20, 8, 0, tzinfo=UTC), datetime(2026, 3, 30, 6, 0, tzinfo=UTC),
            datetime(2026, 3, 28, 6, 0, tzinfo=UTC), id="48 hours before, over the night of 23",
        ),
    ],
)  # fmt: skip
def test_hours_are_real_ones_on_the_nights_when_the_clock_changes(
    now: datetime, starts_at: datetime, ends: datetime
) -> None:
    assert answer_by(now=now, starts_at=starts_at, urgent_now=False) == ends


@pytest.mark.parametrize("again", [0, 59, 86_401])
def test_nobody_is_rung_without_a_pause(again: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"on_call_again": again}, Ladder)
