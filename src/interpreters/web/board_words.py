"""The board in words: how long until something starts, and why somebody fits or does not.

The application tells reasons in English sentences with figures in them; each form of sentence has
a message here, so that it is told in the coordinator's language. What has none is told as it is.
"""

import re
from datetime import date, datetime
from typing import Final

from babel.dates import format_timedelta

from interpreters.domain.languages import NeedsVariety, UnknownLanguage, resolve
from interpreters.domain.told_sessions import language_name
from interpreters.domain.told_times import tell_short_day, tell_span
from interpreters.domain.wording import comma, locale_of, say

# What is said of somebody, as a pattern, and the message for it. Figures are the pattern's groups.
SAID: Final[tuple[tuple[str, str], ...]] = (
    (r"completed (?P<done>\d+) of (?P<all>\d+)", "carried out {done} of {all} jobs"),
    (r"new here", "new here"),
    (r"(is )?language speaker", "speaks the language, without training"),
    (r"(is )?trained", "trained"),
    (r"(is )?certified", "certified"),
    (r"at least \w+ in both languages", "how well both languages are spoken"),
    (r"due for work", "had little work lately"),
    (r"has had their share of work", "had their share of work"),
    (r"needed for a rare language too", "is needed for a rare language too"),
    (r"not needed elsewhere", "is not needed elsewhere"),
    (r"(?P<count>\d+) times .+ in 12 months", "{count} times in 12 months"),
    (r"knows .+", "knows the subject"),
    (r"no .+ so far", "not so far"),
    (r"within weekly hours", "within their working hours"),
    (r"outside weekly hours", "outside their working hours"),
    (r"no travel", "no travel"),
    (r"distance unknown", "nobody knows how far"),
    (r"(?P<km>\d+) km", "{km} km away"),
    (r"[\w ]+, which was not asked for", "in a way that was not asked for"),
    (r"[\w ]+, wish (?P<place>\d+) of (?P<all>\d+)", "wish {place} of {all}"),
    (r"met this client before \((?P<count>\d+)\)", "met this client {count} times"),
    (r"not met before", "has not met this client"),
    (r"nothing asked for", "nothing was asked for"),
    (r"on the institution's list", "is on the institution's list"),
    (r"not on the institution's list", "is not on the institution's list"),
    (r"asked for by the requester", "was asked for by name"),
    (r"not asked for by the requester", "was not asked for by name"),
    (r"a speaker of .+|female|male|other", "as asked for"),
    (r"not a speaker of .+|not (female|male|other)", "not as asked for"),
    (r"said yes when somebody else had it already", "said yes before, and was too late"),
    (r"has time: a booking was called off late", "has time, because a job was called off late"),
    # Rules that somebody does not pass.
    (r"does not speak the dialect .+", "does not speak the dialect"),
    (r"does not speak (?P<what>.+)", "does not speak {what}"),
    (r"is not active(: (?P<stage>\w+))?", "is not active"),
    (r"works .+, not .+", "does not work in this way"),
    (r"is (\w+), not \w+", "not as asked for"),
    (r"is .+; at least .+ is demanded", "is not trained enough for this"),
    (r"is a volunteer; .+", "is a volunteer, and volunteers are not asked about this"),
    (r"has no (?P<what>.+) that is valid on (?P<day>\S+)", "has no {what} that is good on {day}"),
    (r"is excluded by the request", "is not wanted for this request"),
    (r"is blocked by the institution", "is not wanted by the institution"),
    (
        r"lives (?P<km>\d+) km away and travels up to (?P<radius>\d+) km",
        "lives {km} km away and travels up to {radius} km",
    ),
    (
        r"said that they may not interpret for these people",
        "said that they may not interpret for these people",
    ),
    (r"gave this request back, or did not come to it", "gave this job back, or did not come"),
    (r"has a booking (?P<when>\S+ \S+).*", "has another job: {when}"),
    (
        r"could not travel in time: has a booking (?P<when>\S+ \S+).*",
        "could not travel in time from or to another job: {when}",
    ),
    (r"is absent (?P<when>.+)", "is away: {when}"),
    (r"takes no urgent jobs, and this one is", "takes no urgent jobs"),
    (r"is outside the weekly hours: never", "is outside their working hours, and wants no calls"),
)
SPAN: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2})-(\d{2}:\d{2}))?")
FORMS: Final = tuple((re.compile(pattern), message) for pattern, message in SAID)


def told_reason(language: str, detail: str) -> str:
    """Return a sentence about somebody in the language; as it is where no form fits it."""
    for pattern, message in FORMS:
        found = pattern.fullmatch(detail)
        if found is not None:
            told = {name: _told(language, text or "") for name, text in found.groupdict().items()}
            return say(language, message, **told)
    return detail


def _told(language: str, text: str) -> str:
    """Return figures and names of languages as the language writes them."""
    if SPAN.search(text):
        return SPAN.sub(lambda found: _span(language, *found.groups()), text)
    return comma(language).join(_name(language, one) for one in text.split(" or "))


def _span(language: str, day: str, begins: str | None, ends: str | None) -> str:
    told = tell_short_day(language, date.fromisoformat(day))
    return told if not begins or not ends else f"{told} {tell_span(language, begins, ends)}"


def _name(language: str, text: str) -> str:
    try:
        return language_name(language, resolve(text).language.code)
    except (NeedsVariety, UnknownLanguage):
        return text


def starts_in(language: str, instant: datetime, now: datetime) -> str:
    """Return "in 25 minutes", "in 3 hours", "2 days ago"."""
    told: str = format_timedelta(
        instant - now, granularity="minute", threshold=1.2, add_direction=True, format="short",
        locale=locale_of(language),
    )  # fmt: skip
    return told
