"""The rules of the search, one by one, for one person: what each looks at, and in which words.

They are those of `sql/candidates.py`; where they disagree the search is right.
"""

import math
from collections.abc import Iterator, Sequence

import msgspec

from interpreters.application.scoring import BITS, demand, place_of
from interpreters.application.searching import QUALIFICATIONS
from interpreters.application.seating import fits
from interpreters.application.wanting import Wanted
from interpreters.domain.availability import WeeklyRow, covers
from interpreters.domain.languages import describe
from interpreters.domain.matching import FunnelCode
from interpreters.domain.travel import Point
from interpreters.domain.windows import MINUTE, Window, at_place
from interpreters.sql.absences import Absence
from interpreters.sql.candidates import Search
from interpreters.sql.commitments import Commitment
from interpreters.sql.credentials import Credential
from interpreters.sql.interpreter_languages import InterpreterLanguage
from interpreters.sql.interpreters import Interpreter


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, and whether the person passes it, with the facts in a sentence."""

    code: FunnelCode
    passed: bool
    detail: str


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules look at."""

    wanted: Wanted
    terms: Search
    person: Interpreter
    spoken: dict[str, InterpreterLanguage]
    papers: Sequence[Credential]
    weekly: Sequence[WeeklyRow]
    bookings: Sequence[Commitment]
    away: Sequence[Absence]

    def answers(self) -> Iterator[Answer]:
        """Yield every rule in the order in which the search counts them."""
        yield self._language()
        yield self._working_language()
        stage = self.person.stage
        active = self.person.active and stage == "active"
        resting = "is not active" if stage == "active" else f"is not active: {stage}"
        yield _rule("inactive", active, "is active", resting)
        yield self._mode()
        yield self._gender()
        yield self._qualification()
        yield self._credential()
        yield self._blocked()
        yield self._distance()
        yield self._conflict()
        yield self._busy()
        yield self._unavailable()

    def _language(self) -> Answer:
        wanted = [describe(one).name for one in self.wanted.request.languages]
        known = [one for one in self.wanted.request.languages if one in self.spoken]
        if not known:
            return _fails("language", f"does not speak {' or '.join(wanted)}")
        dialect = self.terms.strict_dialect
        if dialect is not None and dialect not in self._dialects():
            return _fails("language", f"does not speak the dialect {dialect}")
        said = ", ".join(f"{describe(one).name} ({self.spoken[one].level})" for one in known)
        return _passes("language", f"speaks {said}")

    def _dialects(self) -> set[str]:
        """Dialects of the pair that was asked for; of any language where there is no pair."""
        pair = {*self._pairs(), self.wanted.request.working_language}
        counted = self.spoken.values() if len(pair) == 1 else [self.spoken[one] for one in pair]
        return {dialect.casefold() for one in counted for dialect in one.dialects}

    def _pairs(self) -> list[str]:
        """The client's languages between which and the working language they interpret."""
        request = self.wanted.request
        if request.working_language not in self.spoken:
            return []
        return [one for one in request.languages if one in self.spoken]

    def _working_language(self) -> Answer:
        code = self.wanted.request.working_language
        if code not in self.spoken:
            return _fails("working_language", f"does not speak {describe(code).name}")
        return _passes("working_language", f"speaks {describe(code).name} too")

    def _modes(self) -> list[str]:
        """The wanted modes they work in; a signed language is never interpreted by phone."""
        codes = self._pairs() or self.wanted.request.languages
        working = describe(self.wanted.request.working_language).modality
        spoken = working == "spoken" and any(describe(one).modality == "spoken" for one in codes)
        return [
            mode
            for mode in self.wanted.request.modes
            if mode in self.person.modes and (mode != "phone" or spoken)
        ]

    def _mode(self) -> Answer:
        works = ", ".join(one.replace("_", " ") for one in self.person.modes)
        wished = " or ".join(one.replace("_", " ") for one in self.wanted.request.modes)
        return _rule("mode", bool(self._modes()), f"works {works}", f"works {works}, not {wished}")

    def _gender(self) -> Answer:
        wanted, has = self.terms.strict_gender, self.person.gender
        if wanted is None:
            return _passes("gender", "no gender is demanded")
        return _rule("gender", has == wanted, f"is {has}", f"is {has or 'unknown'}, not {wanted}")

    def _qualification(self) -> Answer:
        has = self.person.qualification.replace("_", " ")
        least = {rank: name for name, rank in QUALIFICATIONS.items()}[
            self.terms.minimum_qualification
        ].replace("_", " ")
        if QUALIFICATIONS[self.person.qualification] < self.terms.minimum_qualification:
            return _fails("qualification", f"is {has}; at least {least} is demanded")
        if self.terms.no_volunteers and self.person.engagement == "volunteer":
            return _fails("qualification", f"is a volunteer; not asked about {self.terms.topic}")
        return _passes("qualification", f"is {has}")

    def _credential(self) -> Answer:
        day = self.terms.credentials_valid_on
        valid = {
            one.kind
            for one in self.papers
            if (one.issued_on is None or one.issued_on <= day)
            and (one.expires_on is None or one.expires_on >= day)
        }
        lacks = [one for one in self.terms.credentials if one not in valid]
        if lacks:
            return _fails("credential", f"has no {', '.join(lacks)} that is valid on {day}")
        asked = ", ".join(self.terms.credentials)
        has = f"has {asked}, valid on {day}" if asked else "no papers are demanded"
        return _passes("credential", has)

    def _blocked(self) -> Answer:
        named = demand(self.wanted.request.requirements, "excluded_interpreter_ids")
        if str(self.person.id) in named:
            return _fails("blocked", "is excluded by the request")
        blocked = self.person.id in self.terms.blocked
        return _rule("blocked", not blocked, "is not blocked", "is blocked by the institution")

    def _reached(self) -> list[str]:
        km = self._km()
        far = km is not None and km > self.person.travel_radius_km
        return [one for one in self._modes() if one != "in_person" or not far]

    def _km(self) -> float | None:
        """As the search measures it: on a plane, which is exact enough for a radius."""
        here, there = self.person, self.terms
        if here.latitude is None or here.longitude is None:
            return None
        if there.latitude is None or there.longitude is None or not there.modes & BITS["in_person"]:
            return None
        turn = abs(here.longitude - there.longitude)
        narrow = math.cos(math.radians(there.latitude)) * math.cos(math.radians(here.latitude))
        across = min(turn, 360 - turn) ** 2 * narrow
        return 111.195 * math.sqrt((here.latitude - there.latitude) ** 2 + across)

    def _distance(self) -> Answer:
        km, radius = self._km(), self.person.travel_radius_km
        if km is None:
            return _passes("distance", "no distance is known, or none is to be travelled")
        said = f"lives {km:.0f} km away and travels up to {radius} km"
        only_there = [one for one in self._modes() if one != "in_person"] == []
        return _rule("distance", km <= radius or not only_there, said, said)

    def _conflict(self) -> Answer:
        if self.person.id in self.wanted.conflicts:
            return _fails("conflict", "said that they may not interpret for these people")
        left = self.person.id in self.terms.left
        gone = "gave this request back, or did not come to it"
        return _rule("conflict", not left, "has not left this request", gone)

    def _busy(self) -> Answer:
        live = [one for one in self.bookings if one.is_live]
        at_once = [one for one in live if one.session.overlaps(self.wanted.attended)]
        if at_once:
            return _fails("busy", f"has a booking {self._booking(at_once[0])}")
        if self._is_there_in_time():
            near = "; has a booking " + self._booking(live[0]) if live else ""
            return _passes("busy", f"is free{near}")
        near = " and ".join(self._booking(one) for one in live)
        return _fails("busy", f"could not travel in time: has a booking {near}")

    def _is_there_in_time(self) -> bool:
        home = None
        if self.person.latitude is not None and self.person.longitude is not None:
            home = Point(latitude=self.person.latitude, longitude=self.person.longitude)
        return any(
            fits(
                session=self.wanted.attended,
                place=place_of(self.wanted.site) if mode == "in_person" else None,
                home=home,
                around=self.bookings,
            )
            for mode in self._reached() or self._modes() or self.wanted.request.modes
        )

    def _booking(self, one: Commitment) -> str:
        before = (one.session.starts_at - one.blocked.starts_at) // MINUTE
        after = (one.blocked.ends_at - one.session.ends_at) // MINUTE
        travel = [f"{before} min of travel before"] if before else []
        travel += [f"{after} min of travel after"] if after else []
        return self._span(one.session) + (f" with {' and '.join(travel)}" if travel else "")

    def _span(self, window: Window) -> str:
        zone = self.wanted.request.time_zone
        begin = at_place(instant=window.starts_at, time_zone=zone)
        end = at_place(instant=window.ends_at, time_zone=zone)
        day = f"{begin:%Y-%m-%d} "
        return f"{day}{begin:%H:%M}-{end:%H:%M}"

    def _unavailable(self) -> Answer:
        if self.away:
            one = self.away[0]
            span = self._span(Window(starts_at=one.starts_at, ends_at=one.ends_at))
            return _fails("unavailable", f"is absent {span}")
        if self.terms.urgent and not self.person.urgent_opt_in:
            return _fails("unavailable", "takes no urgent jobs, and this one is")
        session, until = self.wanted.attended, self.person.available_until
        in_hours = covers(rows=self.weekly, window=session, time_zone=self.person.time_zone)
        if in_hours or (until is not None and until >= session.ends_at):
            return _passes("unavailable", "is within the weekly hours, or available now")
        asks = self.person.outside_hours == "ask"
        outside = "is outside the weekly hours"
        return _rule("unavailable", asks, f"{outside}, and may be asked", f"{outside}: never")


def _rule(rule: FunnelCode, passed: object, yes: str, no: str) -> Answer:
    return Answer(code=rule, passed=bool(passed), detail=yes if passed else no)


def _passes(rule: FunnelCode, detail: str) -> Answer:
    return Answer(code=rule, passed=True, detail=detail)


def _fails(rule: FunnelCode, detail: str) -> Answer:
    return Answer(code=rule, passed=False, detail=detail)
