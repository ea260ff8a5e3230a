"""Imports through the door: what is counted, what is refused, and what is never written."""

import asyncio
import csv
import io
import random
from typing import Any

import httpx
import pytest
import xlsxwriter

from api import Api, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.keys import create_key
from interpreters.database import Pool
from interpreters.domain.callers import SCOPES, Caller
from interpreters.domain.ids import INTERPRETER, read_id

pytestmark = pytest.mark.anyio

ROSTER = """external_reference;vārds;tālrunis;e-pasts;languages;dzimums;weekly hours;credentials
P-1;Anna Bērziņa;25565098;anna@example.org;Dari:native:Hazaragi; lv (fluent);f;\
mon-fri 09:00-17:00;court:LV-12:2024-01-01..2028-01-01
P-2;Omar;+47 22 12 34 56;;"ar-EG, lv";;;
"""
ROSTER = ROSTER.replace("Dari:native:Hazaragi; lv (fluent)", '"Dari:native:Hazaragi; lv (fluent)"')
ONE = {"display_name": "A", "email": "a@example.org", "languages": [{"code": "lv"}]}
CLIENTS = 'reference,languages,nationality\nLV-1,dari,AF\nLV-2,"ps; ur",pakistan\n'
INSTITUTIONS = "name,kind,country\nSchool 1,education,LV\nNorth court,justice,\n"


async def send(
    api: Api, text: str | bytes, kind: str = "interpreters", **fields: Any
) -> httpx.Response:
    data = text.encode() if isinstance(text, str) else text
    headers = fields.pop("headers", {})
    return await api.call(
        "POST", "/v1/imports", data={"kind": kind, **fields}, headers=headers,
        files={"file": ("list.csv", data)},
    )  # fmt: skip


def counts(response: httpx.Response) -> tuple[int, int, int, int]:
    assert response.status_code == 200, response.text
    told = response.json()
    return told["rows"], told["created"], told["changed"], told["unchanged"]


def codes(response: httpx.Response) -> list[tuple[int, str | None, str]]:
    return [(one["row"], one["column"], one["code"]) for one in response.json()["errors"]]


async def test_a_preview_tells_what_a_commit_would_do_and_stores_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await send(coordinator, ROSTER)
        assert response.json() == {
            "kind": "interpreters", "mode": "preview", "rows": 2, "created": 2, "changed": 0,
            "unchanged": 0, "errors": [], "operation": None,
        }  # fmt: skip
        assert await network.count("interpreters") == 0


