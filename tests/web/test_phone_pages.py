"""The phone's doors: a shell of nobody's, and what one interpreter alone sees in it."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api import serving
from centre import START, Centre
from conftest import Clock
from interpreters.database import Pool
from interpreters.web.assets import DIST, built
from interpreters.web.phone_texts import TEXTS
from phone import offered, signed_in

pytestmark = pytest.mark.anyio
SCRIPTS = Path(__file__).parents[2] / "frontend" / "phone"
BUDGET = 30 * 1024
INLINE = re.compile(r"<script(?![^>]*src=)|style=|\son\w+=")
WAYS = [("en", "ltr"), ("lv", "ltr"), ("fa", "rtl"), ("ar", "rtl")]
# Names that are put together: what begins so is said.
BUILT = ("failed-", "letters-", "push-", "way-", "ways-", "why-")
ENDS = {"taken", "expired", "withdrawn", "standby"}  # an offer's states
PLACE = {"time_zone": "Europe/Oslo", "latitude": 59.9, "longitude": 10.7, "city": "Oslo"}


async def seen(centre: Centre, token: str, path: str = "/app/state?lang=en") -> Any:
    response = await centre.network.client.get(
        path, headers={"Cookie": f"interpreters_token={token}"}
    )
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    return response.json()


async def test_anybody_may_load_the_shell_and_nothing_of_anybody_is_in_it(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        token = await signed_in(network, await offered(centre), display_name="Zohra")
        nobody = await network.client.get("/app?lang=en")
        somebody = await network.client.get(
            "/app?lang=en", headers={"Cookie": f"interpreters_token={token}"}
        )
        assert nobody.status_code == somebody.status_code == 200
        assert nobody.text == somebody.text
        assert '<link rel="manifest"' in nobody.text
        assert 'href="/sign-in?next=/app"' in nobody.text
        assert not re.search(
            r"<script(?![^>]*(src=|application/json))|style=|\son\w+=", nobody.text
        )


@pytest.mark.parametrize(
    ("asked", "way"), [("en", "ltr"), ("lv", "ltr"), ("fa", "rtl"), ("ar", "rtl")]
)
async def test_the_shell_and_what_installs_it_are_in_the_language_asked_for(
    pool: Pool, clock: Clock, asked: str, way: str
) -> None:
    async with serving(pool, clock) as network:
        text = (await network.client.get(f"/app?lang={asked}")).text
        assert f'<html lang="{asked}" dir="{way}">' in text
        manifest = (await network.client.get(f"/app/manifest.webmanifest?lang={asked}")).json()
        assert (manifest["lang"], manifest["dir"]) == (asked, way)
        assert manifest["display"] == "standalone"
        assert manifest["start_url"].startswith(manifest["scope"])
        for one in manifest["icons"]:
            picture = await network.client.get(one["src"])
            assert picture.content.startswith(b"\x89PNG")


async def test_somebody_is_answered_in_their_own_language_unless_they_choose(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        token = await signed_in(network, await centre.person(), language="lv")
        cookie = {"Cookie": f"interpreters_token={token}"}
        own = await network.client.get("/app", headers=cookie)
        chosen = await network.client.get("/app?lang=fa", headers=cookie)
        assert '<html lang="lv"' in own.text
        assert '<html lang="fa"' in chosen.text
        assert "interpreters_language=fa" in chosen.headers["set-cookie"]


async def test_the_worker_may_have_the_page_and_is_always_asked_for_anew(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        worker = await network.client.get("/app/worker.js")
        assert worker.headers["service-worker-allowed"] == "/app"
        assert worker.headers["cache-control"] == "no-cache"
        assert built()["phone.js"] in worker.text


async def test_the_whole_app_is_thirty_kilobytes_on_the_way(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        for language in ("en", "fa", "uk"):
            shell = await network.client.get(f"/app?lang={language}")
            files = [DIST / built()[name] for name in ("phone.js", "phone.css")]
            sizes = [len(gzip.compress(one.read_bytes())) for one in files]
            assert sum(sizes) + len(gzip.compress(shell.content)) <= BUDGET


def test_every_text_the_script_says_is_there_and_every_text_is_said() -> None:
    code = "\n".join(one.read_text(encoding="utf-8") for one in SCRIPTS.glob("*.js"))
    said = set(re.findall(r'\bt\("([a-z0-9_-]+)"', code))
    assert said - TEXTS.keys() == set()
    quoted = set(re.findall(r'["`]([a-z0-9_-]+)["`]', code))
    assert [one for one in TEXTS.keys() - quoted - ENDS if not one.startswith(BUILT)] == []


async def test_who_is_nobody_or_no_interpreter_is_told_so(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        nobody = await network.client.get("/app/state")
        assert nobody.json() == {"who": None}
        finance = await network.person(["finance"], email="f@example.org")
        other = await network.client.get(
            "/app/state", headers={"Cookie": f"interpreters_token={finance.token}"}
        )
        assert other.json() == {"who": None, "other": True}
        assert (await network.client.get("/app/pay")).json() == {"months": []}


async def test_an_offer_is_told_in_words_with_an_area_and_no_address(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await offered(centre, instructions="Room 4, ask for Ilze")
        state = await seen(centre, await signed_in(network, person))
        [offer] = state["offers"]
        assert offer["languages"] == ["Dari", "Latvian"]
        assert offer["day"] == "Wednesday, November 25, 2026"
        assert offer["times"] == "10:00 \N{EN DASH} 11:00"
        assert offer["mode_text"] == "In person"
        assert offer["area"] == "Riga"
        assert offer["topic"] == "Health"
        assert datetime.fromisoformat(offer["answer_by"]) == clock.now + timedelta(minutes=90)
        assert offer["answer_by_text"] == "11:30"
        whole = json.dumps(state)
        for hidden in ("Street 1", "Ilze", "LV-1042", "School", "Main"):
            assert hidden not in whole


async def test_a_job_has_its_address_and_never_who_it_is_for(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        await centre.booked(person, instructions="Room 4, ask for Ilze")
        state = await seen(centre, await signed_in(network, person))
        [job] = state["jobs"]
        assert job["state_text"] == "Confirmed"
        assert job["contact"]["address"] == "Street 1"
        assert job["instructions"] == "Room 4, ask for Ilze"
        assert datetime.fromisoformat(job["check_in_from"]) == START - timedelta(hours=2)
        assert datetime.fromisoformat(job["start_from"]) == START - timedelta(minutes=15)
        assert "LV-1042" not in json.dumps(state)
        theirs = await seen(centre, await signed_in(network, other))
        assert theirs["jobs"] == []
        assert "Street 1" not in json.dumps(theirs)
        assert [one["state"] for one in theirs["offers"]] == ["taken"]


async def test_who_is_asked_about_a_conflict_sees_names_alone_until_they_answer(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.coordinator.patch("/v1/network", {"ask_conflicts": True})
        person = await centre.person()
        booking = await centre.booked(person, instructions="Room 4, ask for Ilze")
        token = await signed_in(network, person)
        [job] = (await seen(centre, token))["jobs"]
        assert job["asked_by"] == "School, Main"
        assert not {"Street 1", "Room 4, ask for Ilze"} & set(map(str, job.values()))
        assert job.get("contact") is None
        await person.api.post(f"/v1/bookings/{booking['id']}/no-conflict")
        [job] = (await seen(centre, token))["jobs"]
        assert job["asked_by"] is None
        assert job["contact"]["address"] == "Street 1"


async def test_the_number_to_call_is_there_from_half_an_hour_before(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        number = {"by": "interpreter", "number": "+371 25565098"}
        await centre.booked(person, modes=["phone"], site_id=..., connect=number)
        token = await signed_in(network, person)
        [job] = (await seen(centre, token))["jobs"]
        assert job["connect"] is None
        assert "09:30" in job["connect_text"]
        clock.now = START - timedelta(minutes=30)
        [job] = (await seen(centre, token))["jobs"]
        assert job["connect"]["number"] == "+37125565098"


async def test_a_job_far_away_is_told_by_the_clock_there_with_its_city(
    pool: Pool, clock: Clock
) -> None:
    """An interpreter who lives by Riga's clock, and the night it is set back: 25 October 2026."""
    clock.now = datetime(2026, 10, 20, 8, tzinfo=UTC)
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person(time_zone="Europe/Riga")
        oslo = await centre.add_site(**PLACE)
        night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        await centre.booked(
            person, modes=["phone"], site_id=oslo["id"], starts_at=night.isoformat(),
            duration_minutes=60,
        )  # fmt: skip
        [job] = (await seen(centre, await signed_in(network, person)))["jobs"]
        assert job["city"] == "Oslo"
        assert "02:30 (UTC+02:00)" in job["times"]
        assert "02:30 (UTC+01:00)" in job["times"]


