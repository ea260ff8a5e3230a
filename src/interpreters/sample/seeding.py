"""Making the sample network, whole or not at all, and finding it again."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

import msgspec

from interpreters.application.calls import run
from interpreters.application.events import place_all
from interpreters.application.networks import list_networks
from interpreters.application.replays import finish_network, forget_unfinished, settle_past
from interpreters.database import Pool
from interpreters.sample import network
from interpreters.sample.days import at_clock
from interpreters.sample.replay import Teller
from interpreters.sample.roster import Roster, open_with_roster, read_roster
from interpreters.sample.story import Story, draw_story
from interpreters.sample.timeline import Timeline

OPENED: Final = date(2016, 5, 2)
Progress: TypeAlias = Callable[[int, int], None]
T = TypeVar("T")


class SampleNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor needs first: the centre, its site in Riga, and somebody who speaks Dari."""

    network_id: UUID
    institution_id: UUID
    site_id: UUID
    interpreter_id: UUID


async def find(pool: Pool) -> SampleNetwork | None:
    """Return the sample network, if it was made whole."""
    network_id = (await list_networks(pool)).get(network.SLUG)
    if network_id is None:
        return None
    return _sample(await run(pool, network_id, lambda db: read_roster(db, network_id=network_id)))


async def seed(
    pool: Pool, *, progress: Progress, now: datetime, story: Story | None = None
) -> SampleNetwork:
    """Make the sample network; one that was broken off is given up, and begun anew.

    `progress` is called with how many requests are told, and of how many. `now` is the present:
    when it was made, while everything in it has its own dates.

    Raises:
        NotFound: another process began anew meanwhile.
    """
    await forget_unfinished(pool, slug=network.UNFINISHED)
    told = draw_story() if story is None else story
    roster = await open_with_roster(pool, now=at_clock(OPENED, 9 * 60))
    await _replay(pool, roster, told, progress)
    network_id = roster.network_id
    await run(pool, network_id, lambda db: settle_past(db, network_id=network_id, now=now))
    await finish_network(pool, network_id=network_id, slug=network.SLUG)
    return _sample(roster)


async def _replay(pool: Pool, roster: Roster, story: Story, progress: Progress) -> None:
    timeline = Timeline()
    done = 0

    async def tell(teller: Teller) -> None:
        nonlocal done
        await teller.tell()
        done += 1
        progress(done, len(story.requests))

    async def place(day: date) -> None:
        now = at_clock(day, 0)
        await run(
            pool,
            roster.network_id,
            lambda db: place_all(db, network_id=roster.network_id, now=now),
        )

    progress(0, len(story.requests))
    tellers = [Teller(pool, roster, timeline, planned) for planned in story.requests]
    await timeline.run([tell(one) for one in tellers], after_each=place)


def _sample(roster: Roster) -> SampleNetwork:
    """Point at the centre; at whatever there is, where somebody gave things other names."""
    centre, riga = network.CENTRE.name, network.RIGA.name
    return SampleNetwork(
        network_id=roster.network_id,
        institution_id=_named(roster.institutions, centre),
        site_id=_named(roster.sites, (centre, riga)),
        interpreter_id=_named(roster.interpreters, network.INTERPRETERS[0].name),
    )


def _named(ids: Mapping[T, UUID], name: T) -> UUID:
    return ids[name] if name in ids else next(iter(ids.values()))
