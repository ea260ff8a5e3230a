"""From applying or being invited to being asked, and out again."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.networks import open_network
from interpreters.database import Pool
from interpreters.domain.ids import INTERPRETER, read_id
from letters import letters, link_in

pytestmark = pytest.mark.anyio
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}
ANNA = {
    "display_name": "Anna", "phone": "+371 25565098",
    "languages": [{"code": "prs", "level": "native"}, {"code": "lav", "level": "fluent"}],
}  # fmt: skip
APPLICANT = {
    "display_name": "Zahra", "email": "Zahra@example.org", "gender": "female", "city": "Riga",
    "languages": [{"code": "dari"}, {"code": "lv"}], "message": "I taught at a school",
}  # fmt: skip
ASKED = {
    "language": "dari", "modes": ["phone"], "starts_at": "2026-11-28T10:00:00Z",
    "duration_minutes": 60, "clients": [{"reference": "A-1"}], "topic": "health",
}  # fmt: skip


def refusal(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def opened(network: Network) -> Api:
    """Open the network to applications; return a coordinator."""
    coordinator = await network.person(["coordinator"])
    changed = await coordinator.patch("/v1/network", {"applications_open": True})
    assert changed.status_code == 200, changed.text
    return coordinator


async def applied(network: Network, coordinator: Api) -> str:
    answer = await Api(network.client, None).post("/v1/applications", APPLICANT)
    assert answer.status_code == 202, answer.text
    [one] = (await coordinator.get("/v1/interpreters?stage=applied")).json()["items"]
    return f"/v1/interpreters/{one['id']}"


async def candidates(coordinator: Api, institution_id: str) -> tuple[int, dict[str, int]]:
    answer = await coordinator.post(
        "/v1/requests/preview", {**ASKED, "institution_id": institution_id}
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["candidates"], {one["code"]: one["count"] for one in found["excluded"]}


async def test_an_applicant_is_vetted_and_activated_and_only_then_found(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await opened(network)
        institution_id, _ = await network.institution()
        path = await applied(network, coordinator)
        shown = (await coordinator.get(path)).json()
        assert (shown["stage"], shown["stage_reason"]) == ("applied", "I taught at a school")
        assert (shown["email"], shown["home"]["city"]) == ("Zahra@example.org", "Riga")
        assert await candidates(coordinator, institution_id) == (0, {"inactive": 1})
        assert refusal(await coordinator.post(f"{path}/activate")) == (409, "not-vetted")
        invited = await coordinator.post(f"{path}/invite")
        assert invited.json()["stage"] == "invited"
        assert refusal(await coordinator.post(f"{path}/activate")) == (409, "not-vetted")
        vetted = await coordinator.post(f"{path}/vet", {"note": "seen her diploma"})
        assert (vetted.json()["stage"], vetted.json()["stage_reason"]) == (
            "vetted", "seen her diploma",
        )  # fmt: skip
        assert await candidates(coordinator, institution_id) == (0, {"inactive": 1})
        active = await coordinator.post(f"{path}/activate")
        assert (active.json()["stage"], active.json()["active"]) == ("active", True)
        assert await candidates(coordinator, institution_id) == (1, {})
        version = active.json()["version"]
        for verb in ("activate", "vet"):
            again = await coordinator.post(f"{path}/{verb}")
            assert (again.status_code, again.json()["version"]) == (200, version)
        await coordinator.patch(path, {"active": False})
        assert await candidates(coordinator, institution_id) == (0, {"inactive": 1})


async def test_whoever_is_put_on_the_roster_by_a_coordinator_is_active(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        made = await coordinator.post("/v1/interpreters", ANNA)
        assert (made.json()["stage"], made.json()["stage_reason"]) == ("active", None)
        own = await network.caller(
            "interpreter", interpreter_id=read_id(INTERPRETER, made.json()["id"])
        )
        shown = (await own.get(f"/v1/interpreters/{made.json()['id']}")).json()
        assert shown["stage"] == "active"
        assert "stage_reason" not in shown


async def test_applications_need_a_network_that_takes_them(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        nobody = Api(network.client, None)
        closed = await nobody.post("/v1/applications", APPLICANT)
        assert refusal(closed) == (404, "applications-closed")
        unknown = await nobody.post("/v1/applications", {**APPLICANT, "network": "none"})
        assert refusal(unknown) == (404, "applications-closed")
        assert closed.json()["detail"] == unknown.json()["detail"]
        await opened(network)
        named = await nobody.post("/v1/applications", {**APPLICANT, "network": "centre"})
        assert named.status_code == 202
        for wrong in (
            {**APPLICANT, "email": None}, {**APPLICANT, "languages": []},
            {**APPLICANT, "stage": "active"}, {**APPLICANT, "qualification": "certified"},
        ):  # fmt: skip
            assert (await nobody.post("/v1/applications", wrong)).status_code == 422


async def test_an_application_never_tells_who_is_known(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await opened(network)
        made = await coordinator.post("/v1/interpreters", {**ANNA, "email": "zahra@example.org"})
        nobody = Api(network.client, None)
        known = await nobody.post("/v1/applications", APPLICANT)
        unknown = await nobody.post("/v1/applications", {**APPLICANT, "email": "x@example.org"})
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
        listed = (await coordinator.get("/v1/interpreters")).json()["items"]
        assert sorted(one["stage"] for one in listed) == ["active", "applied"]
        assert (
            await coordinator.get(f"/v1/interpreters/{made.json()['id']}")
        ).json() == made.json()
        assert await letters(network) == []


async def test_no_more_than_two_hundred_apply_in_a_day(pool: Pool, clock: Clock) -> None:
    settings = {
        f"INTERPRETERS_RATE_{who}_{what}": "100000"
        for who in ("ADDRESS", "SIGN_IN")
        for what in ("PER_MINUTE", "BURST")
    }
    async with serving(pool, clock, settings) as network:
        coordinator = await opened(network)
        nobody = Api(network.client, None)
        for number in range(200):
            body = {**APPLICANT, "email": f"a{number}@example.org"}
            assert (await nobody.post("/v1/applications", body)).status_code == 202
        refused = await nobody.post("/v1/applications", APPLICANT)
        assert refusal(refused) == (429, "too-many-applications")
        clock.now += timedelta(days=1, seconds=1)
        assert (await nobody.post("/v1/applications", APPLICANT)).status_code == 202
        first = (await coordinator.get("/v1/interpreters?stage=applied&limit=1")).json()
        assert first["items"][0]["display_name"] == "Zahra"


async def test_an_applicant_gets_no_code_until_invited(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await opened(network)
        path = await applied(network, coordinator)
        nobody = Api(network.client, None)
        asked = {"email": "zahra@example.org"}
        assert (await nobody.post("/v1/sign-in", asked)).status_code == 202
        assert await letters(network) == []
        await coordinator.post(f"{path}/invite")
        [invitation] = await letters(network)
        assert (invitation.purpose, invitation.recipient) == ("invitation", "Zahra@example.org")
        joined = await network.client.post(link_in(invitation), headers=FORM)
        zahra = Api(network.client, joined.cookies["interpreters_token"])
        network.client.cookies.clear()
        me = (await zahra.get("/v1/me")).json()
        assert (me["roles"], path.endswith(me["interpreter_id"])) == (["interpreter"], True)
        clock.now += timedelta(seconds=1)
        network.now = clock.now
        await nobody.post("/v1/sign-in", asked)
        assert [one.purpose for one in await letters(network)] == ["sign-in", "invitation"]


async def test_a_suspension_ends_offers_sign_ins_keys_and_codes_at_once_but_no_booking(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        institution_id, software = await network.institution()
        made = (await coordinator.post("/v1/interpreters", ANNA)).json()
        path, own = f"/v1/interpreters/{made['id']}", read_id(INTERPRETER, made["id"])
        anna = await network.person(["interpreter"], interpreter_id=own)
        key = await network.caller("interpreter", interpreter_id=own)
        await software.post("/v1/requests", {**ASKED, "institution_id": institution_id})
        [offer] = (await anna.get("/v1/offers")).json()["items"]
        booking = (await anna.post(f"/v1/offers/{offer['id']}/accept")).json()
        waiting = await software.post(
            "/v1/requests",
            {**ASKED, "institution_id": institution_id, "starts_at": "2026-11-30T10:00:00Z"},
        )
        assert waiting.json()["state"] == "searching"
        suspended = await coordinator.post(f"{path}/suspend", {"reason": "a complaint"})
        assert suspended.status_code == 200, suspended.text
        told = suspended.json()
        assert (told["stage"], told["stage_reason"]) == ("suspended", "a complaint")
        assert told["bookings"] == [
            {
                "id": booking["id"], "request_id": booking["request_id"], "state": "confirmed",
                "starts_at": "2026-11-28T10:00:00Z", "ends_at": "2026-11-28T11:00:00Z",
                "time_zone": "Europe/Riga",
            }
        ]  # fmt: skip
        assert (await anna.get("/v1/me")).status_code == 401
        assert (await key.get("/v1/me")).status_code == 401
        offers = (await coordinator.get("/v1/offers")).json()["items"]
        assert sorted(one["state"] for one in offers) == ["accepted", "withdrawn"]
        after = (await software.get(f"/v1/requests/{waiting.json()['id']}")).json()
        assert after["state"] == "unfilled"
        await Api(network.client, None).post("/v1/sign-in", {"phone": ANNA["phone"]})
        assert await letters(network) == []
        assert await candidates(coordinator, institution_id) == (0, {"inactive": 1})
        for verb in ("vet", "invite"):
            refused = await coordinator.post(f"{path}/{verb}")
            assert refusal(refused) == (409, "interpreter-suspended")
        again = await coordinator.post(f"{path}/suspend", {"reason": "another word"})
        assert again.json() == told
        back = await coordinator.post(f"{path}/activate")
        assert (back.json()["stage"], back.json()["stage_reason"]) == ("active", None)
        assert (await anna.get("/v1/me")).status_code == 401  # signed out for good
        await Api(network.client, None).post("/v1/sign-in", {"phone": ANNA["phone"]})
        assert [one.purpose for one in await letters(network)] == ["sign-in"]


async def test_who_has_other_roles_keeps_them_when_suspended(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        made = (await coordinator.post("/v1/interpreters", ANNA)).json()
        both = await network.person(
            ["finance", "interpreter"], email="a@example.org",
            interpreter_id=read_id(INTERPRETER, made["id"]),
        )  # fmt: skip
        await coordinator.post(f"/v1/interpreters/{made['id']}/suspend", {"reason": "no"})
        assert (await both.get("/v1/me")).status_code == 401
        [one] = (await coordinator.get("/v1/users?role=finance")).json()["items"]
        assert (one["roles"], one["active"], one["interpreter_id"]) == (["finance"], True, None)
        back = {"roles": ["finance", "interpreter"], "interpreter_id": made["id"]}
        refused = await coordinator.patch(f"/v1/users/{one['id']}", back)
        assert refusal(refused) == (409, "interpreter-suspended")
        refused = await coordinator.post(
            "/v1/users", {"roles": ["interpreter"], "interpreter_id": made["id"]}
        )
        assert refusal(refused) == (409, "interpreter-suspended")


async def test_a_suspended_persons_user_is_not_switched_on_behind_the_suspension(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        made = (await coordinator.post("/v1/interpreters", ANNA)).json()
        await coordinator.post(f"/v1/interpreters/{made['id']}/invite")
        await coordinator.post(f"/v1/interpreters/{made['id']}/suspend", {"reason": "no"})
        [one] = (await coordinator.get("/v1/users?role=interpreter")).json()["items"]
        assert one["active"] is False
        refused = await coordinator.patch(f"/v1/users/{one['id']}", {"active": True})
        assert refusal(refused) == (409, "interpreter-suspended")


async def test_only_coordinators_move_interpreters_and_an_outsider_finds_none(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        made = (await coordinator.post("/v1/interpreters", ANNA)).json()
        path = f"/v1/interpreters/{made['id']}"
        own = await network.caller("interpreter", interpreter_id=read_id(INTERPRETER, made["id"]))
        _, software = await network.institution()
        other = await open_network(
            pool, name="Other", slug="other", time_zone="UTC", currency="EUR", country=None,
            working_language=None, now=clock.now,
        )  # fmt: skip
        outsider = await Network(pool, network.client, other.network_id, clock.now).caller(
            "coordinator"
        )
        for verb, body in (
            ("invite", {}), ("vet", {}), ("activate", {}), ("suspend", {"reason": "x"}),
        ):  # fmt: skip
            for caller in (own, software):
                assert (await caller.post(f"{path}/{verb}", body)).status_code == 403
            assert refusal(await outsider.post(f"{path}/{verb}", body)) == (404, "not-found")
        assert (await coordinator.get(path)).json() == made
        assert (await own.patch(path, {"qualification": "certified"})).status_code == 403
        assert (await own.patch(path, {"languages": [{"code": "prs"}]})).status_code == 403
        for unread in ("stage", "stage_reason"):
            assert (await coordinator.patch(path, {unread: "vetted"})).status_code == 422


async def test_every_step_is_noted(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await opened(network)
        path = await applied(network, coordinator)
        for verb, body in (
            ("invite", {}), ("vet", {}), ("activate", {}), ("suspend", {"reason": "x"}),
        ):  # fmt: skip
            assert (await coordinator.post(f"{path}/{verb}", body)).status_code == 200
        rows = await run(
            pool, network.id,
            lambda db: db.fetch(
                "SELECT action FROM audit a WHERE a.network_id = $1 "
                "AND a.subject_kind = 'interpreter'", network.id,
            ),
        )  # fmt: skip
        assert sorted(row["action"] for row in rows) == [
            "active", "applied", "invited", "suspended", "vetted",
        ]  # fmt: skip


async def test_what_was_written_of_a_stage_is_sealed(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await opened(network)
        await applied(network, coordinator)
        stored = await run(
            pool, network.id,
            lambda db: db.fetchval(
                "SELECT stage_reason FROM interpreters i WHERE i.network_id = $1", network.id
            ),
        )  # fmt: skip
        assert stored
        assert "school" not in stored


async def test_volunteers_are_asked_about_their_topics_only(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        institution_id, _ = await network.institution()
        await coordinator.post("/v1/interpreters", {**ANNA, "engagement": "volunteer"})
        await coordinator.post("/v1/interpreters", {**ANNA, "engagement": "staff"})
        assert await candidates(coordinator, institution_id) == (2, {})
        patched = await coordinator.patch("/v1/network", {"volunteer_topics": ["housing"]})
        assert patched.json()["volunteer_topics"] == ["housing"]
        assert await candidates(coordinator, institution_id) == (1, {"qualification": 1})
        await coordinator.patch("/v1/network", {"volunteer_topics": ["housing", "health"]})
        assert await candidates(coordinator, institution_id) == (2, {})
        await coordinator.patch("/v1/network", {"volunteer_topics": []})
        assert await candidates(coordinator, institution_id) == (1, {"qualification": 1})
        await coordinator.patch("/v1/network", {"volunteer_topics": None})
        assert await candidates(coordinator, institution_id) == (2, {})


async def test_a_yes_and_a_suspension_at_once_end_in_one_of_the_two(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        institution_id, software = await network.institution()
        for _ in range(6):
            made = (await coordinator.post("/v1/interpreters", ANNA)).json()
            anna = await network.person(
                ["interpreter"], interpreter_id=read_id(INTERPRETER, made["id"])
            )
            asked = await software.post("/v1/requests", {**ASKED, "institution_id": institution_id})
            [offer] = (await anna.get("/v1/offers?state=open")).json()["items"]
            yes, suspended = await asyncio.gather(
                anna.post(f"/v1/offers/{offer['id']}/accept"),
                coordinator.post(f"/v1/interpreters/{made['id']}/suspend", {"reason": "no"}),
            )
            assert suspended.status_code == 200, suspended.text
            request = (await software.get(f"/v1/requests/{asked.json()['id']}")).json()
            if yes.status_code == 200:
                assert [one["id"] for one in suspended.json()["bookings"]] == [yes.json()["id"]]
                assert request["state"] == "filled"
            else:
                assert yes.status_code in (401, 409), yes.text
                assert (suspended.json()["bookings"], request["state"]) == ([], "unfilled")
            assert (await anna.get("/v1/me")).status_code == 401


async def test_a_step_is_taken_once_for_an_idempotency_key(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        made = (await coordinator.post("/v1/interpreters", ANNA)).json()
        path, key = f"/v1/interpreters/{made['id']}/invite", {"Idempotency-Key": "once"}
        first = await coordinator.post(path, headers=key)
        second = await coordinator.post(path, headers=key)
        assert (first.json(), second.headers["idempotent-replayed"]) == (second.json(), "true")
        assert len(await letters(network)) == 1
