"""What in somebody's time does not go together, said of a day in winter and a night in spring."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from interpreters.domain.availability import WeeklyRow
from interpreters.domain.timelines import Clash, Job, Question, Timeline, clashes
from interpreters.domain.windows import Window

NINE = datetime(2026, 11, 24, 7, tzinfo=UTC)  # Tuesday, in Riga 9:00
HOUR = timedelta(hours=1)
A, B = UUID(int=1), UUID(int=2)
TUESDAY = [WeeklyRow(day="tue", from_=9 * 60, to=17 * 60)]


def at(hours: float, long: float = 1) -> Window:
    return Window(starts_at=NINE + hours * HOUR, ends_at=NINE + (hours + long) * HOUR)


def job(key: UUID, window: Window, way: float = 0) -> Job:
    blocked = Window(starts_at=window.starts_at - way * HOUR, ends_at=window.ends_at + way * HOUR)
    return Job(request_id=key, session=window, blocked=blocked, institution="School")


def found(**known: object) -> list[Clash]:
    usual: dict[str, object] = {
        "weekly": TUESDAY, "time_zone": "Europe/Riga", "away": [], "jobs": [], "questions": [],
    }  # fmt: skip
    return clashes(Timeline(**{**usual, **known}))  # type: ignore[arg-type]  # the fields' own types


def test_a_day_in_order_has_nothing_to_look_at() -> None:
    asked = Question(request_id=B, session=at(4))
    assert found(jobs=[job(A, at(1), way=1)], questions=[asked], away=[at(8)]) == []


def test_a_job_outside_the_hours_or_while_somebody_is_away() -> None:
    early, away = job(A, at(-1)), job(B, at(3))
    assert found(jobs=[early, away], away=[at(3.5)]) == [
        Clash(code="outside", request_id=A, at=at(-1)),
        Clash(code="away", request_id=B, at=at(3)),
    ]
    assert found(jobs=[early], weekly=[]) == []  # any hour is theirs


def test_asked_for_two_at_once_but_not_twice_for_one() -> None:
    first, second = Question(request_id=A, session=at(1)), Question(request_id=B, session=at(1.5))
    assert found(questions=[first, second]) == [Clash(code="asked_twice", request_id=B, at=at(1.5))]
    assert found(questions=[first, Question(request_id=A, session=at(1))]) == []
    assert found(questions=[first, Question(request_id=B, session=at(2))]) == []  # they touch


def test_asked_during_a_job_or_on_the_way() -> None:
    during, on_the_way = (
        Question(request_id=B, session=at(1.5)),
        Question(request_id=B, session=at(2)),
    )
    assert [one.code for one in found(jobs=[job(A, at(1), way=0.5)], questions=[during])] == [
        "asked_while_booked"
    ]
    assert [one.code for one in found(jobs=[job(A, at(1), way=0.5)], questions=[on_the_way])] == [
        "tight"
    ]
    assert found(jobs=[job(A, at(1))], questions=[on_the_way]) == []


def test_the_hour_that_a_night_in_spring_leaves_out_is_no_hole_in_the_hours() -> None:
    """On 2026-03-29 the clock in Riga goes from 03:00 to 04:00."""
    two = datetime(2026, 3, 29, 0, tzinfo=UTC)
    session = Window(starts_at=two, ends_at=two + 2 * HOUR)  # 02:00 to 05:00 by the wall clock
    night = [WeeklyRow(day="sun", from_=2 * 60, to=5 * 60)]
    assert found(weekly=night, jobs=[job(A, session)]) == []
    short = [WeeklyRow(day="sun", from_=2 * 60, to=4 * 60)]
    assert [one.code for one in found(weekly=short, jobs=[job(A, session)])] == ["outside"]
