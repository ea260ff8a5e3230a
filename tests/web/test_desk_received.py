"""What others ask for on behalf of an institution, at its desk: to be read, and nothing more."""

import re
from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, Person
from conftest import Clock
from desk_pages import Desk, consultant
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
SECRETS = ("LV-1042", "CASE-77", "COST-9", "Ilze", "25565098", "the police")


async def opened(network: Any, clock: Any) -> tuple[Centre, Json, Desk, Person]:
    """Open a centre with a court, somebody at its desk, and somebody who interprets."""
    centre = await Centre(network, clock).open()
    person = await centre.person()
    court = await centre.made(
        centre.coordinator, "/v1/institutions", {"name": "Court", "kind": "justice"}
    )
    return centre, court, await consultant(centre, court), person


async def asked(centre: Centre, court: Json, **changes: Any) -> Json:
    """Ask for the school, on behalf of the court."""
    order = centre.order(
        institution_id=centre.institution["id"], on_behalf_of={"institution_id": court["id"]},
        modes=["phone"], site_id=..., external_reference="CASE-77", cost_centre="COST-9",
        connect={"by": "interpreter", "number": "+37125565098"}, instructions="Ask for Ilze",
        referred_by="the police", **changes,
    )  # fmt: skip
    return await centre.made(centre.coordinator, "/v1/requests", order)


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())


async def test_the_desk_shows_who_asked_when_it_is_and_who_comes(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, court, desk, person = await opened(network, clock)
        assert "for you" not in (await desk.page("/desk")).text
        assert "/desk/received" not in (await desk.page("/desk/requests")).text

        made = await asked(centre, court)
        await person.accept(made)

        path = f"/desk/received/{made['id']}"
        start = (await desk.page("/desk")).text
        assert f'href="{path}"' in start
        assert 'href="/desk/received"' in (await desk.page("/desk/requests")).text
        listed = text_of((await desk.page("/desk/received")).text)
        shown = await desk.page(path)
        assert shown.status_code == 200
        for told in (text_of(start), listed, text_of(shown.text)):
            assert "School" in told
            assert "Person 1" in told
            assert "Dari" in told
            assert [one for one in SECRETS if one in told] == []


async def test_nothing_of_it_can_be_done_there(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, court, desk, _ = await opened(network, clock)
        made = await asked(centre, court)
        page = (await desk.page(f"/desk/received/{made['id']}")).text.partition("<main")[2]
        assert "<form" not in page
        assert "<button" not in page
        assert f"/desk/requests/{made['id']}" not in page
        for verb in ("", "/live", "/change", "/cancel"):
            seen = await desk.page(f"/desk/requests/{made['id']}{verb}")
            assert seen.status_code == 404, verb
        for verb in ("widen", "number", "change", "cancel"):
            done = await desk.send(f"/desk/requests/{made['id']}/{verb}", key=verb, more="relay",
                                   number="+37125565098", reason="no")  # fmt: skip
            assert done.status_code == 404, verb
        assert (await centre.request(made))["version"] == made["version"]


async def test_who_asked_and_others_do_not_find_it_there(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, court, _, _ = await opened(network, clock)
        made = await asked(centre, court)
        bank = {"id": (await network.institution("Bank"))[0]}
        for whose, email in ((None, "s@example.org"), (bank, "b@example.org")):
            other = await consultant(centre, whose, email=email)
            assert (await other.page(f"/desk/received/{made['id']}")).status_code == 404
            assert made["id"] not in (await other.page("/desk/received")).text
            assert (
                await other.page(f"/desk/received?institution={court['id']}")
            ).status_code == 404
        own = await centre.asked()
        assert (await other.page(f"/desk/received/{own['id']}")).status_code == 404


async def test_a_coordinator_looks_at_one_institution_at_a_time(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, court, _, _ = await opened(network, clock)
        made = await asked(centre, court)
        boss = Desk(await network.person(["coordinator"]))
        assert "Please choose the institution." in (await boss.page("/desk/received")).text
        path = f"/desk/received?institution={court['id']}"
        assert made["id"] in (await boss.page(path)).text
        assert (await boss.page(f"/desk/received/{made['id']}")).status_code == 200
        school = f"/desk/received?institution={centre.institution['id']}"
        assert made["id"] not in (await boss.page(school)).text


async def test_what_is_over_leaves_the_overview_and_stays_in_the_list(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, court, desk, person = await opened(network, clock)
        going = await asked(centre, court)
        clock.now += timedelta(seconds=1)
        off = await asked(centre, court, topic="legal")
        await person.accept(going)
        await centre.coordinator.post(f"/v1/requests/{off['id']}/cancel", {"reason": "no"})
        start = (await desk.page("/desk")).text
        assert going["id"] in start
        assert off["id"] not in start
        clock.now = START + timedelta(minutes=30)
        assert going["id"] in (await desk.page("/desk")).text
        clock.now = START + timedelta(minutes=90)
        assert going["id"] not in (await desk.page("/desk")).text
        listed = (await desk.page("/desk/received")).text
        assert listed.index(off["id"]) < listed.index(going["id"])


async def test_a_long_list_goes_on(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, court, desk, _ = await opened(network, clock)
        made = []
        for number in range(51):
            clock.now += timedelta(seconds=1)
            at = START + timedelta(days=1, hours=number)
            made.append(await asked(centre, court, starts_at=at.isoformat(), language="tamil"))
        first = (await desk.page("/desk/received")).text
        assert first.count("/desk/received/req_") == 50
        further = re.search(r'href="(/desk/received\?before=[^"]+)"', first)
        assert further is not None
        assert f"/desk/received/{made[0]['id']}" in (await desk.page(further[1])).text


async def test_a_list_in_arabic_letters_has_their_comma(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, court, desk, person = await opened(network, clock)
        made = await asked(centre, court)
        await person.accept(made)
        path = f"/desk/received/{made['id']}"
        for language, comma in (("fa", "\N{ARABIC COMMA} "), ("en", ", ")):
            told = (await desk.page(f"{path}?lang={language}")).text
            assert f"{comma}<bdi>" in told, language
