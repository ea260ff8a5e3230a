"""The ladder: who is asked when, how many at a time, and until when they may answer."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

Seconds = Annotated[int, msgspec.Meta(ge=0, le=366 * 86_400, description="Whole seconds.")]
Pause = Annotated[int, msgspec.Meta(ge=60, le=86_400, description="Whole seconds.")]
Share = Annotated[float, msgspec.Meta(gt=0, lt=1, description="A probability.")]

QuietHours: TypeAlias = Literal["keep", "urgent_rings", "ring"]

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


class GapStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Between waves wait `gap` seconds, while the start is at most `lead` seconds away.

    `lead` None is the last step, for any time; with `inclusive` false the edge itself belongs to
    the next step.
    """

    lead: Seconds | None
    inclusive: bool = True
    gap: Seconds


class AnswerStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until when an offer stays open, while the start is at most `lead` seconds away.

    `until` counts `seconds` from the offer (`after_offer`) or back from the start (`before_start`).
    """

    lead: Seconds | None
    until: Literal["after_offer", "before_start"]
    seconds: Seconds


class Ladder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a search asks. Steps stand in order of lead time; the last fits any.

    The two `now_` fields are for requests that start at once; `urgent_` says within what lead
    the requester is offered to widen and the on-call coordinator is told, and how soon; while
    nobody has acknowledged it, the next one is told every `on_call_again`.
    `quiet_hours` says whom a notice may wake: nobody (`keep`), for urgent jobs those who take them
    (`urgent_rings`), or anybody (`ring`).
    """

    version: Annotated[int, msgspec.Meta(ge=1)] = 1
    chance: Share = 0.38  # that one who is asked says yes; flat until history speaks
    threshold: Share = 0.85  # how sure a wave should be of one yes
    now_gap: Seconds = 20
    now_answer: Seconds = 5 * MINUTE
    gaps: Annotated[tuple[GapStep, ...], msgspec.Meta(max_length=50)] = (
        GapStep(lead=2 * HOUR, inclusive=False, gap=3 * MINUTE),
        GapStep(lead=DAY, gap=10 * MINUTE),
        GapStep(lead=7 * DAY, gap=30 * MINUTE),
        GapStep(lead=None, gap=60 * MINUTE),
    )
    answers: Annotated[tuple[AnswerStep, ...], msgspec.Meta(max_length=50)] = (
        AnswerStep(lead=90 * MINUTE, until="before_start", seconds=0),
        AnswerStep(lead=DAY, until="after_offer", seconds=90 * MINUTE),
        AnswerStep(lead=72 * HOUR, until="after_offer", seconds=16 * HOUR),
        AnswerStep(lead=None, until="before_start", seconds=48 * HOUR),
    )
    urgent_lead: Seconds = 2 * HOUR
    urgent_widen: Seconds = 3 * MINUTE
    urgent_on_call: Seconds = 5 * MINUTE
    on_call_again: Pause = 5 * MINUTE
    quiet_hours: QuietHours = "urgent_rings"

    def __post_init__(self) -> None:
        """Refuse a ladder that has no step for some lead time.

        Raises:
            ValueError: so that msgspec reports it as a validation error of the field.
        """
        for steps in (self.gaps, self.answers):
            leads = [step.lead for step in steps]
            if not leads or leads[-1] is not None:
                raise ValueError("the last step has no lead: it fits any time")
            edges = [lead for lead in leads[:-1] if lead is not None]
            if len(edges) < len(leads) - 1 or edges != sorted(set(edges)):
                raise ValueError("leads must rise from step to step")


STANDARD: Final = Ladder()


def answer_by(
    *,
    now: datetime,
    starts_at: datetime,
    urgent_now: bool,
    ladder: Ladder = STANDARD,
    told_at: datetime | None = None,
) -> datetime:
    """Return when an offer made at `now` ends; from that instant on a yes is too late.

    A request for `now` starts while it is being offered, so its offers outlive the start; any
    other offer ends at the start at the latest. Who is told later, at `told_at`, has at least as
    long as an offer made then.
    """
    if urgent_now:
        return now + timedelta(seconds=ladder.now_answer)
    told = now if told_at is None or told_at >= starts_at else max(now, told_at)
    return max(_answer_by(one, starts_at, ladder) for one in (now, told))


def wave_gap(
    *, now: datetime, starts_at: datetime, urgent_now: bool, ladder: Ladder = STANDARD
) -> timedelta:
    """Return how long after a wave the next one is asked, when nobody has said yes."""
    if urgent_now:
        return timedelta(seconds=ladder.now_gap)
    step = next(one for one in ladder.gaps if _is_within(one, starts_at - now))
    return timedelta(seconds=step.gap)


def wave_size(
    *, count_left: int, chance: float = STANDARD.chance, threshold: float = STANDARD.threshold
) -> int:
    """Return how many to ask together: the fewest who make one yes likely enough, or all left.

    The smallest k with 1 - (1 - chance) ** k >= threshold.
    """
    size = 0
    while size < count_left and 1 - (1 - chance) ** size < threshold:
        size += 1
    return size


def is_thin(
    *, count: int, chance: float = STANDARD.chance, threshold: float = STANDARD.threshold
) -> bool:
    """Say whether even asking all of them leaves a yes unlikely; the requester is told so."""
    return 1 - (1 - chance) ** count < threshold


def is_urgent(
    *, now: datetime, starts_at: datetime, urgent_now: bool, ladder: Ladder = STANDARD
) -> bool:
    """Say whether people must be told soon that the search has found nobody yet."""
    return urgent_now or starts_at - now <= timedelta(seconds=ladder.urgent_lead)


def _answer_by(told_at: datetime, starts_at: datetime, ladder: Ladder) -> datetime:
    lead = starts_at - told_at
    step = next(
        one for one in ladder.answers if one.lead is None or lead <= timedelta(seconds=one.lead)
    )
    span = timedelta(seconds=step.seconds)
    return min(starts_at, told_at + span if step.until == "after_offer" else starts_at - span)


def _is_within(step: GapStep, lead: timedelta) -> bool:
    if step.lead is None:
        return True
    edge = timedelta(seconds=step.lead)
    return lead < edge or (step.inclusive and lead == edge)
