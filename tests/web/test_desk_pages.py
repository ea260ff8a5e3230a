"""The desk: consultants ask for interpreters, see how it goes, change it and call it off."""

import re
from datetime import timedelta

import pytest

from api import serving
from centre import START, Centre
from conftest import Clock
from desk_pages import consultant, fields, hidden
from interpreters.application.calls import run
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.application.requests import create_request
from interpreters.database import Pool
from interpreters.domain.callers import house
from interpreters.domain.ids import INSTITUTION, REQUEST, read_id, show_id

pytestmark = pytest.mark.anyio


async def test_a_request_is_asked_for_with_the_clock_of_the_place(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        desk = await consultant(centre)
        made = await desk.send("/desk/new", **fields(centre))
        assert made.status_code == 303, made.text
        path = made.headers["location"]
        request = (await centre.coordinator.get(path.replace("/desk", "/v1"))).json()
        assert request["starts_at"] == "2026-11-25T08:00:00Z"  # in Riga 10:00
        assert (request["topic"], request["clients"][0]["reference"]) == ("health", "LV-1042")
        shown = await desk.page(path)
        assert shown.status_code == 200
        assert "Dari" in shown.text
        assert "LV-1042" in (await desk.page("/desk")).text


async def test_every_mistake_is_told_beside_its_field_and_on_top(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        answer = await desk.send(
            "/desk/new",
            **fields(centre, language="klingonish", date="2020-01-01", client="", mode=[]),
        )
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        for field in ("language", "starts_at", "clients-0-reference", "modes"):
            assert f'id="wrong-{field}"' in answer.text, field
        assert "Please fill this in." in answer.text  # the code
        for anchor in ("#language", "#date", "#client", "#mode-in_person"):
            assert f'href="{anchor}"' in answer.text, anchor
        assert 'value="klingonish"' in answer.text  # what was filled in stays
        assert await network.count("requests") == 0


async def test_a_name_of_several_languages_is_asked_back_with_buttons(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        answer = await desk.send("/desk/new", **fields(centre, language="Kurdish"))
        assert answer.status_code == 422
        assert {"variety:kmr", "variety:ckb"} <= set(re.findall(r'"(variety:\w+)"', answer.text))
        chosen = await desk.send(
            "/desk/preview", **fields(centre, language="Kurdish", choice="variety:kmr")
        )
        assert chosen.status_code == 200
        assert hidden(chosen, "language_code") == "kmr"
        made = await desk.send("/desk/new", **fields(centre, language_code="kmr"))
        request = await centre.coordinator.get(made.headers["location"].replace("/desk", "/v1"))
        assert request.json()["language"]["code"] == "kmr"


async def test_a_form_counts_once_however_often_it_is_sent(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        first = await desk.send("/desk/new", **fields(centre))
        again = await desk.send("/desk/new", **fields(centre))
        assert first.headers["location"] == again.headers["location"]
        assert await network.count("requests") == 1


async def test_all_more_choices_reach_the_request(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        made = await desk.send("/desk/new", **fields(
            centre, mode=["in_person", "phone"], first_mode="phone", gender="female",
            gender_strict="yes", qualification="certified", dialect="Hazaragi",
            credentials="child_protection, first_aid", other_mode="yes", shift_minutes="30",
            neighbour_language="yes", relay="yes", interpreters_needed="2", partial_ok="yes",
            nationality="af", other_clients="LV-7\nLV-8", instructions="Ask for Ilze",
            connect_by="interpreter", connect_number="+371 25565098", cost_centre="CC 1",
            external_reference="CASE-77", on_behalf_of="the hospital", repeat="week",
            repeat_every="2", repeat_times="3", priority="important",
        ))  # fmt: skip
        assert made.status_code == 303, made.text
        one = (
            await centre.coordinator.get(made.headers["location"].replace("/desk", "/v1"))
        ).json()
        assert one["modes"] == ["phone", "in_person"]
        assert one["requirements"]["gender"] == {"value": "female", "strict": True}
        assert one["requirements"]["qualification"] == {"minimum": "certified", "strict": False}
        assert one["requirements"]["credentials"] == ["child_protection", "first_aid"]
        assert one["fallbacks"] == {
            "other_mode": True, "neighbour_language": True, "relay": True, "shift_minutes": 30,
        }  # fmt: skip
        assert {each["reference"] for each in one["clients"]} == {"LV-1042", "LV-7", "LV-8"}
        assert (one["interpreters_needed"], one["partial_ok"]) == (2, True)
        assert one["connect"]["number"] == "+37125565098"
        assert (one["cost_centre"], one["priority"]) == ("CC 1", "important")
        assert one["on_behalf_of"]["note"] == "the hospital"
        dates = (await centre.coordinator.get(f"/v1/requests?series_id={one['series_id']}")).json()
        starts = sorted(each["starts_at"] for each in dates["items"])
        assert starts == [
            "2026-11-25T08:00:00Z", "2026-12-09T08:00:00Z", "2026-12-23T08:00:00Z",
        ]  # fmt: skip
        series = await desk.page(f"/desk/series/{one['series_id']}")
        assert series.text.count("/desk/requests/req_") == 3


@pytest.mark.parametrize(
    ("day", "clock_shows", "instant"),
    [
        ("2027-03-28", "02:30", "2027-03-28T00:30:00Z"),  # winter time still
        ("2027-03-28", "03:30", "2027-03-28T01:30:00Z"),  # left out: read with the offset before
        ("2027-10-31", "03:30", "2027-10-31T00:30:00Z"),  # comes twice: the first
    ],
)
async def test_the_nights_on_which_clocks_change(
    pool: Pool, clock: Clock, day: str, clock_shows: str, instant: str
) -> None:
    """In Riga clocks go from 03:00 to 04:00, and back from 04:00 to 03:00 (EU, 01:00 UTC)."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        made = await desk.send(
            "/desk/new", **fields(centre, date=day, time=clock_shows, mode=["phone"])
        )
        one = (
            await centre.coordinator.get(made.headers["location"].replace("/desk", "/v1"))
        ).json()
        assert one["starts_at"] == instant


async def test_the_chances_are_shown_and_what_would_do_is_taken_with_one_press(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(modes=["phone"])
        desk = await consultant(centre)
        shown = await desk.send("/desk/preview", **fields(centre))
        assert "You will probably not get an interpreter this way." in shown.text
        assert 'value="mode:phone"' in shown.text
        taken = await desk.send("/desk/preview", **fields(centre, choice="mode:phone"))
        assert re.search(r'value="phone" checked', taken.text)
        assert not re.search(r'value="in_person" checked', taken.text)
        assert await network.count("requests") == 0


async def test_now_needs_a_language_and_nothing_else(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        desk = await consultant(centre)
        page = await desk.page("/desk/now")
        made = await desk.send(
            "/desk/now", key=hidden(page, "key"), language="دری", mode="phone",
            duration_minutes="30",
        )  # fmt: skip
        assert made.status_code == 303, made.text
        one = (
            await centre.coordinator.get(made.headers["location"].replace("/desk", "/v1"))
        ).json()
        assert (one["starts_now"], one["language"]["code"], one["modes"]) == (
            True,
            "prs",
            ["phone"],
        )
        shown = (await desk.page(made.headers["location"])).text
        assert "We are asking a few interpreters." in shown  # fewer than three are nobody's count


async def test_after_three_minutes_something_else_is_offered_and_one_press_asks_it(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        desk = await consultant(centre)
        made = await desk.send("/desk/now", key="k", language="dari", mode="phone",
                               duration_minutes="30")  # fmt: skip
        path = made.headers["location"]
        offered = "One press, and we go on at once."
        assert offered not in (await desk.page(path)).text
        clock.now += timedelta(minutes=3)
        assert offered in (await desk.page(path)).text
        widened = await desk.send(f"{path}/widen", key="w", more="other_mode")
        assert widened.status_code == 303
        one = (await centre.coordinator.get(path.replace("/desk", "/v1"))).json()
        assert one["fallbacks"]["other_mode"] is True


async def test_the_page_is_asked_again_only_when_something_changed(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        anna = await centre.person()
        desk = await consultant(centre)
        made = await desk.send("/desk/new", **fields(centre))
        path = made.headers["location"]
        page = await desk.page(path)
        found = re.search(r'hx-get="([^"]+)"', page.text)
        assert found is not None
        assert (await desk.page(found[1], **{"hx-request": "true"})).status_code == 204
        await anna.accept({"id": path.rpartition("/")[2]})
        changed = await desk.page(found[1], **{"hx-request": "true"})
        assert changed.status_code == 200
        assert "Person 1" in changed.text
        assert "<html" not in changed.text


async def test_why_nobody_was_found_is_said_in_words(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(3, modes=["phone"])
        desk = await consultant(centre)
        made = await desk.send("/desk/new", **fields(centre))
        shown = (await desk.page(made.headers["location"])).text
        assert "Nobody in the network fits what you asked for." in shown
        assert "Do not work this way (in person, by phone, by video): <bdi>3</bdi>" in shown
        assert made.headers["location"] in (await desk.page("/desk")).text


async def test_a_near_language_and_a_third_one_are_offered_and_allowed_with_one_press(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(languages=[{"code": "pes", "level": "native"}, {"code": "lv"}])
        await centre.person(languages=[{"code": "prs", "level": "native"}, {"code": "rus"}])
        await centre.person(languages=[{"code": "rus", "level": "native"}, {"code": "lv"}])
        desk = await consultant(centre)
        form = fields(centre, topic="social")
        shown = await desk.send("/desk/preview", **form)
        assert "if the client understands it and agrees" in shown.text
        assert "Two interpreters, with <bdi>Russian</bdi> between them." in shown.text
        for choice in ("neighbour_language", "relay"):
            taken = await desk.send("/desk/preview", **{**form, "choice": f"{choice}:yes"})
            assert re.search(rf'name="{choice}" value="yes" checked', taken.text)
            assert "You have allowed this." in taken.text


async def test_what_was_used_often_stands_before_what_is_only_called_alike(
    pool: Pool, clock: Clock
) -> None:
    """`dar` is the code of Dargwa, and how Dari begins."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        first = r'data-code="(\w+)"'
        assert re.findall(first, (await desk.page("/desk/languages?q=dar")).text)[0] == "dar"
        await desk.send("/desk/new", **fields(centre))
        assert re.findall(first, (await desk.page("/desk/languages?q=dar")).text)[0] == "prs"
        assert re.findall(first, (await desk.page("/desk/languages?q=")).text) == ["prs"]
        assert re.findall(first, (await desk.page("/desk/languages?q=dargwa")).text)[0] == "dar"


async def test_a_request_that_says_little_is_shown_changed_and_asked_again(
    pool: Pool, clock: Clock
) -> None:
    """What the software of a network stored without requirements or fallbacks."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        order = RequestOrder(
            institution_id=read_id(INSTITUTION, centre.institution["id"]), languages=["prs"],
            modes=["phone"], starts_at=START, duration_minutes=30,
            clients=[ClientOrder(reference="LV-1")], topic="other",
        )  # fmt: skip
        one = await run(pool, network.id, lambda db: create_request(
            db, house(network.id), order=lambda: order, now=clock.now
        ))  # fmt: skip
        path = f"/desk/requests/{show_id(REQUEST, one.request.id)}"
        for page in (
            path,
            f"{path}/change",
            f"{path}/cancel",
            path.replace("requests/", "new?from="),
        ):
            assert (page, (await desk.page(page)).status_code) == (page, 200)


async def test_who_said_no_number_says_it_when_somebody_is_found(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        anna = await centre.person()
        desk = await consultant(centre)
        made = await desk.send("/desk/now", key="k", language="dari", mode="phone",
                               duration_minutes="30")  # fmt: skip
        path = made.headers["location"]
        booking = await anna.accept({"id": path.rpartition("/")[2]})
        assert "Nobody said yet whom the interpreter calls." in (await desk.page(path)).text
        wrong = await desk.send(f"{path}/number", key="a", number="12")
        assert wrong.status_code == 422
        assert "Please write the phone number with its country" in wrong.text
        assert 'value="12"' in wrong.text  # what was written stays
        told = await desk.send(f"{path}/number", key="b", number="00371 25565098")
        assert told.status_code == 303, told.text
        seen = (await anna.api.get(f"/v1/bookings/{booking['id']}")).json()
        assert seen["connect"]["number"] == "+37125565098"
        again = await desk.page("/desk/now")  # and the next time it stands there
        assert 'value="+37125565098"' in again.text


async def test_fewer_than_were_asked_for_are_taken_with_one_press(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, _ = await centre.people(2)
        desk = await consultant(centre)
        made = await desk.send("/desk/new", **fields(centre, interpreters_needed="2"))
        path = made.headers["location"]
        page = (await desk.page(path)).text
        assert 'value="fewer"' in page
        assert 'value="other_time"' in page
        request = (await centre.coordinator.get(path.replace("/desk", "/v1"))).json()
        await one.accept(request)
        pressed = await desk.send(f"{path}/widen", key="w", more="fewer")
        assert pressed.status_code == 303
        request = await centre.request(request)
        assert (request["state"], request["partial_ok"]) == ("partly_filled", True)
        page = (await desk.page(path)).text
        assert 'value="fewer"' not in page
        assert 'value="other_time"' not in page  # somebody is booked for the time that it is


async def test_that_a_grant_does_not_pay_is_told_before_and_after_it_is_asked_for(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        grant = await centre.made(centre.coordinator, "/v1/fundings", {
            "number": "PMIF/1", "starts_on": "2016-05-18", "excluded_languages": ["prs"],
            "donors": [{"name": "AMIF", "share_basis_points": 10000}],
        })  # fmt: skip
        desk = await consultant(centre)
        asked = fields(centre, funding_id=grant["id"])
        before = await desk.send("/desk/preview", **asked)
        after = await desk.page((await desk.send("/desk/new", **asked)).headers["location"])
        for page in (before, after):
            assert "does not pay for it" in page.text
            assert "Not for this language." in page.text
