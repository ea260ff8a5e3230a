"""Who could take a simulated request, as the search would say of an empty calendar.

It is for what no search answers: what would have been best. So it may let somebody through whom a
search leaves out, never the other way; a simulation holds every booking against it. Whether
somebody travels that far is measured as the search measures it (`sql/candidates.py`).
"""

from collections.abc import Mapping, Sequence
from math import cos, radians, sqrt
from typing import Any, Final

import msgspec

from interpreters.domain.demand import Asked, Place
from interpreters.domain.travel import distance_km

KM_PER_DEGREE: Final = 111.195
SLACK: Final = 1.00001  # what is stored has fewer digits
REMOTE: Final = ("phone", "video")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who interprets into the working language; `weekly` as it is written in the API."""

    number: int
    name: str
    gender: str
    city: str
    latitude: float
    longitude: float
    radius_km: int
    qualification: str
    languages: tuple[tuple[str, str], ...]  # ISO 639-3 and level, the best first
    weekly: Sequence[Mapping[str, Any]] = ()
    urgent: bool = True  # takes what starts within two hours

    @property
    def spoken(self) -> frozenset[str]:
        """The languages, without the working language."""
        return frozenset(code for code, _ in self.languages)


def mode_for(person: Person, asked: Asked, place: Place) -> str | None:
    """Return how the person would do it: the first wished way they can; None if they cannot."""
    if asked.language not in person.spoken or (asked.is_urgent and not person.urgent):
        return None
    if asked.gender is not None and person.gender != asked.gender:
        return None
    if asked.certified and person.qualification != "certified":
        return None
    ways = [one for one in asked.modes if one in REMOTE or is_near(person, place)]
    return ways[0] if ways else None


def is_near(person: Person, place: Place) -> bool:
    """Say whether the person travels to the place."""
    north, east = person.latitude - place.latitude, abs(person.longitude - place.longitude)
    narrow = cos(radians(person.latitude)) * cos(radians(place.latitude))
    km = KM_PER_DEGREE * sqrt(north**2 + min(east, 360 - east) ** 2 * narrow)
    return km <= person.radius_km * SLACK


def km_between(one: Person | Place, other: Person | Place) -> float:
    """Return the straight line between two homes or places, in km."""
    return distance_km(
        lat1=one.latitude, lon1=one.longitude, lat2=other.latitude, lon2=other.longitude
    )
