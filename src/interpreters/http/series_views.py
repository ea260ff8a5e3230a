"""What a change of more than one date of a series looks like."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from interpreters.application.series_changes import Other, Together
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.requests import RequestState
from interpreters.http.request_views import RequestView


class DateView(msgspec.Struct, frozen=True, kw_only=True):
    """Another date that was meant; `changed` is false for what had begun or was over."""

    id: str
    series_position: int | None
    starts_at: datetime
    state: RequestState
    changed: bool

    @classmethod
    def of(cls, other: Other) -> "DateView":
        """Shape a date."""
        request = other.request
        return cls(
            id=ids.show_id(ids.REQUEST, request.id),
            series_position=request.series_position,
            starts_at=request.session.starts_at,
            state=request.state,
            changed=other.changed,
        )


class TogetherView(RequestView, frozen=True, kw_only=True):
    """A request that was changed or called off; with `others` where `scope` was not `this`."""

    others: list[DateView] | UnsetType = UNSET

    @classmethod
    def together(cls, one: Together, caller: Caller) -> RequestView:
        """Shape the request, and the other dates that were meant."""
        view = cls.of(one.shown, caller)
        if one.others is None:
            return view
        return msgspec.structs.replace(view, others=[DateView.of(other) for other in one.others])
