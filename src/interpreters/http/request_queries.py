"""Which requests a list is asked for."""

from interpreters.application.requests import RequestFilter
from interpreters.domain import ids
from interpreters.domain.languages import resolve
from interpreters.domain.requests import RequestState
from interpreters.http.fields import (
    Instant,
    InstitutionId,
    LanguageText,
    Reference,
    SeriesId,
    utc,
)
from interpreters.http.lists import SyncQuery
from interpreters.http.request_parts import Channel


class RequestQuery(SyncQuery, frozen=True, kw_only=True):
    """Which requests."""

    state: RequestState | None = None
    language: LanguageText | None = None
    institution_id: InstitutionId | None = None
    starts_after: Instant | None = None
    starts_before: Instant | None = None
    external_reference: Reference | None = None
    series_id: SeriesId | None = None
    channel: Channel | None = None

    def wanted(self) -> RequestFilter:
        """Return the filter in the application's words."""
        return RequestFilter(
            state=self.state,
            language=None if self.language is None else resolve(self.language).language.code,
            institution_id=ids.read_optional(ids.INSTITUTION, self.institution_id),
            starts_after=None if self.starts_after is None else utc(self.starts_after),
            starts_before=None if self.starts_before is None else utc(self.starts_before),
            external_reference=self.external_reference,
            series_id=ids.read_optional(ids.SERIES, self.series_id),
            channel=self.channel,
        )
