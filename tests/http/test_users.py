"""People: invited, changed, deactivated, by coordinators."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.keys import create_key
from interpreters.application.networks import open_network
from interpreters.database import Pool
from interpreters.domain.callers import SCOPES, Caller
from interpreters.domain.ids import INSTITUTION, INTERPRETER, USER, read_id, show_id
from letters import letters, link_in

pytestmark = pytest.mark.anyio
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}
ANNA = {"display_name": "Anna", "languages": [{"code": "prs"}, {"code": "lav"}]}


async def invited(network: Network, by: Api, **fields: Any) -> dict[str, Any]:
    made = await by.post("/v1/users", {"roles": ["finance"], **fields})
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


async def joined(network: Network, path: str) -> Api:
    """Take an invitation up as a browser does; return its cookie's token as a caller."""
    response = await network.client.post(path, headers=FORM)
    assert response.status_code == 303, response.text
    token = response.cookies["interpreters_token"]
    network.client.cookies.clear()
    return Api(network.client, token)


def path_of(person: Api) -> str:
    assert person.user_id is not None
    return f"/v1/users/{show_id(USER, person.user_id)}"


def refusal(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_somebody_is_invited_by_mail_and_signs_in_with_the_link_once(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, {"INTERPRETERS_PUBLIC_URL": "https://i.example/"}) as network:
        coordinator = await network.person(["coordinator"])
        made = await invited(
            network, coordinator, email="Ilze@Example.org", display_name="Ilze", language="lv"
        )
        assert (made["roles"], made["active"], made["joined_at"]) == (["finance"], True, None)
        assert "token" not in made
        [mail] = await letters(network)
        assert (mail.recipient, mail.channel, mail.language) == ("Ilze@Example.org", "mail", "lv")
        assert "https://i.example/join/in_" in mail.body
        path = link_in(mail)
        ilze = await joined(network, path)
        me = (await ilze.get("/v1/me")).json()
        assert (me["user_id"], me["roles"], me["email"]) == (
            made["id"], ["finance"], "Ilze@Example.org",
        )  # fmt: skip
        again = await network.client.post(path, headers=FORM)
        assert again.status_code == 410
        assert "set-cookie" not in again.headers
        shown = (await coordinator.get(f"/v1/users/{made['id']}")).json()
        assert shown["joined_at"] == "2026-11-24T08:00:00Z"


async def test_looking_at_an_invitation_changes_nothing(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        await invited(network, coordinator, email="a@example.org", display_name="<b>Ilze</b>")
        path = link_in((await letters(network))[0])
        assert (await network.client.head(path)).status_code == 405
        await network.client.get(path)
        page = await network.client.get(path)
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "&lt;b&gt;Ilze" in page.text
        assert "Centre" in page.text
        assert "Finance" in page.text
        await joined(network, path)


async def test_a_used_an_old_a_replaced_and_an_unknown_link_look_the_same(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        first = await invited(network, coordinator, email="a@example.org")
        replaced = link_in((await letters(network))[0])
        clock.now += timedelta(seconds=1)
        network.now = clock.now
        await coordinator.post(f"/v1/users/{first['id']}/invite")
        used = link_in((await letters(network))[0])
        assert used != replaced
        await joined(network, used)
        clock.now += timedelta(seconds=1)
        network.now = clock.now
        await coordinator.post(f"/v1/users/{first['id']}/invite")
        old = link_in((await letters(network))[0])
        clock.now += timedelta(days=7)
        unknown = f"{old[:-1]}{'0' if old[-1] != '0' else '1'}"
        pages = [await network.client.get(one) for one in (used, replaced, old, unknown, "/join/x")]
        assert {page.status_code for page in pages} == {410}
        assert len({page.text for page in pages}) == 1
        assert 'href="/sign-in"' in pages[0].text
        for one in (used, replaced, old, unknown):
            refused = await network.client.post(one, headers=FORM)
            assert (refused.status_code, "set-cookie" in refused.headers) == (410, False)


async def test_another_sites_form_does_not_take_an_invitation_up(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        await invited(network, coordinator, email="a@example.org")
        path = link_in((await letters(network))[0])
        evil = {**FORM, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
        assert (await network.client.post(path, headers=evil)).status_code == 403
        await joined(network, path)


async def test_two_people_of_one_mailbox_have_a_link_each(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        one = await invited(network, coordinator, email="desk@example.org", display_name="One")
        clock.now += timedelta(seconds=1)
        network.now = clock.now
        two = await invited(network, coordinator, email="desk@example.org", display_name="Two")
        newest, older = await letters(network)
        for letter, person in ((newest, two), (older, one)):
            caller = await joined(network, link_in(letter))
            assert (await caller.get("/v1/me")).json()["user_id"] == person["id"]


async def test_a_phone_gets_a_text_and_no_address_is_an_error(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        made = await invited(network, coordinator, phone="+371 25565098")
        assert made["phone"] == "+37125565098"
        [text] = await letters(network)
        assert (text.channel, text.recipient, text.subject) == ("text", "+37125565098", None)
        refused = await coordinator.post("/v1/users", {"roles": ["finance"]})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/email"


async def test_roles_and_what_they_are_of_belong_together(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        institution_id, _ = await network.institution()
        anna = (
            await coordinator.post("/v1/interpreters", {**ANNA, "phone": "+37125565098"})
        ).json()
        body = {"email": "a@example.org"}
        nobody = show_id(INSTITUTION, read_id(INTERPRETER, anna["id"]))
        for roles, more, code in (
            (["consultant"], {}, "needs-institution"),
            (["finance"], {"institution_id": institution_id}, "not-a-consultant"),
            (["interpreter"], {}, "needs-interpreter"),
            (["finance"], {"interpreter_id": anna["id"]}, "not-an-interpreter"),
            (["consultant"], {"institution_id": nobody}, "unknown-institution"),
            (["finance", "finance"], {}, "duplicate"),
            (["owner"], {}, "validation"),
            (["institution"], {}, "validation"),
            ([], {}, "validation"),
        ):
            refused = await coordinator.post("/v1/users", {**body, "roles": roles, **more})
            assert refusal(refused) == (422, code), roles
        both = await coordinator.post(
            "/v1/users",
            {
                **body, "roles": ["consultant", "interpreter"], "institution_id": institution_id,
                "interpreter_id": anna["id"],
            },
        )  # fmt: skip
        assert both.status_code == 201
        second = {**body, "roles": ["interpreter"], "interpreter_id": anna["id"]}
        refused = await coordinator.post("/v1/users", second)
        assert refusal(refused) == (409, "interpreter-has-user")
        path = f"/v1/users/{both.json()['id']}"
        fewer = await coordinator.patch(path, {"roles": ["interpreter"]})
        assert (fewer.json()["institution_id"], fewer.json()["interpreter_id"]) == (
            None, anna["id"],
        )  # fmt: skip
        assert (await coordinator.post("/v1/users", second)).status_code == 409


async def test_a_change_holds_from_the_next_call_on(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        ilze = await network.person(["finance"], email="a@example.org")
        path = path_of(ilze)
        assert (await ilze.get("/v1/network")).status_code == 200
        assert (await ilze.get("/v1/users")).status_code == 403
        changed = await coordinator.patch(path, {"roles": ["finance", "coordinator"]})
        assert changed.status_code == 200, changed.text
        assert (await ilze.get("/v1/users")).status_code == 200
        as_finance = await ilze.get("/v1/users", headers={"Role": "finance"})
        assert as_finance.status_code == 403
        await coordinator.patch(path, {"active": False})
        assert (await ilze.get("/v1/me")).status_code == 401
        await coordinator.patch(path, {"active": True})
        assert (await ilze.get("/v1/me")).status_code == 401  # signed out, not only kept away
        assert (await coordinator.post(f"{path}/invite")).status_code == 200


async def test_nobody_inactive_is_invited_and_their_link_is_over(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        made = await invited(network, coordinator, email="a@example.org")
        path = link_in((await letters(network))[0])
        await coordinator.patch(f"/v1/users/{made['id']}", {"active": False})
        assert (await network.client.post(path, headers=FORM)).status_code == 410
        refused = await coordinator.post(f"/v1/users/{made['id']}/invite")
        assert refusal(refused) == (409, "user-inactive")


async def test_a_network_keeps_a_coordinator(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        last = await network.person(["coordinator"], email="a@example.org")
        path = path_of(last)
        for change in ({"active": False}, {"roles": ["finance"]}):
            refused = await last.patch(path, change)
            assert refusal(refused) == (409, "last-coordinator")
        assert (await last.get("/v1/me")).json()["role"] == "coordinator"
        second = await network.person(["coordinator"], email="b@example.org")
        assert (await last.patch(path, {"active": False})).status_code == 200
        assert (await last.get("/v1/me")).status_code == 401
        assert (await second.get("/v1/users")).status_code == 200


async def test_two_coordinators_who_remove_each_other_at_once_leave_one(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        for _ in range(8):
            one = await network.person(["coordinator"], email="a@example.org")
            two = await network.person(["coordinator"], email="b@example.org")
            answers = await asyncio.gather(
                one.patch(path_of(two), {"active": False}),
                two.patch(path_of(one), {"active": False}),
            )
            assert min(answer.status_code for answer in answers) == 200
            left = [person for person in (one, two) if (await person.get("/v1/me")).is_success]
            assert len(left) == 1
            await run(
                pool, network.id,
                lambda db: db.execute("DELETE FROM users u WHERE u.network_id = $1", network.id),
            )  # fmt: skip


async def test_of_two_who_use_a_link_at_once_one_gets_in(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        await invited(network, coordinator, email="a@example.org")
        path = link_in((await letters(network))[0])
        answers = await asyncio.gather(*(network.client.post(path, headers=FORM) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [303, *[410] * 7]


async def test_who_gets_another_address_is_told_at_the_old_one(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        made = await invited(
            network, coordinator, email="old@example.org", phone="+37125565098", language="fa"
        )
        invitation = link_in((await letters(network))[0])
        clock.now += timedelta(seconds=1)
        network.now = clock.now
        path = f"/v1/users/{made['id']}"
        changed = await coordinator.patch(path, {"email": "new@example.org", "phone": None})
        assert changed.json()["email"] == "new@example.org"
        notices = [one for one in await letters(network) if one.purpose == "address-changed"]
        assert {(one.channel, one.recipient) for one in notices} == {
            ("mail", "old@example.org"), ("text", "+37125565098"),
        }  # fmt: skip
        assert all("new@example.org" not in one.body for one in notices)
        assert {one.language for one in notices} == {"fa"}
        assert (await network.client.get(invitation)).status_code == 410
        await coordinator.patch(path, {"display_name": "Ilze"})
        assert len(await letters(network)) == 3


async def test_of_two_changes_the_one_on_an_old_version_is_refused(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        made = await invited(network, coordinator, email="a@example.org")
        path = f"/v1/users/{made['id']}"
        shown = await coordinator.get(path)
        etag = {"If-Match": shown.headers["etag"]}
        assert (await coordinator.patch(path, {"display_name": "A"}, headers=etag)).is_success
        refused = await coordinator.patch(path, {"display_name": "B"}, headers=etag)
        assert refusal(refused) == (412, "precondition-failed")


async def test_an_invitation_is_sent_once_for_an_idempotency_key(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        body = {"roles": ["finance"], "email": "a@example.org"}
        key = {"Idempotency-Key": "once"}
        first = await coordinator.post("/v1/users", body, headers=key)
        second = await coordinator.post("/v1/users", body, headers=key)
        assert first.json() == second.json()
        assert second.headers["idempotent-replayed"] == "true"
        assert len(await letters(network)) == 1
        other = await coordinator.post("/v1/users", {**body, "email": "b@c.org"}, headers=key)
        assert refusal(other) == (422, "idempotency-key-reused")


async def test_a_list_is_filtered_and_paged(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        institution_id, _ = await network.institution()
        for number in range(3):
            await invited(network, coordinator, email=f"{number}@example.org")
        consultant = await invited(
            network, coordinator, email="c@example.org", roles=["consultant"],
            institution_id=institution_id,
        )  # fmt: skip
        await coordinator.patch(f"/v1/users/{consultant['id']}", {"active": False})

        async def ids(query: str) -> list[str]:
            answer = (await coordinator.get(f"/v1/users?{query}")).json()
            return [one["id"] for one in answer["items"]]

        assert len(await ids("role=finance")) == 3
        assert await ids("active=false") == [consultant["id"]]
        assert await ids(f"institution_id={institution_id}") == [consultant["id"]]
        assert await ids("role=interpreter") == []
        first = (await coordinator.get("/v1/users?limit=3")).json()
        rest = (await coordinator.get(first["next"])).json()
        assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 2, None)


async def test_only_coordinators_see_people_and_an_outsider_sees_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        made = await invited(network, coordinator, email="a@example.org")
        path = f"/v1/users/{made['id']}"
        institution_id, software = await network.institution()
        consultant = await network.person(
            ["consultant"], institution_id=read_id(INSTITUTION, institution_id)
        )
        finance = await network.person(["finance"])
        for caller in (software, consultant, finance):
            assert (await caller.get("/v1/users")).status_code == 403
            assert (await caller.get(path)).status_code == 403
            assert (await caller.post("/v1/users", {"roles": ["finance"]})).status_code == 403
            assert (await caller.patch(path, {"active": False})).status_code == 403
            assert (await caller.post(f"{path}/invite")).status_code == 403
        other = await open_network(
            pool, name="Other", slug="other", time_zone="UTC", currency="EUR", country=None,
            working_language=None, now=clock.now,
        )  # fmt: skip
        elsewhere = Network(pool, network.client, other.network_id, clock.now)
        outsider = await elsewhere.person(["coordinator"])
        assert refusal(await outsider.get(path)) == (404, "not-found")
        assert (await outsider.patch(path, {"active": False})).status_code == 404
        assert (await outsider.post(f"{path}/invite")).status_code == 404
        assert len((await outsider.get("/v1/users")).json()["items"]) == 1


async def test_a_key_gives_nobody_more_than_it_may_itself(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        boss = await network.person(["coordinator"], email="boss@example.org")
        narrow = await network.caller("coordinator")
        await run(
            pool, network.id,
            lambda db: db.execute(
                "UPDATE keys k SET scopes = $2 WHERE k.network_id = $1", network.id,
                sorted({"users:read", "users:write", *SCOPES["finance"]}),
            ),
        )  # fmt: skip
        body = {"email": "a@example.org"}
        refused = await narrow.post("/v1/users", {**body, "roles": ["coordinator"]})
        assert refusal(refused) == (403, "forbidden")
        path = path_of(boss)
        refused = await narrow.patch(path, {"email": "thief@example.org"})
        assert refusal(refused) == (403, "forbidden")
        made = await narrow.post("/v1/users", {**body, "roles": ["finance"]})
        assert made.status_code == 201
        refused = await narrow.patch(f"/v1/users/{made.json()['id']}", {"roles": ["coordinator"]})
        assert refusal(refused) == (403, "forbidden")


async def test_people_change_their_own_name_and_language_and_nothing_else(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        ilze = await network.person(["finance"], email="a@example.org")
        me = await ilze.get("/v1/me")
        changed = await ilze.patch(
            "/v1/me", {"display_name": "Ilze", "language": "prs"},
            headers={"If-Match": me.headers["etag"]},
        )  # fmt: skip
        assert changed.status_code == 200, changed.text
        assert (changed.json()["display_name"], changed.json()["language"]) == ("Ilze", "fa-AF")
        stale = await ilze.patch(
            "/v1/me", {"display_name": "X"}, headers={"If-Match": me.headers["etag"]}
        )
        assert refusal(stale) == (412, "precondition-failed")
        for name, value in (
            ("roles", ["coordinator"]), ("email", "b@example.org"), ("active", True),
        ):  # fmt: skip
            assert (await ilze.patch("/v1/me", {name: value})).status_code == 422
        wrong = await ilze.patch("/v1/me", {"language": "tlh"})
        assert refusal(wrong) == (422, "unknown-page-language")
        key = await network.caller("finance")
        assert (await key.patch("/v1/me", {"language": "lv"})).status_code == 403
        plain = (await key.get("/v1/me")).json()
        assert (plain["user_id"], plain["email"], plain["roles"]) == (None, None, ["finance"])


async def test_every_change_of_a_person_is_noted(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"])
        made = await invited(network, coordinator, email="a@example.org")
        await coordinator.post(f"/v1/users/{made['id']}/invite")
        await coordinator.patch(f"/v1/users/{made['id']}", {"roles": ["coordinator"]})
        rows = await run(
            pool, network.id,
            lambda db: db.fetch(
                "SELECT action FROM audit a WHERE a.network_id = $1 AND a.subject_kind = 'user' "
                "AND a.subject_id = $2 ORDER BY a.id", network.id, read_id(USER, made["id"]),
            ),
        )  # fmt: skip
        assert sorted(row["action"] for row in rows) == ["changed", "created", "invited"]


async def test_a_key_with_few_scopes_neither_invites_nor_erases_who_may_do_more(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        boss = await network.person(["coordinator"], email="boss@example.org")
        few = Caller(
            network_id=network.id, role="coordinator",
            scopes=frozenset({"users:read", "users:write"}),
        )  # fmt: skip
        made = await run(
            pool, network.id,
            lambda db: create_key(db, holder=few, expires_at=None, now=clock.now),
        )  # fmt: skip
        limited = Api(network.client, made.token)
        for verb in ("invite", "erase"):
            refused = await limited.post(f"/v1/users/{show_id(USER, boss.user_id)}/{verb}")
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), verb


async def test_an_export_tells_no_link_that_still_signs_in(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        made = await coordinator.post(
            "/v1/users", {"email": "new@example.org", "roles": ["finance"]}
        )
        told = await coordinator.get(f"/v1/users/{made.json()['id']}/export")
        assert told.status_code == 200
        assert "/join/in_…" in told.text
        assert re.search(r"in_[0-9A-Z]{26}", told.text) is None