async def test_kind_and_mode_may_stand_in_the_address(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")

        async def sent(query: str, **fields: str) -> httpx.Response:
            return await coordinator.call(
                "POST", f"/v1/imports?{query}", data=fields, headers={"Idempotency-Key": "one"},
                files={"file": ("list.csv", ROSTER.encode())},
            )  # fmt: skip

        both = await sent("kind=interpreters&mode=commit")
        assert (counts(both), await network.count("interpreters")) == ((2, 2, 0, 0), 2)
        other = await sent("kind=interpreters&mode=preview")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
        said = await send(coordinator, ROSTER, headers={}, mode="preview")
        assert counts(said) == (2, 0, 0, 2)
        wrong = await coordinator.post("/v1/imports?mode=all")
        assert wrong.status_code in (415, 422)


async def test_a_commit_makes_what_the_doors_show(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        assert counts(await send(coordinator, ROSTER, mode="commit")) == (2, 2, 0, 0)
        listed = (await coordinator.get("/v1/interpreters")).json()["items"]
        omar, anna = sorted(listed, key=lambda one: one["display_name"], reverse=True)
        assert (anna["phone"], anna["email"]) == ("+37125565098", "anna@example.org")
        assert (omar["phone"], omar["gender"]) == ("+4722123456", None)
        spoken = [(one["code"], one["level"], one["dialects"]) for one in anna["languages"]]
        assert spoken == [("prs", "native", ["Hazaragi"]), ("lav", "fluent", [])]
        there = f"/v1/interpreters/{anna['id']}"
        hours = (await coordinator.get(f"{there}/availability")).json()
        assert hours["weekly"] == [
            {"day": day, "from": "09:00", "to": "17:00"}
            for day in ("mon", "tue", "wed", "thu", "fri")
        ]
        papers = (await coordinator.get(f"{there}/credentials")).json()["items"]
        assert [(one["kind"], one["number"], one["expires_on"]) for one in papers] == [
            ("court", "LV-12", "2028-01-01")
        ]
        assert await network.count("supply") == 2


async def test_the_same_file_again_changes_nothing(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        school, _ = await network.institution()
        for kind, text, extra in (
            ("interpreters", ROSTER, {}),
            ("institutions", INSTITUTIONS, {}),
            ("clients", CLIENTS, {"institution_id": school}),
        ):
            first = await send(coordinator, text, kind, mode="commit", **extra)
            assert counts(first) == (2, 2, 0, 0), kind
            before = await everything(network, kind)
            again = await send(coordinator, text, kind, mode="commit", **extra)
            assert counts(again) == (2, 0, 0, 2), kind
            assert await everything(network, kind) == before


async def everything(network: Any, table: str) -> list[Any]:
    """Every row of the table, of the notes and of what is to be told."""
    made = []
    async with network.pool.acquire() as db, db.transaction():
        await db.execute(f"SELECT enter('{network.id}')")
        for name in (table, "audit", "outbox", "supply"):
            made += [dict(row) for row in await db.fetch(f"SELECT * FROM {name} ORDER BY 1, 2")]
    return made


async def test_rows_change_only_what_they_say(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        await send(coordinator, ROSTER, mode="commit")
        text = "reference,name,phone,languages,city\nP-1,Anna Bērziņa,+37125565098,Dari,Riga\n"
        assert counts(await send(coordinator, text, mode="commit")) == (1, 0, 1, 0)
        listed = (await coordinator.get("/v1/interpreters")).json()["items"]
        anna = next(one for one in listed if one["display_name"].startswith("Anna"))
        assert anna["email"] == "anna@example.org"
        assert anna["home"]["city"] == "Riga"
        assert anna["version"] == 2
        assert len(anna["languages"]) == 1
        hours = (await coordinator.get(f"/v1/interpreters/{anna['id']}/availability")).json()
        assert len(hours["weekly"]) == 5


async def test_every_bad_cell_is_told_with_what_to_write_instead(pool: Pool, clock: Clock) -> None:
    text = (
        "name;phone;languages;gender;heigth;modes\n"
        "Anna;25565098;Pharsi;fem;1;phone\n"
        "=cmd();12;Kurdish, lv;f;2;telepathy\n"
        "Omar;+37125565099;lv, en;;;\n"
    )
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await send(coordinator, text, mode="preview")
        assert sorted(codes(response)) == [
            (1, "heigth", "unknown-column"), (2, "gender", "invalid"),
            (2, "languages", "unknown-language"), (3, "languages", "needs-variety"),
            (3, "modes", "invalid"), (3, "name", "formula-not-allowed"),
            (3, "phone", "invalid-phone"),
        ]  # fmt: skip
        told = {(one["row"], one["column"]): one for one in response.json()["errors"]}
        assert told[2, "languages"]["value"] == "Pharsi"
        assert "'Pharsi' is no language; write 'Farsi' (pes)" in told[2, "languages"]["detail"]
        assert "'Kurmanji' (kmr)" in told[3, "languages"]["detail"]
        assert "did you mean female?" in told[2, "gender"]["detail"]
        assert response.json()["created"] == 1


async def test_a_file_with_errors_is_not_committed_at_all(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await send(coordinator, ROSTER.replace("Dari", "Pharsi"), mode="commit")
        assert response.status_code == 422
        problem = response.json()
        assert problem["code"] == "import-has-errors"
        assert [(one["pointer"], one["row"], one["column"], one["code"])
                for one in problem["errors"]] == [
            ("/rows/2/languages", 2, "languages", "unknown-language")]  # fmt: skip
        assert await network.count("interpreters") == 0


async def test_duplicates_inside_a_file_name_the_other_row(pool: Pool, clock: Clock) -> None:
    text = "name,email,languages\nA,a@example.org,lv\nB,b@example.org,lv\nC,A@example.org,lv\n"
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await send(coordinator, text)
        assert codes(response) == [(4, "email", "duplicate-row")]
        assert "Row 2" in response.json()["errors"][0]["detail"]


async def test_missing_columns_are_told_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await send(coordinator, "city\nRiga\nOgre\n")
        assert codes(response) == [
            (1, "display_name", "missing-column"), (1, "languages", "missing-column"),
            (1, "phone", "missing-column"),
        ]  # fmt: skip


async def test_two_at_once_make_everything_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        both = await asyncio.gather(*(send(coordinator, ROSTER, mode="commit") for _ in range(2)))
        assert sorted(counts(one) for one in both) == [(2, 0, 0, 2), (2, 2, 0, 0)]
        assert await network.count("interpreters") == 2


async def test_institutions_import_clients_of_their_own(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        own, school = await network.institution("School")
        other, court = await network.institution("Court")
        assert counts(await send(school, CLIENTS, "clients", mode="commit")) == (2, 2, 0, 0)
        foreign = await send(court, CLIENTS, "clients", mode="commit", institution_id=own)
        assert (foreign.status_code, foreign.json()["code"]) == (403, "forbidden")
        text = f"institution,reference\n{own},LV-1\nSchool,LV-2\n{other},LV-3\n"
        response = await send(court, text, "clients")
        assert codes(response) == [
            (2, "institution", "unknown-institution"), (3, "institution", "unknown-institution"),
        ]  # fmt: skip
        for kind in ("interpreters", "institutions"):
            assert (await send(school, ROSTER, kind)).status_code == 403


@pytest.mark.parametrize("role", ["finance", "interpreter"])
async def test_others_import_nothing(pool: Pool, clock: Clock, role: Any) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        made = await coordinator.post("/v1/interpreters", ONE)
        own = read_id(INTERPRETER, made.json()["id"])
        owner = {"interpreter_id": own} if role == "interpreter" else {}
        caller = await network.caller(role, **owner)
        for kind in ("interpreters", "institutions", "clients"):
            response = await send(caller, ROSTER, kind, mode="commit")
            assert (response.status_code, response.json()["code"]) == (403, "forbidden")


async def test_a_key_needs_the_scope_of_what_it_imports(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        for kind, scope in (
            ("interpreters", "roster:write"), ("institutions", "institutions:write"),
            ("clients", "clients:write"),
        ):  # fmt: skip
            scopes = frozenset(SCOPES["coordinator"]) - {scope}
            holder = Caller(network_id=network.id, role="coordinator", scopes=scopes)
            key = await run(
                pool, network.id,
                lambda db, holder=holder: create_key(
                    db, holder=holder, expires_at=None, now=clock.now
                ),
            )  # fmt: skip
            lacking = Api(network.client, key.token)
            assert (await send(lacking, "name\nA\n", kind)).status_code == 403
            for other in {"interpreters", "institutions", "clients"} - {kind}:
                assert (await send(lacking, "name\nA\n", other)).status_code == 200
            sent = await send(
                await network.caller("coordinator"), "x\n" + "A\n" * 501, kind, mode="preview"
            )
            assert sent.status_code == 202
            assert (await lacking.get(sent.headers["location"])).status_code == 404


async def test_what_the_doors_show_imports_as_it_is(pool: Pool, clock: Clock) -> None:
    """Everything written out as a table and imported again: nothing changes."""
    chance = random.Random(7)
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        for number in range(40):
            await add_somebody(coordinator, chance, number)
        before = await everything(network, "interpreters")
        response = await send(coordinator, await written_out(coordinator), mode="commit")
        assert counts(response) == (40, 0, 0, 40)
        assert await everything(network, "interpreters") == before


async def add_somebody(coordinator: Api, chance: random.Random, number: int) -> None:
    """Add an interpreter with some of everything."""
    codes = chance.sample(["prs", "lav", "rus", "arz", "kmr", "eng"], chance.randint(1, 4))
    body = {
        "display_name": f'Ilze, "{number}"; Ķ', "gender": chance.choice(["female", None]),
        "languages": [
            {"code": code, "level": chance.choice(["native", "fluent", "working"]),
             "dialects": chance.sample(["North", "South"], chance.randint(0, 2))}
            for code in codes
        ],
        "modes": chance.sample(["in_person", "phone", "video"], chance.randint(1, 3)),
        "topics": chance.sample(["health", "legal", "other"], chance.randint(0, 3)),
        "qualification": chance.choice(["certified", "trained", "language_speaker"]),
        "engagement": chance.choice(["staff", "freelance", "volunteer"]),
        "active": chance.random() < 0.8, "urgent_opt_in": chance.random() < 0.5,
        "travel_radius_km": chance.randint(0, 300),
        "time_zone": chance.choice(["Europe/Riga", "Europe/Oslo"]),
        "quiet_hours": chance.choice([None, {"from": "22:00", "to": "07:15"}]),
        "home": chance.choice(
            [None, {"city": "Rīga"}, {"latitude": -12.25, "longitude": 24.105, "city": "Ogre"}]
        ),
        "email": f"i{number}@example.org" if number % 3 else None,
        "phone": f"+37125565{number:03}" if number % 2 or not number % 3 else None,
    }  # fmt: skip
    made = await coordinator.post("/v1/interpreters", body)
    assert made.status_code == 201, made.text
    there = f"/v1/interpreters/{made.json()['id']}"
    if number % 4 == 0:
        weekly = [{"day": day, "from": "08:15", "to": "24:00"} for day in ("tue", "sun")]
        await coordinator.put(f"{there}/availability", {"weekly": weekly, "outside_hours": "never"})
    if number % 5 == 0:
        paper = {"kind": "court", "number": f"N-{number}", "expires_on": "2030-01-31"}
        await coordinator.post(f"{there}/credentials", paper)


async def written_out(coordinator: Api) -> str:
    """Return the roster as a table."""
    made = io.StringIO()
    names = ["name", "phone", "email", "gender", "time_zone", "city", "latitude", "longitude",
             "travel_radius_km", "modes", "qualification", "topics", "urgent_opt_in",
             "quiet_hours", "engagement", "active", "outside_hours", "languages", "hours",
             "papers"]  # fmt: skip
    out = csv.DictWriter(made, names)
    out.writeheader()
    for one in (await coordinator.get("/v1/interpreters?limit=200")).json()["items"]:
        there = f"/v1/interpreters/{one['id']}"
        hours = (await coordinator.get(f"{there}/availability")).json()
        papers = (await coordinator.get(f"{there}/credentials")).json()["items"]
        quiet = one["quiet_hours"]
        out.writerow({
            **{name: one[name] for name in names if name in one},
            **(one["home"] or {}), "name": one["display_name"], "modes": "; ".join(one["modes"]),
            "topics": "; ".join(one["topics"]),
            "quiet_hours": f"{quiet['from']}-{quiet['to']}" if quiet else "",
            "languages": "; ".join(
                f"{each['code']}:{each['level']}:{'+'.join(each['dialects'])}"
                for each in one["languages"]
            ),
            "outside_hours": hours["outside_hours"],
            "hours": "; ".join(f"{h['day']} {h['from']}-{h['to']}" for h in hours["weekly"]),
            "papers": "; ".join(
                f"{each['kind']}:{each['number']}:..{each['expires_on']}" for each in papers
            ),
        })  # fmt: skip
    return made.getvalue()


async def test_coordinators_say_whose_clients_they_are(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        school, _ = await network.institution("School 12")
        assert codes(await send(coordinator, CLIENTS, "clients")) == [
            (2, "institution", "required"), (3, "institution", "required"),
        ]  # fmt: skip
        text = f"iestāde,kods\n{school},A-1\nschool 12,A-2\n"
        assert counts(await send(coordinator, text, "clients", mode="commit")) == (2, 2, 0, 0)
        assert await network.count("audit") == 3  # each client, and the import
        wrong = await send(
            coordinator, CLIENTS, "clients", institution_id="ins_00000000000000000000000000"
        )
        assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown-institution")


async def test_a_name_or_a_number_of_the_state_is_no_reference(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        response = await send(school, "reference\nAhmad Karimi\n", "clients")
        assert codes(response) == [(2, "reference", "personal-data-not-allowed")]


async def test_a_repeat_with_another_boundary_is_the_same_call(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        key = {"Idempotency-Key": "one"}
        first = await send(coordinator, ROSTER, mode="commit", headers=key)
        again = await send(coordinator, ROSTER, mode="commit", headers=key)
        assert first.request.headers["content-type"] != again.request.headers["content-type"]
        assert again.json() == first.json()
        assert again.headers["idempotent-replayed"] == "true"
        for changed in ({"mode": "preview"}, {"kind": "institutions", "mode": "commit"}):
            fields = {"kind": "interpreters", **changed}
            other = await send(coordinator, ROSTER, headers=key, **fields)
            assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
        other = await send(coordinator, ROSTER + "\n", mode="commit", headers=key)
        assert other.json()["code"] == "idempotency-key-reused"


async def test_a_workbook_is_read_as_the_table_it_shows(pool: Pool, clock: Clock) -> None:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Name", "Phone", "Languages", "Radius"])
    sheet.write_row(2, 0, ["Anna", 25565098, "dari; lv", 30])
    sheet.write_formula(3, 0, '="=1+1"', None, "=1+1")
    sheet.write_row(3, 1, [25565097, "lv", 30])
    book.close()
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await send(coordinator, made.getvalue())
        assert codes(response) == [(4, "Name", "formula-not-allowed")]
        assert response.json()["created"] == 1


@pytest.mark.parametrize(
    ("fields", "status", "code", "pointer"),
    [
        ({"kind": "people"}, 422, "validation", "/kind"),
        ({"kind": "clients", "mode": "try"}, 422, "validation", "/mode"),
        ({"kind": "clients", "colour": "red"}, 422, "validation", "/colour"),
        ({"kind": "clients", "institution_id": "7"}, 422, "validation", "/institution_id"),
        ({"kind": ["clients", "interpreters"]}, 422, "duplicate", "/kind"),
    ],
)
async def test_fields_of_the_form_are_checked(
    pool: Pool, clock: Clock, fields: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await coordinator.call(
            "POST", "/v1/imports", data=fields, files={"file": ("a.csv", b"name\nA\n")}
        )
        problem = response.json()
        assert (response.status_code, problem["code"]) == (status, code)
        assert [one["pointer"] for one in problem["errors"]] == [pointer]


async def test_a_form_without_a_file_and_a_body_that_is_no_form(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        none = await coordinator.call("POST", "/v1/imports", files={"kind": (None, "clients")})
        assert [one["pointer"] for one in none.json()["errors"]] == ["/file"]
        json = await coordinator.post("/v1/imports", {"kind": "clients"})
        assert (json.status_code, json.json()["code"]) == (415, "unsupported-media-type")
        broken = await coordinator.call(
            "POST", "/v1/imports", content=b"--x\r\nContent-Disp",
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        )  # fmt: skip
        assert (broken.status_code, broken.json()["code"]) == (400, "malformed")
        many = {f"part{number}": (None, "1") for number in range(30)}
        parts = await coordinator.call("POST", "/v1/imports", files=many)
        assert (parts.status_code, parts.json()["code"]) == (400, "malformed")


async def test_a_file_has_at_most_ten_megabytes(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        for size in (10 * 1024 * 1024 + 1, 12 * 1024 * 1024):
            response = await send(coordinator, b"x" * size)
            assert (response.status_code, response.json()["code"]) == (413, "file-too-large")
        large = await coordinator.call(
            "POST", "/v1/institutions", content=b" " * 300_000,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        assert large.json()["code"] == "body-too-large"


async def test_more_than_five_hundred_rows_are_an_operation(pool: Pool, clock: Clock) -> None:
    rows = "\n".join(f"A-{number}" for number in range(501))
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        _, court = await network.institution("Court")
        response = await send(school, f"reference\n{rows}\n", "clients", mode="commit")
        assert response.status_code == 202
        told = response.json()
        assert response.headers["location"] == f"/v1/operations/{told['id']}"
        assert told == {
            "id": told["id"], "kind": "import", "state": "waiting", "done": 0, "total": 501,
            "result": None, "plan_id": None,
        }  # fmt: skip
        coordinator = await network.caller("coordinator")
        finance = await network.caller("finance")
        for caller, status in ((school, 200), (coordinator, 200), (court, 404), (finance, 404)):
            assert (await caller.get(response.headers["location"])).status_code == status
        assert await network.count("clients") == 0
        stored = await network.count("operations WHERE position('A-500' in input::text) > 0")
        assert stored == 0
        assert told["id"].startswith("op_")
