"""The roster through its doors: who is on it, who sees whom, and what is refused."""

from typing import Any

import pytest

from api import serving
from interpreters.database import Pool
from interpreters.domain.ids import INTERPRETER, read_id
from ledger import Ledger, at
from roster import (
    DARI,
    LATVIAN,
    PASHTO,
    Clock,
    added,
    an_institution,
    another_network,
    errors_of,
    person,
    themselves,
)

pytestmark = pytest.mark.anyio


async def test_an_interpreter_with_what_is_required_gets_every_default(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await coordinator.post(
            "/v1/interpreters",
            {
                "display_name": "Sample Person",
                "languages": [{"code": "Дари"}, {"code": "lv"}],
                "email": "sample@example.org",
            },
        )
        assert response.status_code == 201, response.text
        answer = response.json()
        assert answer == {
            "id": answer["id"],
            "display_name": "Sample Person",
            "phone": None,
            "email": "sample@example.org",
            "gender": None,
            "time_zone": "Europe/Riga",
            "home": None,
            "travel_radius_km": 50,
            "modes": ["in_person", "phone", "video"],
            "languages": [
                {**DARI, "level": "fluent", "dialects": []},
                {**LATVIAN, "level": "fluent", "dialects": []},
            ],
            "qualification": "language_speaker",
            "topics": [],
            "urgent_opt_in": True,
            "quiet_hours": None,
            "engagement": "freelance",
            "active": True,
            "stage": "active",
            "auto_assign": False,
            "rating": None,
            "stage_reason": None,
            "language": None,
            "notify": None,
            "version": 1,
        }
        assert answer["id"].startswith("int_")
        shown = await coordinator.get(f"/v1/interpreters/{answer['id']}")
        assert (shown.status_code, shown.json()) == (200, answer)
        assert shown.headers["etag"] == '"1"'


async def test_everything_that_is_sent_is_kept_and_answered(pool: Pool, clock: Clock) -> None:
    sent = {
        "display_name": "Sample Person",
        "phone": "00371 25565098".replace("00", "+", 1),
        "email": "sample@example.org",
        "gender": "female",
        "time_zone": "Europe/Tallinn",
        "home": {"latitude": 59.437, "longitude": 24.7536, "city": "Tallinn"},
        "travel_radius_km": 0,
        "modes": ["video", "phone"],
        "languages": [
            {"code": "lv", "level": "working"},
            {"code": "puštu", "level": "native", "dialects": ["Kandahari"]},
        ],
        "qualification": "certified",
        "topics": ["legal", "health"],
        "urgent_opt_in": False,
        "quiet_hours": {"from": "22:00", "to": "07:30"},
        "engagement": "staff",
        "active": False,
    }
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        answer = (await coordinator.post("/v1/interpreters", sent)).json()
        assert answer == {
            **sent,
            "id": answer["id"],
            "phone": "+37125565098",
            "languages": [
                {**LATVIAN, "level": "working", "dialects": []},
                {**PASHTO, "level": "native", "dialects": ["Kandahari"]},
            ],
            "stage": "active",
            "auto_assign": False,
            "rating": None,
            "stage_reason": None,
            "language": None,
            "notify": None,
            "version": 1,
        }
        shown = await coordinator.get(f"/v1/interpreters/{answer['id']}")
        assert shown.json() == answer


async def test_a_member_booked_as_a_wider_language_stays_as_its_dialect(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator, languages=[{"code": "pbt"}, {"code": "eng"}])
        assert one["languages"][0] == {
            **PASHTO,
            "level": "fluent",
            "dialects": ["Southern Pashto"],
        }


async def test_a_language_that_is_several_is_asked_back_with_its_options(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await coordinator.post(
            "/v1/interpreters", person(languages=[{"code": "Kurdish"}, {"code": "lv"}])
        )
        assert errors_of(response) == {("/languages/0/code", "needs-variety")}
        problem = response.json()
        assert problem["code"] == "needs-variety"
        options = problem["errors"][0]["options"]
        assert {"kmr", "ckb"} <= {one["code"] for one in options}


async def test_every_wrong_field_is_named_at_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        assert errors_of(await coordinator.post("/v1/interpreters", {})) == {
            ("/display_name", "required"),
            ("/languages", "required"),
            ("/phone", "required"),
        }
        response = await coordinator.post(
            "/v1/interpreters",
            {
                "display_name": "x\u0000",
                "languages": [{"code": "dari"}, {"code": "prs"}, {"code": "Klingonish"}],
                "phone": "12",
                "time_zone": "Europe/Atlantis",
                "home": {"latitude": 56.9},
                "travel_radius_km": 2001,
                "modes": ["in_person", "fax"],
                "quiet_hours": {"from": "22:00", "to": "24:30"},
                "nickname": "S",
            },
        )
        assert errors_of(response) == {
            ("/display_name", "invalid"),
            ("/languages/1/code", "duplicate"),
            ("/languages/2/code", "unknown-language"),
            ("/phone", "invalid-phone"),
            ("/time_zone", "unknown-time-zone"),
            ("/home/longitude", "required"),
            ("/travel_radius_km", "out-of-range"),
            ("/modes/1", "invalid"),
            ("/quiet_hours/to", "invalid"),
            ("/nickname", "unknown-field"),
        }


@pytest.mark.parametrize(
    ("field", "value"), [("languages", []), ("modes", []), ("travel_radius_km", -1)]
)
async def test_empty_lists_and_negative_distances_are_refused(
    pool: Pool, clock: Clock, field: Any, value: Any
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await coordinator.post("/v1/interpreters", person(**{field: value}))
        assert errors_of(response) == {(f"/{field}", "out-of-range")}


async def test_the_same_call_with_the_same_key_adds_one_interpreter(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        once = {"headers": {"Idempotency-Key": "roster-1"}}
        first = await coordinator.post("/v1/interpreters", person(), **once)
        again = await coordinator.post("/v1/interpreters", person(), **once)
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["idempotent-replayed"] == "true"
        listed = (await coordinator.get("/v1/interpreters")).json()
        assert listed == {"items": [first.json()], "next": None}


async def test_a_change_is_made_once_for_the_version_it_was_meant_for(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator, home={"city": "Riga"})
        path = f"/v1/interpreters/{one['id']}"
        wanted = {
            "display_name": "Another Name",
            "home": None,
            "languages": [{"code": "lv", "level": "native"}],
        }
        changed = await coordinator.patch(path, wanted, headers={"If-Match": '"1"'})
        assert changed.status_code == 200, changed.text
        assert changed.json() == {
            **one,
            "display_name": "Another Name",
            "home": None,
            "languages": [{**LATVIAN, "level": "native", "dialects": []}],
            "version": 2,
        }
        assert changed.headers["etag"] == '"2"'
        stale = await coordinator.patch(path, {"active": False}, headers={"If-Match": '"1"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "precondition-failed")
        assert (await coordinator.get(path)).json() == changed.json()


async def test_nobody_loses_the_last_way_to_be_reached(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        path = f"/v1/interpreters/{one['id']}"
        assert errors_of(await coordinator.patch(path, {"phone": None})) == {("/phone", "required")}
        moved = await coordinator.patch(path, {"phone": None, "email": "sample@example.org"})
        assert (moved.json()["phone"], moved.json()["email"]) == (None, "sample@example.org")


async def test_interpreters_see_and_change_only_themselves(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        first, second = await added(coordinator), await added(coordinator)
        caller = await themselves(network, first)
        own, other = f"/v1/interpreters/{first['id']}", f"/v1/interpreters/{second['id']}"
        shown = {name: value for name, value in first.items() if name != "stage_reason"}
        assert (await caller.get(own)).json() == shown
        assert (await caller.get("/v1/interpreters")).json()["items"] == [shown]
        assert (await caller.get(other)).status_code == 404
        assert (await caller.patch(other, {"nonsense": 1})).status_code == 404
        wanted = {
            "phone": "+371 29999999",
            "email": "me@example.org",
            "home": {"latitude": 56.95, "longitude": 24.1, "city": "Riga"},
            "travel_radius_km": 10,
            "modes": ["phone"],
            "quiet_hours": {"from": "21:00", "to": "08:00"},
            "urgent_opt_in": False,
            "time_zone": "Europe/Vilnius",
            "topics": ["social"],
        }
        changed = await caller.patch(own, wanted)
        assert changed.status_code == 200, changed.text
        assert changed.json() == {**shown, **wanted, "phone": "+37129999999", "version": 2}


@pytest.mark.parametrize(
    "change",
    [
        {"qualification": "certified"},
        {"languages": [{"code": "lv"}]},
        {"active": False},
        {"engagement": "staff"},
        {"display_name": "Doctor"},
        {"gender": "other"},
    ],
)
async def test_interpreters_do_not_change_the_networks_word_about_them(
    pool: Pool, clock: Clock, change: Any
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        refused = await (await themselves(network, one)).patch(
            f"/v1/interpreters/{one['id']}", {"travel_radius_km": 1, **change}
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert (await coordinator.get(f"/v1/interpreters/{one['id']}")).json() == one


async def test_only_coordinators_add_interpreters_and_finance_sees_none(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        institution, institution_id = await an_institution(network, coordinator)
        consultant = await network.caller("consultant", institution_id=institution_id)
        finance = await network.caller("finance")
        for caller in (await themselves(network, one), institution, consultant, finance):
            assert (await caller.post("/v1/interpreters", {"bad": 1})).status_code == 403
        for caller in (institution, consultant, finance):
            changed = await caller.patch(f"/v1/interpreters/{one['id']}", {"active": False})
            assert changed.status_code == 403
        assert (await finance.get(f"/v1/interpreters/{one['id']}")).status_code == 403
        assert (await finance.get("/v1/interpreters")).status_code == 403


async def test_institutions_see_names_and_languages_of_those_they_had_or_prefer(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        had, held, preferred, stranger = [await added(coordinator) for _ in range(4)]
        institution, institution_id = await an_institution(
            network, coordinator, preferred_interpreter_ids=[preferred["id"]]
        )
        consultant = await network.caller("consultant", institution_id=institution_id)
        ledger = Ledger(pool, network.id)
        for someone, state, day in ((had, "cancelled", 1), (held, "released", 2)):
            wanted = await ledger.request(
                institution_id=institution_id, client_ids=(), language="prs", mode="phone",
                starts_at=at(f"2026-12-0{day} 10:00"), minutes=60, state="cancelled",
            )  # fmt: skip
            await ledger.booking(wanted, read_id(INTERPRETER, someone["id"]), state)
        for caller in (institution, consultant):
            brief = {
                one["id"]: {name: one[name] for name in ("id", "display_name", "languages")}
                for one in (preferred, had)
            }
            listed = (await caller.get("/v1/interpreters")).json()["items"]
            assert {one["id"]: one for one in listed} == brief
            shown = await caller.get(f"/v1/interpreters/{had['id']}")
            assert shown.json() == brief[had["id"]]
            for unknown in (stranger, held):
                assert (await caller.get(f"/v1/interpreters/{unknown['id']}")).status_code == 404


async def test_another_network_has_no_such_interpreter(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        one = await added(await network.caller("coordinator"))
        async with another_network(network) as stranger:
            path = f"/v1/interpreters/{one['id']}"
            assert (await stranger.get(path)).status_code == 404
            assert (await stranger.patch(path, {"active": False})).status_code == 404
            assert (await stranger.get("/v1/interpreters")).json()["items"] == []
        assert (await (await network.caller("coordinator")).get("/v1/interpreters/int_1")).json()[
            "code"
        ] == "not-found"


async def test_lists_are_newest_first_page_by_page_and_filtered(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        first = await added(coordinator)
        second = await added(coordinator, active=False)
        third = await added(coordinator, languages=[{"code": "uk"}, {"code": "lv"}])

        async def ids(query: str) -> list[str]:
            response = await coordinator.get(f"/v1/interpreters?{query}")
            return [one["id"] for one in response.json()["items"]]

        page = (await coordinator.get("/v1/interpreters?limit=2")).json()
        assert {one["id"] for one in page["items"]} < {first["id"], second["id"], third["id"]}
        rest = (await coordinator.get(page["next"])).json()
        everybody = [one["id"] for one in [*page["items"], *rest["items"]]]
        assert everybody == sorted({first["id"], second["id"], third["id"]}, reverse=True)
        assert rest["next"] is None
        assert await ids("active=false") == [second["id"]]
        assert await ids("language=dari&active=true") == [first["id"]]
        assert await ids("language=Ukrainian") == [third["id"]]
        wrong = await coordinator.get("/v1/interpreters?language=Kurdish&active=maybe")
        assert errors_of(wrong) == {("/language", "needs-variety"), ("/active", "wrong-type")}
