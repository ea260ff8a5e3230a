"""What the helped person says through their link, and the coordinators' answer.

A wish for another person reaches the institution too, without its reason; a complaint may be
about the institution, so only coordinators know of it. Nobody is told by mail yet: a list of what
is open stands at `/v1/client-voices`.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.client_links import ASKERS, find_link
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.client_links import (
    LONGEST,
    MOST_OPEN,
    TooManyVoices,
    VoiceKind,
    spoken,
)
from interpreters.domain.errors import FieldError, Invalid, NotFound, WrongState
from interpreters.domain.ids import new_id
from interpreters.sql import audit, client_voices, requests
from interpreters.sql.client_voices import ClientVoice
from interpreters.sql.client_voices import Filter as VoiceFilter

__all__ = ["ClientVoice", "VoiceFilter"]


async def say_through_link(
    db: Db,
    network_id: UUID,
    *,
    token: str,
    kind: VoiceKind,
    said: str,
    language: str,
    now: datetime,
) -> ClientVoice:
    """Keep what the holder of a link says, in their own words: nothing is looked for in it.

    Raises:
        NotFound: the link shows nothing (any more).
        Invalid: it is too long, or a complaint without a word.
        TooManyVoices: three of the kind wait for an answer already.
    """
    opened = await find_link(db, network_id, token=token, now=now)
    if opened is None:
        raise NotFound
    text = _checked(kind, said)
    booking = opened.booking
    await requests.lock(db, network_id=network_id, request_id=booking.request_id)
    waiting = await client_voices.count_open(
        db, network_id=network_id, booking_id=booking.id, kind=kind
    )
    if waiting >= MOST_OPEN:
        raise TooManyVoices
    voice = ClientVoice(
        id=new_id(now),
        booking_id=booking.id,
        client_id=opened.link.client_id,
        institution_id=booking.institution_id,
        kind=kind,
        language=language,
        said=text or None,
        created_at=now,
    )
    await client_voices.insert(db, network_id=network_id, voice=voice)
    return voice


async def list_voices(
    db: Db,
    caller: Caller,
    *,
    wanted: Callable[[], VoiceFilter],
    page: Callable[[], tuple[UUID | None, int]],
    now: datetime,
) -> list[ClientVoice]:
    """Return what clients said, newest first; the look at each client is noted.

    Coordinators read all. An institution sees where another person is wanted, not why, and no
    complaints.
    """
    permit(caller, "bookings:read", *ASKERS)
    asked, (before, limit) = wanted(), page()
    if not caller.is_coordinator:
        asked = msgspec.structs.replace(
            asked, institution_id=caller.institution_id, kinds=("another_person",)
        )
    found = await client_voices.page(
        db, network_id=caller.network_id, wanted=asked, before=before, limit=limit
    )
    await audit.write(
        db,
        caller=caller,
        action="read",
        subject_kind="client",
        subject_ids=list(dict.fromkeys(one.client_id for one in found)),
        now=now,
    )
    return [_seen_by(caller, one) for one in found]


async def answer_voice(
    db: Db, caller: Caller, *, voice_id: UUID, answer: Callable[[], str], now: datetime
) -> ClientVoice:
    """Answer a client; they read it on their page while the link lives. The same again is fine.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is none such.
        WrongState: it was answered otherwise.
    """
    permit(caller, "bookings:write", "coordinator")
    found = await client_voices.find(db, network_id=caller.network_id, voice_id=voice_id)
    if found is None:
        raise NotFound
    text = answer()
    if found.state == "answered" and found.answer == text:
        return found
    answered = msgspec.structs.replace(
        found, state="answered", answer=text, answered_at=now, version=found.version + 1
    )
    if found.state == "answered" or not await client_voices.update(
        db, network_id=caller.network_id, voice=answered
    ):
        raise WrongState("It was answered already")
    return answered


def _checked(kind: VoiceKind, said: str) -> str:
    text = spoken(said)
    if len(text) > LONGEST[kind]:
        raise _wrong("out-of-range", f"At most {LONGEST[kind]} characters")
    if kind == "complaint" and not text:
        raise _wrong("required", "Write what happened")
    return text


def _wrong(code: str, detail: str) -> Invalid:
    return Invalid([FieldError(pointer="/said", code=code, detail=detail)])


def _seen_by(caller: Caller, voice: ClientVoice) -> ClientVoice:
    return voice if caller.is_coordinator else msgspec.structs.replace(voice, said=None)
