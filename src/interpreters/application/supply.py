"""What a search needs of an interpreter, worked out when something changes, not on each search."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.availability import week_bits
from interpreters.domain.languages import describe
from interpreters.domain.matching import Weights, static_score
from interpreters.domain.standing import StandingFacts
from interpreters.domain.travel import cell
from interpreters.sql import availability, credentials, interpreter_languages, networks, supply
from interpreters.sql.interpreter_languages import InterpreterLanguage
from interpreters.sql.interpreters import Interpreter
from interpreters.sql.supply import SupplyRow

LEVELS: Final = {"working": 1, "fluent": 2, "native": 3}
QUALIFICATIONS: Final = {"language_speaker": 1, "trained": 2, "certified": 3}
MODES: Final = {"in_person": 1, "phone": 2, "video": 4}


async def refresh_supply(db: Db, *, network_id: UUID, interpreter: Interpreter) -> None:
    """Make the interpreter's supply rows those of their present languages, hours and papers.

    One row for each unordered pair of languages. The caller holds the interpreter's row, so of two
    changes at once the later one sees the earlier. Points that grow with experience are those of a
    newcomer here: a search adds them for those it looks at closely.
    """
    one = interpreter.id
    spoken = await interpreter_languages.of_interpreters(
        db, network_id=network_id, interpreter_ids=[one]
    )
    weekly = await availability.of_interpreters(db, network_id=network_id, interpreter_ids=[one])
    kinds = await credentials.kinds(db, network_id=network_id, interpreter_id=one)
    network = await networks.get(db, network_id=network_id)
    rows = _rows(
        interpreter,
        languages=spoken[one],
        week=week_bits(weekly[one]),
        kinds=kinds,
        weights=msgspec.convert(network.weights, Weights),
    )
    await supply.replace(db, network_id=network_id, interpreter_id=one, rows=list(rows))
    await networks.add_roster_time_zone(db, network_id=network_id, time_zone=interpreter.time_zone)


async def refresh_supply_of_many(
    db: Db, *, network_id: UUID, interpreters: Sequence[Interpreter]
) -> None:
    """Do the same for many at once. The caller holds their rows, or has just made them."""
    ids = [one.id for one in interpreters]
    spoken = await interpreter_languages.of_interpreters(
        db, network_id=network_id, interpreter_ids=ids
    )
    weekly = await availability.of_interpreters(db, network_id=network_id, interpreter_ids=ids)
    papers = await credentials.of_interpreters(db, network_id=network_id, interpreter_ids=ids)
    network = await networks.get(db, network_id=network_id)
    weights = msgspec.convert(network.weights, Weights)
    rows = {
        one.id: list(
            _rows(
                one,
                languages=spoken[one.id],
                week=week_bits(weekly[one.id]),
                kinds=sorted({paper.kind for paper in papers[one.id]}),
                weights=weights,
            )
        )
        for one in interpreters
    }
    await supply.replace_many(db, network_id=network_id, rows=rows)


async def add_roster_time_zones(
    db: Db, *, network_id: UUID, interpreters: Sequence[Interpreter]
) -> None:
    """Remember every zone they live in. Holds the network's row where one is new: do it last."""
    for zone in sorted({one.time_zone for one in interpreters}):
        await networks.add_roster_time_zone(db, network_id=network_id, time_zone=zone)


def _rows(
    interpreter: Interpreter,
    *,
    languages: Sequence[InterpreterLanguage],
    week: str,
    kinds: Sequence[str],
    weights: Weights,
) -> Iterator[SupplyRow]:
    home = _cell(interpreter)
    for first, second in combinations(sorted(languages, key=lambda one: one.language), 2):
        level = min(first.level, second.level, key=LEVELS.__getitem__)
        yield SupplyRow(
            pair=f"{first.language}:{second.language}",
            active=interpreter.active and interpreter.stage == "active",
            level=LEVELS[level],
            modes=_modes(interpreter, first.language, second.language),
            gender=interpreter.gender,
            qualification=QUALIFICATIONS[interpreter.qualification],
            credentials=kinds,
            dialects=[one.casefold() for one in (*first.dialects, *second.dialects)],
            topics=interpreter.topics,
            time_zone=interpreter.time_zone,
            week=week,
            outside_hours=interpreter.outside_hours,
            urgent_opt_in=interpreter.urgent_opt_in,
            latitude=interpreter.latitude,
            longitude=interpreter.longitude,
            cell=home,
            travel_radius_km=interpreter.travel_radius_km,
            static_score=_static_score(interpreter, level, weights),
            available_until=interpreter.available_until,
        )


def _cell(interpreter: Interpreter) -> int | None:
    if interpreter.latitude is None or interpreter.longitude is None:
        return None
    return cell(latitude=interpreter.latitude, longitude=interpreter.longitude)


def _modes(interpreter: Interpreter, *languages: str) -> int:
    """A signed language is never interpreted by phone: nobody would see it."""
    signed = any(describe(code).modality == "signed" for code in languages)
    return sum(MODES[mode] for mode in interpreter.modes if not (signed and mode == "phone"))


def _static_score(interpreter: Interpreter, level: str, weights: Weights) -> float:
    standing = msgspec.convert(
        {
            "interpreter_id": interpreter.id,
            "qualification": interpreter.qualification,
            "level": level,
        },
        StandingFacts,
    )
    return static_score(standing=standing, weights=weights)
