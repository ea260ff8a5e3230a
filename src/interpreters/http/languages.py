"""`/v1/languages`: finding a language and what surrounds it. No key is needed."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.domain import languages
from interpreters.domain.errors import NotFound
from interpreters.domain.languages import Language, NeedsVariety
from interpreters.http.doors import JSON, Call, door
from interpreters.http.fields import NO_NUL
from interpreters.http.lists import List, ListQuery, read_cursor, write_cursor
from interpreters.http.views import LanguageView

TAG = "Languages"
PATH = "/v1/languages"
PLACE_BYTES = 2  # a cursor is the place in the list, and lists end long before 65,536


class LanguageQuery(ListQuery, frozen=True, kw_only=True):
    """What to look for; the whole catalogue when nothing is said."""

    q: Annotated[str, Meta(max_length=100, pattern=NO_NUL, description="Part of a name")] = ""

    @property
    def place(self) -> int:
        """Where the page starts.

        Raises:
            Invalid: the cursor is not one of ours.
        """
        if self.cursor is None:
            return 0
        return int.from_bytes(read_cursor(self.cursor, PLACE_BYTES), "big")


class NeighbourView(msgspec.Struct, frozen=True, kw_only=True):
    """A language whose interpreters are understood, from 0 to 100."""

    language: LanguageView
    understood: int
    one_way: bool


class LanguageDetails(LanguageView, frozen=True, kw_only=True):
    """A language, the narrower ones under it, and those its speakers understand."""

    modality: Literal["spoken", "signed"]
    members: list[LanguageView]
    neighbours: list[NeighbourView]

    @classmethod
    def of_language(cls, one: Language) -> "LanguageDetails":
        """Shape a language."""
        return cls(
            **one.as_answer(),
            modality=one.modality,
            members=[LanguageView.of(member.code) for member in languages.members(one.code)],
            neighbours=[
                NeighbourView(
                    language=LanguageView.of(near.language.code),
                    understood=near.understood,
                    one_way=near.one_way,
                )
                for near in languages.neighbours(one.code)
            ],
        )


@door("GET", PATH, query=LanguageQuery, answer=List[LanguageView], tag=TAG, public=True)
async def list_languages(call: NamedDependency[Call]) -> Response[bytes]:
    """Languages by name, alias or code, an exact one first; all by name without `q`."""
    asked = call.query(LanguageQuery)()
    end = asked.place + asked.size
    found = languages.search(asked.q, end + 1)
    items = [LanguageView.of(one.code) for one in found[asked.place : end]]
    return _answer(List(items=items, next=_following(asked, end) if len(found) > end else None))


@door("GET", PATH + "/{code:str}", answer=LanguageDetails, tag=TAG, public=True,
      refusals=(NotFound, NeedsVariety))  # fmt: skip
async def show_language(call: NamedDependency[Call]) -> Response[bytes]:
    """One language by its code, with its members and its neighbours."""
    one = languages.look_up(call.request.path_params["code"])
    return _answer(LanguageDetails.of_language(one))


def _following(asked: LanguageQuery, place: int) -> str:
    cursor = write_cursor(place.to_bytes(PLACE_BYTES, "big"))
    return f"{PATH}?{urlencode({'q': asked.q, 'limit': asked.size, 'cursor': cursor})}"


def _answer(view: Any) -> Response[bytes]:
    return Response(msgspec.json.encode(view), media_type=JSON)


ROUTES = (list_languages, show_language)
