"""The statement that finds requests which may be the same as others: it reads `requests` by day."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Final, LiteralString
from uuid import UUID

import msgspec
from asyncpg import Range

from interpreters.database import Db
from interpreters.domain.windows import Window

# Those that overlap start within a day before, unless they are longer: by that the index finds
# them, however many years or requests of one client there are.
DAY: Final = timedelta(days=1)


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """What of a request others are compared with; `day` is that of its start, at its place.

    `id` is None for one that is not stored.
    """

    id: UUID | None
    institution_id: UUID
    series_id: UUID | None
    external_reference: str | None
    session: Window
    day: date
    languages: Sequence[str]
    client_ids: Collection[UUID]


# $1 network_id, then arrays of one length, a place for each that is compared: $2 ids (null = not
# stored), $3 institution_ids, $4 series_ids, $5 external_references, $6 sessions, $7 days,
# $8 languages and $9 client_ids, each with commas between; $10 and $11 between which others start
FIND: Final[LiteralString] = """
    SELECT w.place, f.id
    FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::tstzrange[], $7::date[],
                $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[]) WITH ORDINALITY
         AS w (id, institution_id, series_id, reference, session, day, languages, client_ids,
               since, until, place)
    JOIN LATERAL (
        SELECT r.id FROM requests r
        WHERE r.network_id = $1 AND r.starts_at > w.since AND r.starts_at < w.until
          AND r.institution_id = w.institution_id
          AND r.state <> 'cancelled' AND r.id IS DISTINCT FROM w.id
          AND (r.series_id IS NULL OR r.series_id IS DISTINCT FROM w.series_id)
          AND (r.external_reference = w.reference
                   AND (r.session && w.session OR r.wall_starts_at::date = w.day)
               OR r.session && w.session AND r.languages && string_to_array(w.languages, ',')
                   AND EXISTS (
                       SELECT 1 FROM request_clients c
                       WHERE c.network_id = $1 AND c.request_id = r.id
                         AND c.client_id::text = ANY (string_to_array(w.client_ids, ','))))
        ORDER BY r.starts_at, r.id LIMIT 20
    ) f ON true
"""


async def find(db: Db, *, network_id: UUID, wanted: Sequence[Likeness]) -> list[list[UUID]]:
    """Return, for each, the requests that may be the same, the earliest first, at most 20.

    They are of the same institution and not cancelled, and either have its reference and overlap
    or are on the same day; or overlap, with a client and a language in common. The dates of a
    series are not the same as each other.
    """
    found: list[list[UUID]] = [[] for _ in wanted]
    rows = await db.fetch(
        FIND, network_id, [one.id for one in wanted], [one.institution_id for one in wanted],
        [one.series_id for one in wanted], [one.external_reference for one in wanted],
        [Range(one.session.starts_at, one.session.ends_at) for one in wanted],
        [one.day for one in wanted], [",".join(one.languages) for one in wanted],
        [",".join(map(str, one.client_ids)) for one in wanted],
        [one.session.starts_at - DAY for one in wanted],
        [max(one.session.ends_at, one.session.starts_at + DAY) for one in wanted],
    )  # fmt: skip
    for row in rows:
        found[row["place"] - 1].append(row["id"])
    return found
