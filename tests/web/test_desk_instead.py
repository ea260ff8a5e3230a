"""The desk after calling off late: another session in that time, instead of the fee."""

import re

import pytest

from api import serving
from centre import Centre
from conftest import Clock
from desk_pages import Desk, consultant, fields, hidden
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
RULE = {"free_until_hours": 48, "fee_percent": 100, "replacement": True}
POLICY = {"name": "Usual", "default": True, "valid_from": "2026-01-01", "rules": [RULE]}
PRICES = {
    "name": "2026", "default": True, "currency": "EUR", "valid_from": "2026-01-01",
    "rates": [{"mode": "in_person", "qualification": "language_speaker",
               "charge_per_hour_minor": 4000, "pay_per_hour_minor": 2500}],
}  # fmt: skip


def squeezed(text: str) -> str:
    """Return a page's words, without its tags and line breaks."""
    return " ".join(re.sub(r"<[^>]*>", "", text).split())


async def called_off_late(centre: Centre, desk: Desk) -> str:
    """Call a session of three hours off by its form, a day before; return where that leads to."""
    await centre.made(centre.coordinator, "/v1/tariffs", PRICES)
    await centre.made(centre.coordinator, "/v1/cancellation-policies", POLICY)
    anna = await centre.person()
    made = await desk.send("/desk/new", **fields(centre, duration_minutes="180"))
    path: str = made.headers["location"]
    await anna.accept({"id": path.rpartition("/")[2]})
    centre.at(days=1)
    gone = await desk.send(f"{path}/cancel", key="off", reason="Moved", **{"charge-this": "12000"})
    assert (gone.status_code, gone.headers["location"]) == (303, path), gone.text
    return path


async def test_instead_of_the_fee_another_session_in_that_time_is_asked_for(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        path = await called_off_late(centre, desk)
        page = (await desk.page(path)).text
        assert "until Nov 25 13:00" in squeezed(page)
        link = re.search(r'href="(/desk/new\?instead=(bkg_\w+))"', page)
        assert link is not None
        assert link[1] in (await desk.page(f"/desk/bookings/{link[2]}")).text
        form = await desk.page(link[1])
        assert hidden(form, "replaces") == link[2]
        assert "You do not pay the fee of €120.00 then." in squeezed(form.text)
        asked = fields(centre, replaces=link[2], time="11:00", client="LV-2", key="two")
        seen = await desk.send("/desk/preview", **asked)
        assert "It would cost about €120.00." in squeezed(seen.text)
        assert "The interpreter is booked as soon as you send this." in seen.text
        late = {**asked, "time": "12:30", "key": "late"}
        for refused, status in (("/desk/preview", 200), ("/desk/new", 422)):
            told = await desk.send(refused, **late)
            assert told.status_code == status
            assert "must lie within the time that was booked before" in told.text
            assert hidden(told, "replaces") == link[2]
        made = await desk.send("/desk/new", **asked)
        assert made.status_code == 303, made.text
        one = (await centre.school.get(made.headers["location"].replace("/desk", "/v1"))).json()
        assert (one["state"], one["replaces"]) == ("filled", link[2])
        assert link[2] in (await desk.page(made.headers["location"])).text
        assert "instead=" not in (await desk.page(path)).text
        again = await desk.page(link[1])
        assert (again.status_code, "No other session can stand" in again.text) == (422, True)


async def test_what_another_institution_called_off_is_not_replaced_here(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        path = await called_off_late(centre, await consultant(centre))
        [booking] = (await centre.coordinator.get("/v1/bookings")).json()["items"]
        police, _ = await network.institution("Police")
        stranger = await consultant(centre, {"id": police}, "bela@example.org")
        assert (await stranger.page(f"/desk/new?instead={booking['id']}")).status_code == 404
        assert (await stranger.page(path)).status_code == 404
        sent = await stranger.send("/desk/new", **fields(centre, replaces=booking["id"]))
        assert sent.status_code in (404, 422)
        assert booking["interpreter"]["display_name"] not in sent.text