async def test_days_away_are_told_as_days_also_when_one_of_them_is_longer(
    pool: Pool, clock: Clock
) -> None:
    """From Saturday to Sunday, on which the clock is set back: 49 hours in Riga."""
    clock.now = datetime(2026, 10, 20, 8, tzinfo=UTC)
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        away = {"starts_at": "2026-10-24T00:00:00+03:00", "ends_at": "2026-10-26T00:00:00+02:00"}
        await centre.made(person.api, f"/v1/interpreters/{person.id}/absences", away)
        hours = {"starts_at": "2026-10-21T12:00:00+03:00", "ends_at": "2026-10-21T14:30:00+03:00"}
        await centre.made(person.api, f"/v1/interpreters/{person.id}/absences", hours)
        told = (await seen(centre, await signed_in(network, person)))["hours"]["absences"]
        assert [one["days"] for one in told] == [
            ["Oct 21 12:00", "Oct 21 14:30"],
            ["Oct 24", "Oct 25"],
        ]


async def test_pay_is_told_job_by_job_and_only_ones_own(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.made(centre.coordinator, "/v1/tariffs", TARIFF)
        person, other = await centre.people(2)
        booking = await centre.booked(person)
        token = await signed_in(network, person)
        [job] = (await seen(centre, token))["jobs"]
        assert job["pay"] == "€30.00"
        clock.now = START
        await person.api.post(f"/v1/bookings/{booking['id']}/start")
        clock.now = START + timedelta(hours=1)
        await person.api.post(f"/v1/bookings/{booking['id']}/end")
        this, before = (await seen(centre, token, "/app/pay?lang=en"))["months"]
        assert (this["month"], this["month_text"]) == ("2026-11", "November 2026")
        assert this["total"] == "€30.00"
        [line] = this["lines"]
        assert (line["kind"], line["amount"], line["minutes"]) == ("Session", "€30.00", "60 min")
        assert "48" not in json.dumps(this["lines"])  # what the institution is charged
        assert before["lines"] == []
        theirs = await seen(centre, await signed_in(network, other), "/app/pay?lang=en")
        assert all(one["lines"] == [] for one in theirs["months"])


TARIFF = {
    "name": "2026",
    "default": True,
    "currency": "EUR",
    "valid_from": "2026-01-01",
    "rates": [
        {"mode": "in_person", "qualification": "language_speaker", "charge_per_hour_minor": 4800,
         "pay_per_hour_minor": 3000}
    ],
}  # fmt: skip
