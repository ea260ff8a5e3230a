"""How a request fits its funding, as those who ask are told."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from interpreters.domain import ids
from interpreters.domain.fundings import Code, Fitting
from interpreters.http.fields import Id


class HelpedView(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a reason is about."""

    id: Id
    reference: str


class MisfitView(msgspec.Struct, frozen=True, kw_only=True):
    """Why a funding does not pay; `client` is null where it is the session, and in a preview."""

    code: Code
    detail: str
    client: HelpedView | None


class FundingFitView(msgspec.Struct, frozen=True, kw_only=True):
    """A funding, whether what is asked for is inside it, and if it is not, why."""

    id: Id
    number: str
    fits: bool
    reasons: list[MisfitView]

    @classmethod
    def of(cls, one: Fitting | None, people: Mapping[UUID, str]) -> "FundingFitView | None":
        """Shape it; `people` are the references of those whom it may name."""
        if one is None:
            return None
        return cls(
            id=ids.show_id(ids.FUNDING, one.funding.id),
            number=one.funding.number,
            fits=not one.misfits,
            reasons=[
                MisfitView(
                    code=each.code, detail=each.detail, client=_helped(each.client_id, people)
                )
                for each in one.misfits
            ],
        )


def _helped(client_id: UUID | None, people: Mapping[UUID, str]) -> HelpedView | None:
    if client_id is None or client_id not in people:
        return None
    return HelpedView(id=ids.show_id(ids.CLIENT, client_id), reference=people[client_id])
