"""How somebody wants to be told things: said by themselves or for them, one truth for each."""

from typing import Any

import pytest

from api import Api, serving
from centre import Centre
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
CHOICE = {"offers": ["push", "text"], "reminders": []}


async def shown(api: Api, path: str) -> tuple[Any, Any]:
    answer = (await api.get(path)).json()
    return answer["language"], answer["notify"]


async def test_people_choose_for_themselves_and_see_it(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["finance"], email="f@example.org")
        assert await shown(person, "/v1/me") == (None, None)
        changed = await person.patch("/v1/me", {"notify": CHOICE, "language": "lv"})
        assert (changed.status_code, changed.json()["notify"]) == (200, CHOICE)
        assert await shown(person, "/v1/me") == ("lv", CHOICE)
        await person.patch("/v1/me", {"notify": None})
        assert await shown(person, "/v1/me") == ("lv", None)


@pytest.mark.parametrize(
    ("notify", "pointer", "code"),
    [
        ({"offers": []}, "/notify/offers", "required"),
        ({"changes": []}, "/notify/changes", "required"),
        ({"offers": ["text", "text"]}, "/notify/offers/1", "duplicate"),
        ({"offers": ["fax"]}, "/notify/offers/0", "invalid"),
        ({"all": ["text"]}, "/notify/all", "unknown-field"),
        ({"offers": "text"}, "/notify/offers", "wrong-type"),
    ],
)
async def test_what_matters_cannot_be_switched_off(
    pool: Pool, clock: Clock, notify: Any, pointer: str, code: str
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        signed_in = await network.person(["finance"], email="f@example.org")
        for refused in (
            await signed_in.patch("/v1/me", {"notify": notify}),
            await person.api.patch(f"/v1/interpreters/{person.id}", {"notify": notify}),
        ):
            assert refused.status_code == 422
            errors = [(one["pointer"], one["code"]) for one in refused.json()["errors"]]
            assert errors == [(pointer, code)]


async def test_before_somebody_signs_in_the_roster_holds_it_and_then_they_do(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        path = f"/v1/interpreters/{person.id}"
        staff = centre.coordinator
        set_first = await staff.patch(path, {"language": "fa-AF", "notify": CHOICE})
        assert set_first.status_code == 200, set_first.text
        assert await shown(staff, path) == ("fa-AF", CHOICE)
        me = await network.person(["interpreter"], interpreter_id=person.key)
        assert await shown(me, path) == ("fa-AF", CHOICE)  # signing in loses nothing
        await me.patch("/v1/me", {"language": "en", "notify": None})
        assert await shown(staff, path) == ("en", None)  # and the older word is gone
        await staff.patch(path, {"notify": {"offers": ["mail"]}})
        assert await shown(me, "/v1/me") == ("en", {"offers": ["mail"]})
        assert (await me.patch(path, {"language": "uk"})).status_code == 200
        assert await shown(me, "/v1/me") == ("uk", {"offers": ["mail"]})


async def test_an_institution_sees_nothing_of_it(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        await centre.coordinator.patch(
            f"/v1/interpreters/{person.id}", {"language": "en", "notify": CHOICE}
        )
        await centre.booked(person)
        seen = (await centre.school.get(f"/v1/interpreters/{person.id}")).json()
        assert seen["id"] == person.id
        assert not {"language", "notify"} & seen.keys()
