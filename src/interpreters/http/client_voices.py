"""`/v1/client-voices`: what clients say through their links, and the answers to them."""

from datetime import datetime

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import client_voices
from interpreters.application.client_voices import ClientVoice, VoiceFilter
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.client_links import VoiceKind, VoiceState
from interpreters.domain.errors import Forbidden, NotFound, WrongState
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import BookingId, In, Text
from interpreters.http.lists import List, ListQuery, page_of

TAG = "Clients' links"


class VoiceQuery(ListQuery, frozen=True, kw_only=True):
    """Which voices."""

    state: VoiceState | None = None
    booking_id: BookingId | None = None

    def wanted(self) -> VoiceFilter:
        """Return the filter in the application's words."""
        return VoiceFilter(
            state=self.state, booking_id=ids.read_optional(ids.BOOKING, self.booking_id)
        )


class AnswerIn(In, frozen=True, kw_only=True):
    """What the client reads on their page."""

    answer: Text


class ClientVoiceView(msgspec.Struct, frozen=True, kw_only=True):
    """What a client said; `said` is null to an institution, and where nothing was said."""

    id: str
    booking_id: str
    client_id: str
    institution_id: str
    kind: VoiceKind
    language: str
    said: str | None
    state: VoiceState
    answer: str | None
    answered_at: datetime | None
    created_at: datetime
    version: int

    @classmethod
    def of(cls, one: ClientVoice) -> "ClientVoiceView":
        """Shape a voice."""
        return cls(
            id=ids.show_id(ids.CLIENT_VOICE, one.id),
            booking_id=ids.show_id(ids.BOOKING, one.booking_id),
            client_id=ids.show_id(ids.CLIENT, one.client_id),
            institution_id=ids.show_id(ids.INSTITUTION, one.institution_id),
            kind=one.kind,
            language=one.language,
            said=one.said,
            state=one.state,
            answer=one.answer,
            answered_at=one.answered_at,
            created_at=one.created_at,
            version=one.version,
        )


@door("GET", "/v1/client-voices", query=VoiceQuery, answer=List[ClientVoiceView],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_client_voices(call: NamedDependency[Call]) -> Response[bytes]:
    """What clients said, newest first. Institutions see where another person is wanted."""
    query = call.query(VoiceQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await client_voices.list_voices(
            db,
            caller,
            wanted=lambda: query().wanted(),
            page=lambda: query().slice,
            now=call.now,
        )
        return page_of(found, query(), ClientVoiceView.of)

    return await call.ask(work, lambda page, _: page)


@door("POST", "/v1/client-voices/{id:str}/answer", body=AnswerIn, answer=ClientVoiceView,
      refusals=(Forbidden, NotFound, WrongState), tag=TAG)  # fmt: skip
async def answer_client_voice(call: NamedDependency[Call]) -> Response[bytes]:
    """Answer a client: they read it on their page while the link lives."""
    body = call.body(AnswerIn)

    async def work(db: Db, caller: Caller) -> ClientVoice:
        return await client_voices.answer_voice(
            db,
            caller,
            voice_id=call.id(ids.CLIENT_VOICE),
            answer=lambda: body().answer,
            now=call.now,
        )

    return await call.once(work, lambda one, _: ClientVoiceView.of(one))


ROUTES = (list_client_voices, answer_client_voice)
