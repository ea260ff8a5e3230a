"""What parties look like to those who asked: people who must not meet, and when each comes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from interpreters.domain import ids
from interpreters.domain.parties import parties_of


class PartyView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who must not meet the other parties, and when they come.

    By the `id` a stored answer finds the reference again, which it does not hold.
    """

    id: str | None
    reference: str
    arrives_at: datetime


def party_views(details: Mapping[str, Any]) -> list[PartyView]:
    """Shape the parties that a request's details name."""
    return [
        PartyView(
            id=ids.show_id(ids.CLIENT, UUID(one["client_id"])) if "client_id" in one else None,
            reference=one["reference"],
            arrives_at=datetime.fromisoformat(one["arrives_at"]),
        )
        for one in parties_of(details)
    ]
