"""Every statement about the `interpreter_languages` table."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db


class InterpreterLanguage(msgspec.Struct, frozen=True, kw_only=True):
    """One language an interpreter works in: ISO 639-3, how well, and which dialects."""

    language: str
    level: str = "fluent"
    dialects: Sequence[str] = ()


# $1 network_id, $2 interpreter ids
OF: Final[LiteralString] = """
    SELECT l.interpreter_id, l.language, l.level, l.dialects
    FROM interpreter_languages l
    WHERE l.network_id = $1 AND l.interpreter_id = ANY ($2::uuid[])
    ORDER BY l.interpreter_id, l.position
"""


async def of_interpreters(
    db: Db, *, network_id: UUID, interpreter_ids: Sequence[UUID]
) -> dict[UUID, list[InterpreterLanguage]]:
    """Return each one's languages as they were given; every id asked for has an entry."""
    found: dict[UUID, list[InterpreterLanguage]] = {one: [] for one in interpreter_ids}
    for row in await db.fetch(OF, network_id, list(interpreter_ids)):
        found[row["interpreter_id"]].append(
            InterpreterLanguage(
                language=row["language"], level=row["level"], dialects=tuple(row["dialects"])
            )
        )
    return found


# $1 network_id, $2 interpreter_id
DELETE: Final[LiteralString] = """
    DELETE FROM interpreter_languages AS l WHERE l.network_id = $1 AND l.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id, $3 language, $4 position, $5 level, $6 dialects
INSERT: Final[LiteralString] = """
    INSERT INTO interpreter_languages (network_id, interpreter_id, language, position, level,
                                       dialects)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
"""


async def replace(
    db: Db, *, network_id: UUID, interpreter_id: UUID, languages: Sequence[InterpreterLanguage]
) -> None:
    """Make these the interpreter's languages. The caller holds the interpreter's row."""
    await db.execute(DELETE, network_id, interpreter_id)
    await db.executemany(
        INSERT,
        [
            (network_id, interpreter_id, one.language, place, one.level, list(one.dialects))
            for place, one in enumerate(languages)
        ],
    )


# $1 network_id, $2 interpreter ids
DELETE_MANY: Final[LiteralString] = """
    DELETE FROM interpreter_languages AS l
    WHERE l.network_id = $1 AND l.interpreter_id = ANY ($2::uuid[])
"""


async def replace_many(
    db: Db, *, network_id: UUID, languages: Mapping[UUID, Sequence[InterpreterLanguage]]
) -> None:
    """Make these each one's languages. The caller holds their rows, or has just made them."""
    await db.execute(DELETE_MANY, network_id, list(languages))
    await db.executemany(
        INSERT,
        [
            (network_id, whose, one.language, place, one.level, list(one.dialects))
            for whose, spoken in languages.items()
            for place, one in enumerate(spoken)
        ],
    )
