"""An interpreter as they are answered: whole to coordinators and themselves, briefly to others."""

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from interpreters.application import interpreters
from interpreters.application.interpreters import Profile
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.languages import describe
from interpreters.domain.stages import Stage
from interpreters.http.fields import Gender, Id, Mode, Qualification, Topic
from interpreters.http.notify_fields import Notify, notify_of
from interpreters.http.roster_fields import Engagement, Level

PLAIN: Final = (
    "phone", "email", "gender", "time_zone", "travel_radius_km", "qualification", "urgent_opt_in",
    "engagement", "active", "stage", "version", "auto_assign",
)  # fmt: skip


class SpokenView(msgspec.Struct, frozen=True, kw_only=True):
    """A language of an interpreter, how well and which dialects; `code` is ISO 639-3."""

    code: str
    bcp47: str
    name: str
    autonym: str | None
    level: Level
    dialects: list[str]

    @classmethod
    def of(cls, one: interpreters.InterpreterLanguage) -> "SpokenView":
        """Shape a language."""
        known = describe(one.language)
        return cls(
            code=known.code,
            bcp47=known.bcp47,
            name=known.name,
            autonym=known.autonym,
            level=one.level,  # type: ignore[arg-type]  # a CHECK holds the levels
            dialects=list(one.dialects),
        )


class HomeView(msgspec.Struct, frozen=True, kw_only=True):
    """Where an interpreter starts from."""

    latitude: float | None
    longitude: float | None
    city: str | None


class QuietHoursView(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """When notices wait."""

    from_: str
    to: str


class AverageRatingView(msgspec.Struct, frozen=True, kw_only=True):
    """What three or more ratings come to, in hundredths of a star."""

    average_hundredths: int
    count: int


class InterpreterView(msgspec.Struct, frozen=True, kw_only=True):
    """An interpreter; institutions see only `id`, `display_name` and `languages`.

    `stage_reason` is for coordinators alone; `language` is what they are told things in.
    `rating` stands where one is shown, and is null of fewer than three.
    """

    id: Id
    display_name: str
    languages: list[SpokenView]
    phone: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    gender: Gender | UnsetType | None = UNSET
    time_zone: str | UnsetType = UNSET
    home: HomeView | UnsetType | None = UNSET
    travel_radius_km: int | UnsetType = UNSET
    modes: list[Mode] | UnsetType = UNSET
    qualification: Qualification | UnsetType = UNSET
    topics: list[Topic] | UnsetType = UNSET
    urgent_opt_in: bool | UnsetType = UNSET
    quiet_hours: QuietHoursView | UnsetType | None = UNSET
    engagement: Engagement | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    auto_assign: bool | UnsetType = UNSET
    stage: Stage | UnsetType = UNSET
    stage_reason: str | UnsetType | None = UNSET
    language: str | UnsetType | None = UNSET
    notify: Notify | UnsetType | None = UNSET
    rating: AverageRatingView | UnsetType | None = UNSET
    version: int | UnsetType = UNSET

    @classmethod
    def of(cls, profile: Profile, caller: Caller) -> "InterpreterView":
        """Shape an interpreter for the caller."""
        one = profile.interpreter
        fields: dict[str, Any] = {
            "id": ids.show_id(ids.INTERPRETER, one.id),
            "display_name": one.display_name,
            "languages": [SpokenView.of(language) for language in profile.languages],
        }
        if caller.institution_id is not None:
            return cls(**fields)
        return cls(
            **fields,
            **{name: getattr(one, name) for name in PLAIN},
            modes=list(one.modes),  # type: ignore[arg-type]  # a CHECK holds the modes
            topics=list(one.topics),  # type: ignore[arg-type]  # only known ones come in
            home=_home(one),
            quiet_hours=_quiet_hours(one),
            stage_reason=one.stage_reason if caller.is_coordinator else UNSET,
            language=profile.told.language,
            notify=notify_of(profile.told.notify),
            rating=_rating(profile),
        )


def _home(one: interpreters.Interpreter) -> HomeView | None:
    if one.latitude is None and one.city is None:
        return None
    return HomeView(latitude=one.latitude, longitude=one.longitude, city=one.city)


def _quiet_hours(one: interpreters.Interpreter) -> QuietHoursView | None:
    if one.quiet_hours is None:
        return None
    return QuietHoursView(from_=one.quiet_hours["from"], to=one.quiet_hours["to"])


def _rating(profile: Profile) -> AverageRatingView | None:
    if profile.rating is None:
        return None
    return AverageRatingView(**msgspec.structs.asdict(profile.rating))
