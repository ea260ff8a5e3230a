"""Requests through their doors: every field, the refusals, lists, changes, previews."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from api import Api, serving
from centre import START, Centre, z
from interpreters.application.telling import tell
from interpreters.database import Pool, transaction
from interpreters.domain.ids import INSTITUTION, REQUEST, read_id
from interpreters.sql.outbox import Notice
from roster import errors_of

pytestmark = pytest.mark.anyio
ENGLISH = [{"code": "dari"}, {"code": "en"}]


async def test_everything_that_may_be_asked_is_answered_as_it_was_asked(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, two = await centre.people(2)
        site = await centre.add_site(rooms=[{"name": "4"}])
        wishes = {
            "gender": {"value": "female", "strict": False},
            "qualification": {"minimum": "trained", "strict": True},
            "dialect": {"value": "Hazaragi", "strict": False},
            "credentials": ["child_protection"],
            "preferred_interpreter_ids": [one.id],
            "excluded_interpreter_ids": [two.id],
        }
        fallbacks = {
            "other_mode": True, "neighbour_language": False, "relay": False, "shift_minutes": 0,
        }  # fmt: skip
        plain = {
            "institution_id": centre.institution["id"],
            "modes": ["phone", "in_person"],
            "duration_minutes": 45,
            "site_id": site["id"],
            "room_id": site["rooms"][0]["id"],
            "topic": "legal",
            "requirements": wishes,
            "fallbacks": fallbacks,
            "interpreters_needed": 2,
            "partial_ok": True,
            "priority": "important",
            "external_reference": "CASE-77",
            "cost_centre": "K-1",
            "channel": "hotline",
            "on_behalf_of": {"institution_id": None, "note": "a caller"},
            "referred_by": "the municipality",
            "attendees_expected": 3,
            "test_scenario": "nobody",
            "instructions": "Room 4, ask for Ilze",
        }
        answer = await centre.asked(
            **plain,
            language="дари",
            working_language="lv",
            clients=[{"reference": "A", "nationality": "AF"}, {"reference": "B"}],
            connect={"by": "interpreter", "number": "+371 25 565 098", "pin": "12"},
            parties=[
                {"reference": "P", "arrives_at": "2026-11-25T09:00:00+02:00"},
                {"reference": "Q", "arrives_at": "2026-11-25T09:30:00+02:00"},
            ],
            briefing_minutes=20,
            flexible_start={
                "earliest": "2026-11-25T09:00:00+02:00", "latest": "2026-11-25T11:00:00+02:00",
            },
        )  # fmt: skip
        assert {name: answer[name] for name in plain} == plain
        assert answer["language"] == {
            "code": "prs", "bcp47": "fa-AF", "name": "Dari", "autonym": "دری",
        }  # fmt: skip
        assert answer["working_language"]["code"] == "lav"
        assert (answer["starts_at"], answer["ends_at"], answer["time_zone"]) == (
            "2026-11-25T08:00:00Z", "2026-11-25T08:45:00Z", "Europe/Riga",
        )  # fmt: skip
        assert {one["reference"] for one in answer["clients"]} == {"A", "B"}
        assert answer["connect"] == {
            "by": "interpreter", "number": "+37125565098", "extension": None, "url": None,
            "pin": "12",
        }  # fmt: skip
        assert [(one["reference"], one["arrives_at"]) for one in answer["parties"]] == [
            ("P", "2026-11-25T07:00:00Z"), ("Q", "2026-11-25T07:30:00Z"),
        ]  # fmt: skip
        assert answer["briefing_minutes"] == 20
        assert answer["flexible_start"] == {
            "earliest": "2026-11-25T07:00:00Z", "latest": "2026-11-25T09:00:00Z",
        }  # fmt: skip
        assert (await centre.request(answer))["requirements"] == wishes
        assert len(answer["seats"]) == 2


async def test_what_is_not_said_has_its_default(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open(working_language="en")
        await centre.person(languages=ENGLISH)
        answer = await centre.asked()
        assert answer["institution_id"] == centre.institution["id"]
        assert answer["working_language"]["code"] == "eng"
        assert answer["fallbacks"] == {
            "other_mode": False, "neighbour_language": False, "relay": False, "shift_minutes": 0,
        }  # fmt: skip
        expected = {
            "state": "searching", "interpreters_needed": 1, "partial_ok": False,
            "priority": "routine", "external_reference": None, "cost_centre": None,
            "funding_id": None, "funding": None, "connect": None, "instructions": None,
            "series_id": None,
            "starts_now": False, "unfilled_reason": None, "excluded": None, "booking_ids": [],
            "seats": [{"seat": 1, "state": "open", "booking_id": None}],
        }  # fmt: skip
        assert {name: answer[name] for name in expected} == expected


async def test_now_is_by_phone_or_video(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        answer = await centre.asked(starts="now", starts_at=..., site_id=..., modes=["phone"])
        assert (answer["starts_at"], answer["starts_now"]) == (z(clock.now), True)
        assert answer["time_zone"] == "Europe/Riga"
        refused = await centre.school.post(
            "/v1/requests", centre.order(starts="now", starts_at=...)
        )
        assert errors_of(refused) == {("/modes", "now-is-remote")}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"language": "kurdish"}, {("/language", "needs-variety")}),
        ({"language": "klingonesque"}, {("/language", "unknown-language")}),
        ({"language": {"any_of": ["kmr", "kurdish"]}}, {("/language/any_of/1", "needs-variety")}),
        ({"language": {"any_of": []}}, {("/language/any_of", "out-of-range")}),
        ({"language": "latvian"}, {("/language", "same-language")}),
        ({"working_language": "dari"}, {("/language", "same-language")}),
        ({"language": ...}, {("/language", "required")}),
        ({"modes": ["in_person", "fax"]}, {("/modes/1", "invalid")}),
        ({"modes": ["phone", "phone"]}, {("/modes", "duplicate")}),
        ({"modes": []}, {("/modes", "out-of-range")}),
        ({"site_id": ...}, {("/site_id", "required")}),
        ({"site_id": None}, {("/site_id", "required")}),
        ({"starts_at": ...}, {("/starts_at", "required")}),
        ({"starts_at": "2026-11-24T08:00:00Z"}, {("/starts_at", "in-the-past")}),
        ({"starts_at": "2026-11-25T10:00:00"}, {("/starts_at", "naive-time")}),
        ({"starts": "now"}, {("/starts", "conflicting"), ("/modes", "now-is-remote")}),
        ({"duration_minutes": 0}, {("/duration_minutes", "out-of-range")}),
        ({"duration_minutes": 10_081}, {("/duration_minutes", "out-of-range")}),
        ({"clients": []}, {("/clients", "out-of-range")}),
        ({"clients": [{"nationality": "AF"}]}, {("/clients/0/reference", "required")}),
        (
            {"clients": [{"reference": "A", "nationality": "XX"}]},
            {("/clients/0/nationality", "unknown-country")},
        ),
        ({"clients": [{"reference": "A", "name": "x"}]}, {("/clients/0/name", "unknown-field")}),
        ({"topic": "gossip"}, {("/topic", "invalid")}),
        ({"interpreters_needed": 21}, {("/interpreters_needed", "out-of-range")}),
        (
            {"connect": {"by": "interpreter", "number": "12"}},
            {("/connect/number", "invalid-phone")},
        ),
        (
            {"fallbacks": {"shift_minutes": 1441}},
            {("/fallbacks/shift_minutes", "out-of-range")},
        ),
        (
            {
                "flexible_start": {
                    "earliest": "2026-11-25T09:00:00Z", "latest": "2026-11-25T08:00:00Z",
                }
            },
            {("/flexible_start/latest", "ends-before-start")},
        ),
        (
            {"room_id": "rom_00000000000000000000000000"},
            {("/room_id", "unknown-room")},
        ),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named_by_its_pointer(
    pool: Pool, clock: Any, changes: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        refused = await centre.school.post("/v1/requests", centre.order(**changes))
        assert errors_of(refused) == expected
        assert await network.count("requests") == await network.count("clients") == 0


async def test_the_problem_of_a_wide_language_offers_the_varieties(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        refused = await centre.school.post("/v1/requests", centre.order(language="Kurdish"))
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (422, "needs-variety")
        assert {one["code"] for one in problem["options"]} >= {"kmr", "ckb"}
        past = await centre.school.post(
            "/v1/requests", centre.order(starts_at="2020-01-01T10:00:00Z")
        )
        assert past.json()["code"] == "in-the-past"


async def test_any_of_several_languages_and_a_folded_dialect(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        sorani = await centre.person(languages=[{"code": "ckb"}, {"code": "lv"}])
        answer = await centre.asked(language={"any_of": ["kmr", "ckb", "kurmanji"]})
        assert answer["language"]["code"] == "kmr"
        assert [one["code"] for one in answer["languages"]] == ["kmr", "ckb"]
        assert (await sorani.offer(answer))["from_language"]["code"] == "ckb"
        folded = await centre.asked(language="pbt")
        assert folded["language"]["code"] == "pus"
        assert folded["requirements"]["dialect"]["strict"] is False
        assert "outhern" in folded["requirements"]["dialect"]["value"]
        said = await centre.asked(
            language="pbt", requirements={"dialect": {"value": "Kandahari", "strict": False}}
        )
        assert said["requirements"]["dialect"]["value"] == "Kandahari"


async def test_whose_request_it_is(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        other_id, other = await network.institution("Hospital")
        site = await centre.made(
            centre.coordinator, f"/v1/institutions/{other_id}/sites", {"name": "East"}
        )
        for ours in (None, centre.institution["id"], ...):
            answer = await centre.asked(institution_id=ours)
            assert answer["institution_id"] == centre.institution["id"]
        for theirs in (other_id, "ins_00000000000000000000000000"):
            refused = await centre.school.post("/v1/requests", centre.order(institution_id=theirs))
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        foreign = await centre.school.post("/v1/requests", centre.order(site_id=site["id"]))
        assert errors_of(foreign) == {("/site_id", "unknown-site")}
        nobody = await centre.coordinator.post("/v1/requests", centre.order())
        assert errors_of(nobody) == {("/institution_id", "required")}
        named = await centre.coordinator.post(
            "/v1/requests", centre.order(institution_id=centre.institution["id"])
        )
        assert named.status_code == 201
        path = f"/v1/requests/{named.json()['id']}"
        consultant = await network.caller(
            "consultant", institution_id=read_id(INSTITUTION, centre.institution["id"])
        )
        assert (await consultant.get(path)).status_code == 200
        for verb in ("get", "patch"):
            body = {} if verb == "get" else {"json": {}}
            assert (await getattr(other, verb)(path, **body)).status_code == 404
        assert (await other.post(f"{path}/cancel", {"reason": "x"})).status_code == 404
        assert (await other.get("/v1/requests")).json()["items"] == []
        assert (
            await other.get(f"/v1/requests?institution_id={centre.institution['id']}")
        ).status_code == 404
        someone = (await centre.person()).api
        for api in (someone, await network.caller("finance")):
            assert (await api.get(path)).status_code == 403
            assert (await api.post("/v1/requests", {"nonsense": 1})).status_code == 403
        for doing in ("assign", "candidates"):
            method = centre.school.get if doing == "candidates" else centre.school.post
            assert (await method(f"{path}/{doing}")).status_code == 403


async def test_a_client_is_made_once_also_by_two_at_once(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        clients = [{"reference": f"R-{n}", "nationality": "AF"} for n in range(50)]
        orders = [centre.order(clients=people) for people in (clients, clients[::-1])]
        answers = await asyncio.gather(*(centre.school.post("/v1/requests", one) for one in orders))
        assert [one.status_code for one in answers] == [201, 201]
        first, second = ({one["id"] for one in each.json()["clients"]} for each in answers)
        assert first == second
        assert len(first) == 50
        assert await network.count("clients") == 50
        twice = await centre.asked(clients=[{"reference": "R-1"}, {"reference": "R-1"}])
        assert [one["reference"] for one in twice["clients"]] == ["R-1"]
        assert twice["clients"][0]["id"] in first
        known = (await centre.school.get(f"/v1/clients/{twice['clients'][0]['id']}")).json()
        assert (known["nationality"], [one["code"] for one in known["languages"]]) == (
            "AF", ["prs"],
        )  # fmt: skip


async def test_a_signed_language_by_phone_only_finds_nobody_because_of_the_mode(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(languages=[{"code": "lsl"}, {"code": "lv"}])
        answer = await centre.asked(language="lsl", modes=["phone"], site_id=...)
        assert (answer["state"], answer["unfilled_reason"]) == ("unfilled", "nobody-fits")
        assert answer["excluded"] == [{"code": "mode", "count": "few"}]
        assert (await centre.request(answer))["excluded"] == [{"code": "mode", "count": 1}]
        seen = await centre.asked(language="lsl", modes=["phone", "video"], site_id=...)
        assert seen["state"] == "searching"


@pytest.mark.parametrize(
    "changes",
    [
        {"interpreters_needed": 20},
        {"duration_minutes": 10_080},
        {"modes": ["in_person", "phone", "video"]},
        {"starts_at": "2199-12-31T23:59:59Z"},
        {"starts_at": "2027-03-28T03:30:00+02:00", "duration_minutes": 60},
        {"starts_at": "2027-10-31T03:30:00+03:00", "duration_minutes": 120},
        {"starts_at": "2026-12-01T10:00:00.123456+02:00"},
        {"language": {"any_of": ["prs", "dari", "Dari"]}},
        {"requirements": {"credentials": ["a", "a"], "dialect": {"value": "İstanbul"}}},
        {"requirements": {"preferred_interpreter_ids": ["int_00000000000000000000000000"] * 100}},
        {"instructions": "ß" * 2000},
    ],
)
async def test_odd_orders_are_taken_and_asked(
    pool: Pool, clock: Any, changes: dict[str, Any]
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        bare = await centre.made(
            centre.coordinator,
            f"/v1/institutions/{centre.institution['id']}/sites",
            {"name": "Somewhere"},
        )
        for site in (centre.site, bare):
            answer = await centre.asked(site_id=site["id"], **changes)
            expected = (
                "unfilled"
                if "requirements" in changes and ("credentials" in changes["requirements"])
                else "searching"
            )
            assert answer["state"] == expected
            assert (
                await centre.coordinator.get(f"/v1/requests/{answer['id']}/candidates")
            ).status_code == 200


async def test_a_preview_creates_nothing_and_is_right(pool: Pool, clock: Any) -> None:
    tables = ("requests", "request_seats", "clients", "offers", "outbox", "bookings", "due")
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        before = {table: await network.count(table) for table in tables}
        nobody = (await centre.school.post("/v1/requests/preview", centre.order())).json()
        assert (nobody["likelihood"], nobody["candidates"]) == ("unlikely", None)
        await centre.people(3)
        await centre.person(active=False)
        one = (
            await centre.coordinator.post(
                "/v1/requests/preview", centre.order(institution_id=centre.institution["id"])
            )
        ).json()
        assert (one["candidates"], one["likelihood"]) == (3, "possible")
        assert one["excluded"] == [{"code": "inactive", "count": 1}]
        await centre.person()
        many = (await centre.school.post("/v1/requests/preview", centre.order())).json()
        assert (many["likelihood"], many["candidates"]) == ("likely", None)
        assert many["excluded"] == [{"code": "inactive", "count": "few"}]
        assert {table: await network.count(table) for table in tables} == before
        refused = await centre.school.post("/v1/requests/preview", centre.order(topic="x"))
        assert errors_of(refused) == {("/topic", "invalid")}


async def test_a_change_asks_for_the_version_that_was_read(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        answer = await centre.asked()
        path = f"/v1/requests/{answer['id']}"
        tag = (await centre.school.get(path)).headers["etag"]
        changed = await centre.school.patch(path, {"cost_centre": "K-2"}, headers={"If-Match": tag})
        assert (changed.status_code, changed.json()["cost_centre"]) == (200, "K-2")
        assert changed.headers["etag"] != tag
        stale = await centre.school.patch(path, {"cost_centre": "K"}, headers={"If-Match": tag})
        assert (stale.status_code, stale.json()["code"]) == (412, "precondition-failed")
        assert (await centre.request(answer))["cost_centre"] == "K-2"
        assert (await centre.school.patch(path, {"cost_centre": None})).json()[
            "cost_centre"
        ] is None
        for body, error in (
            ({"nonsense": 1}, ("/nonsense", "unknown-field")),
            ({"modes": ["phone", "phone"]}, ("/modes", "duplicate")),
            ({"starts_at": "2020-01-01T00:00:00Z"}, ("/starts_at", "in-the-past")),
        ):
            assert errors_of(await centre.school.patch(path, body)) == {error}


async def test_a_change_of_time_withdraws_the_offers_and_asks_anew(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        answer = await centre.asked()
        first = await person.offer(answer)
        path = f"/v1/requests/{answer['id']}"
        same = await centre.school.patch(
            path, {"duration_minutes": 60, "topic": "health", "instructions": "Ring twice"}
        )
        assert same.json()["instructions"] == "Ring twice"
        assert (await person.offer(answer))["id"] == first["id"]
        clock.now += timedelta(seconds=1)
        moved = (await centre.school.patch(path, {"duration_minutes": 90})).json()
        assert (moved["state"], moved["ends_at"]) == ("searching", "2026-11-25T09:30:00Z")
        second = await person.offer(answer)
        assert (second["id"] != first["id"], second["ends_at"]) == (True, moved["ends_at"])
        late = await person.api.post(f"/v1/offers/{first['id']}/accept")
        assert (late.status_code, late.json()["code"]) == (409, "offer-withdrawn")
        booking = await person.accept(answer)
        assert booking["duration_minutes"] == 90
        refused = await centre.school.patch(path, {"duration_minutes": 30})
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")
        renamed = await centre.school.patch(path, {"external_reference": "NEW"})
        assert renamed.status_code == 200
        assert (await centre.booking(booking))["external_reference"] == "NEW"


async def test_in_person_cannot_be_changed_into_without_a_site(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        answer = await centre.asked(modes=["phone"], site_id=...)
        refused = await centre.school.patch(
            f"/v1/requests/{answer['id']}", {"modes": ["in_person"]}
        )
        assert errors_of(refused) == {("/modes", "needs-site")}
        now = await centre.asked(modes=["phone"], starts="now", starts_at=...)
        path = f"/v1/requests/{now['id']}"
        refused = await centre.school.patch(path, {"modes": ["in_person"]})
        assert errors_of(refused) == {("/modes", "now-is-remote")}
        later = await centre.school.patch(path, {"starts_at": START.isoformat()})
        assert (later.json()["starts_now"], later.json()["starts_at"]) == (False, z(START))


async def test_an_unfilled_request_is_searched_again_when_it_is_changed(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(modes=["phone"])
        answer = await centre.asked()
        assert answer["state"] == "unfilled"
        changed = await centre.school.patch(f"/v1/requests/{answer['id']}", {"modes": ["phone"]})
        shown = changed.json()
        assert (shown["state"], shown["unfilled_reason"], shown["excluded"]) == (
            "searching", None, None,
        )  # fmt: skip
        assert await centre.events() == [
            "request.created", "request.unfilled", "request.changed", "request.searching",
            "offer.sent",
        ]  # fmt: skip


async def test_lists_are_filtered(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        first = await centre.asked(external_reference="CASE-1")
        clock.now += timedelta(seconds=1)
        second = await centre.asked(language="tamil", external_reference="CASE-2")
        clock.now += timedelta(seconds=1)
        third = await centre.asked(
            starts_at="2026-12-24T10:00:00Z", language={"any_of": ["pes", "prs"]}
        )
        other_id, _ = await network.institution("Hospital")
        for query, expected in (
            ("", [third, second, first]),
            ("state=unfilled", [second]),
            ("state=searching", [third, first]),
            ("language=dari", [third, first]),
            ("language=tamil", [second]),
            ("external_reference=CASE-1", [first]),
            (f"starts_after={z(START)}", [third, second, first]),
            (f"starts_after={z(START + timedelta(seconds=1))}", [third]),
            (f"starts_before={z(START)}", []),
            (f"starts_before={z(START + timedelta(seconds=1))}", [second, first]),
            (f"institution_id={centre.institution['id']}&state=unfilled", [second]),
            (f"institution_id={other_id}", []),
        ):
            found = (await centre.coordinator.get(f"/v1/requests?{query}")).json()
            assert [one["id"] for one in found["items"]] == [one["id"] for one in expected], query
        for query in ("state=open", "language=kurdish", "limit=0", "cursor=AAAA", "nonsense=1"):
            assert (await centre.coordinator.get(f"/v1/requests?{query}")).status_code == 422


async def followed(api: Api, path: str) -> list[dict[str, Any]]:
    """Read a list page by page to its end."""
    items: list[dict[str, Any]] = []
    following: str | None = path
    while following is not None:
        page = (await api.get(following)).json()
        items += page["items"]
        following = page["next"]
    return items


async def test_paging_is_complete_and_stable_while_rows_come(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        made = []
        for _ in range(7):
            made.append((await centre.asked())["id"])
            clock.now += timedelta(seconds=1)
        page = (await centre.school.get("/v1/requests?limit=3&state=unfilled")).json()
        seen = [one["id"] for one in page["items"]]
        while page["next"] is not None:
            await centre.asked()
            page = (await centre.school.get(page["next"])).json()
            seen += [one["id"] for one in page["items"]]
        assert seen == made[::-1]


async def test_following_changes_misses_nothing_of_a_slow_transaction(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        since = z(clock.now)
        slow, quick = await centre.asked(), await centre.asked()
        assert {one["id"] for one in await followed(
            centre.school, f"/v1/requests?updated_since={since}&limit=1"
        )} == {slow["id"], quick["id"]}  # fmt: skip
        clock.now += timedelta(minutes=1)
        key = read_id(REQUEST, slow["id"])
        notice = Notice(
            type="request.changed", subject_kind="request", subject_id=key, request_id=key,
            institution_id=read_id(INSTITUTION, centre.institution["id"]), state="unfilled",
        )  # fmt: skip
        async with transaction(pool, network.id) as db:
            await tell(db, network_id=network.id, notices=[notice], now=clock.now)
            clock.now += timedelta(minutes=1)
            await centre.school.patch(f"/v1/requests/{quick['id']}", {"cost_centre": "K"})
            at = z(clock.now)
            first = await followed(centre.school, f"/v1/requests?updated_since={at}")
            assert [one["id"] for one in first] == [quick["id"]]
        then = await followed(centre.school, f"/v1/requests?updated_since={at}")
        assert {one["id"] for one in then} == {quick["id"], slow["id"]}


async def test_a_cursor_beyond_all_numbers_is_refused_or_the_end(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        for cursor in ("__________8", "AAAAAAAAAAA", "gAAAAAAAAAA", "f_________8"):
            for thing in ("requests", "bookings", "usage/entries"):
                dates = "&from=2026-01-01&to=2026-12-31" if thing == "usage/entries" else ""
                found = await centre.coordinator.get(
                    f"/v1/{thing}?updated_since=2026-01-01T00:00:00Z&cursor={cursor}{dates}"
                )
                assert found.status_code in (200, 422), (thing, cursor)


@pytest.mark.parametrize("partial", [True, False])
async def test_every_change_of_seats_moves_a_request_for_those_who_follow(
    pool: Pool,
    clock: Any,
    partial: bool,
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, two, three = await centre.people(3)
        request = await centre.asked(interpreters_needed=3, partial_ok=partial)
        for said, count in ((one.accept, 1), (two.accept, 1), (three.decline, 0 if partial else 2)):
            clock.now += timedelta(seconds=1)
            since = z(clock.now)
            await said(request)
            found = await followed(centre.school, f"/v1/requests?updated_since={since}")
            assert found == [(await centre.school.get(f"/v1/requests/{request['id']}")).json()]
            bookings = await followed(centre.school, f"/v1/bookings?updated_since={since}")
            assert len(bookings) == count
        assert found[0]["unfilled_reason"] == "nobody-accepted"
        assert found[0]["state"] == ("partly_filled" if partial else "unfilled")
