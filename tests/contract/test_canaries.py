"""Words that are nowhere else are planted wherever people may write, and sought in every channel.

Real processes do the work: a web process and a worker with all they log, on a PostgreSQL and a
Valkey of their own. What can speak is enumerated from the code: a new log line, gateway, channel,
label or table fails here until somebody has placed it. What stands sealed in the database, and in
a dump of it, is tests/sql/test_sealing.py's.
"""

import ast
import contextlib
import csv
import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import msgspec
import pytest

from api import Api, Network
from centre import HOME, PLACE
from faults.listening import listening
from faults.workers import a_valkey, workers
from interpreters import application, gateways
from interpreters.application.deliveries import CHANNELS
from interpreters.application.networks import open_network
from interpreters.asgi import build_litestar
from interpreters.cli.serve import Server
from interpreters.database import Pool, open_pool
from interpreters.domain.ids import INSTITUTION, INTERPRETER, read_id
from interpreters.http.metrics import Meters
from sealing import SECRET_KEYS, VAULT
from servers import database_url
from worlds import NUMBERS

pytestmark = pytest.mark.anyio
SOURCE: Final = Path(application.__file__).parents[1]
LOGGER: Final = re.compile(r"log\.(debug|info|warning|error|exception|critical)")
MARK: Final = "canary"
PHONE: Final = "3712000"  # how every planted telephone number begins
CLASSES: Final = Path(__file__).parents[1] / "sql/columns.csv"
WIDE: Final = {
    f"INTERPRETERS_RATE_{whose}_{what}": "1000000"
    for whose in ("TOKEN", "ADDRESS", "SIGN_IN")
    for what in ("PER_MINUTE", "BURST")
}
LETTERS_GO_NOWHERE: Final = {
    "INTERPRETERS_SMTP_URL": "smtp://127.0.0.1:9",
    "INTERPRETERS_MAIL_FROM": "desk@example.org",
    "INTERPRETERS_SMS_URL": "http://127.0.0.1:9",
    "INTERPRETERS_SMS_ACCOUNT": "AC1",
    "INTERPRETERS_SMS_TOKEN": "secret",
    "INTERPRETERS_SMS_FROM": "+37125565098",
    "INTERPRETERS_LOG_LEVEL": "debug",
}

# What each gateway carries outside, and where it is looked at.
GATEWAYS: Final = {
    "addresses": "looks up hosts; says nothing",
    "calendars": "reads when somebody is busy, nothing else",
    "letters": "writes a person's own mail; tests/gateways/test_mail.py",
    "lines": "opens connections; says nothing",
    "mail": "carries it to that person; its log here",
    "pauses": "waits",
    "pdf": "sets a statement into type, offline; says nothing",
    "providers": "asks a provider for keys and tokens; tests of sign-in by OpenID",
    "push": "encrypted for the browser; tests/gateways/test_push.py",
    "queue": "ids only; everything Redis is told, here",
    "rates": "hashes and counts; everything Redis is told, here",
    "texts": "a person's own text message; its log here",
    "trouble": "names of errors",
    "webhooks": "ids and states; tests of webhooks",
}
# Every field that a log line may have; none of them is what somebody wrote.
LOGGED: Final = {
    "again_in", "at", "channel", "code", "error", "id", "kind", "late", "logger", "milliseconds",
    "network_id", "part", "provider", "purpose", "reason", "said", "stopped",
}  # fmt: skip
# Tables that hold ids, states and times, and never a word of anybody.
WORDLESS: Final = {
    "audit", "availability", "due", "events", "event_places", "outbox", "request_clients",
    "text_counts", "escalations", "on_call", "offer_links", "usage_entries", "request_seats",
    "conflicts", "room_uses",
}  # fmt: skip


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call of a logger in the sources."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and LOGGER.fullmatch(ast.unparse(node.func)):
                yield path.name, node


def test_every_log_line_is_a_fixed_word_with_fields_that_are_known() -> None:
    calls = list(log_calls())
    assert len(calls) > 10
    for name, call in calls:
        assert isinstance(call.args[0], ast.Constant), (name, ast.unparse(call))
        assert len(call.args) == 1, (name, ast.unparse(call))
        assert {one.arg for one in call.keywords} <= LOGGED, (name, ast.unparse(call))


def test_no_other_way_to_stderr_is_taken_by_the_processes() -> None:
    """`print` and loggers of one's own are for the command line and the sample."""
    for floor in ("http", "web", "jobs", "application", "gateways", "sql", "domain"):
        for path in (SOURCE / floor).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert "print(" not in text.replace("blueprint(", ""), path
            assert "logging.getLogger" not in text, path


def test_every_gateway_and_channel_is_placed() -> None:
    found = {path.stem for path in Path(gateways.__file__).parent.glob("*.py")} - {"__init__"}
    assert found == set(GATEWAYS), "say what the new one carries, and where that is looked at"
    channels = {type(one).__name__ for one in CHANNELS}
    assert channels <= {
        "Messages",
        "Push",
        "Webhooks",
        "Urgent",
        "Calendar",
        "Waking",
        "Receipts",
    }


def test_numbers_are_told_by_route_method_and_status_alone() -> None:
    meters = Meters()
    assert meters.requests._labelnames == ("route", "method", "status")
    assert meters.seconds._labelnames == ("route", "method")


async def test_every_table_is_wordless_or_has_its_words_classed(database: str) -> None:
    db = await asyncpg.connect(database_url(role="postgres", database=database))
    rows = await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await db.close()
    with CLASSES.open(encoding="utf-8", newline="") as file:
        classed = {row["table"] for row in csv.DictReader(file)}
    without = {"alembic_version", "network_names"}
    assert {row["tablename"] for row in rows} - WORDLESS - classed - without == set()


class Words:
    """Canaries by the field they were planted in."""

    def __init__(self) -> None:
        self.fields: set[str] = set()
        self.secrets: list[str] = []
        self.count = 0

    def word(self, field: str, form: str = "{}") -> str:
        self.fields.add(field)
        self.count += 1
        return form.format(f"{MARK}{self.count}")

    def phone(self, field: str) -> str:
        self.fields.add(field)
        self.count += 1
        return f"+{PHONE}{self.count:04}"

    def heard(self, text: str) -> list[str]:
        """Return the lines that hold a canary, or the secret part of a token."""
        bad = [one for one in text.splitlines() if MARK in one.lower() or PHONE in one]
        return bad + [one for one in text.splitlines() for two in self.secrets if two in one]


class Heard(msgspec.Struct, kw_only=True):
    """What every channel said."""

    words: Words
    web: str
    worker: str
    metrics: str
    feed: str
    redis: str
    strangers: str
    links: list[str]
    tables: dict[str, str]
    statuses: dict[str, int]


@contextlib.contextmanager
def overheard(path: Path) -> Iterator[list[bytes]]:
    """Write down every command that a Valkey is given."""
    said: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(path))
        line.sendall(b"MONITOR\r\n")

        def listen() -> None:
            with contextlib.suppress(OSError):
                while part := line.recv(65536):
                    said.append(part)

        ear = threading.Thread(target=listen, daemon=True)
        ear.start()
        yield said
        line.shutdown(socket.SHUT_RDWR)
        ear.join(5)


class Story:
    """The main flows, told to a real server."""

    def __init__(self, network: Network, words: Words) -> None:
        self.network, self.words = network, words
        self.statuses: dict[str, int] = {}

    async def call(self, api: Api, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = await api.call(method, path, json=body, **more)
        self.statuses[f"{method} {path.partition('?')[0]}"] = answer.status_code
        if not answer.content or "json" not in answer.headers.get("content-type", ""):
            return {}
        return answer.json()

    async def tell(self) -> None:
        word, phone = self.words.word, self.words.phone
        self.boss = await self.network.caller("coordinator")
        self.words.secrets.append(str(self.boss.token)[-30:])
        place = await self.call(self.boss, "POST", "/v1/institutions", {
            "name": word("name"), "kind": "education", "client_links": True,
        })  # fmt: skip
        path = f"/v1/institutions/{place['id']}"
        site = await self.call(self.boss, "POST", f"{path}/sites", {
            "name": word("name"), "city": word("city"), "address": word("address"),
            "phone": phone("phone"), "email": word("email", "{}@example.org"),
            "rooms": [word("rooms")], **PLACE,
        })  # fmt: skip
        self.school = await self.network.caller(
            "institution", institution_id=read_id(INSTITUTION, place["id"])
        )
        self.words.secrets.append(str(self.school.token)[-30:])
        await self.call(self.school, "POST", "/v1/webhook-endpoints", {
            "url": word("url", "https://{}.example.org/in"), "types": ["statement.issued"],
        })  # fmt: skip
        await self.people(place["id"])
        await self.work(site["id"])
        await self.signing_in()
        await self.mistakes()

    async def people(self, institution_id: str) -> None:
        word, phone = self.words.word, self.words.phone
        made = await self.call(self.boss, "POST", "/v1/interpreters", {
            "display_name": word("display_name"), "email": word("email", "{}@example.org"),
            "phone": phone("phone"), "home": {**HOME, "city": word("home")},
            "languages": [{"code": "dari", "level": "native"}, {"code": "lv"}],
        })  # fmt: skip
        self.person = await self.network.caller(
            "interpreter", interpreter_id=read_id(INTERPRETER, made["id"])
        )
        path = f"/v1/interpreters/{made['id']}"
        await self.call(self.boss, "POST", f"{path}/credentials",
                        {"kind": "court", "number": word("number")})  # fmt: skip
        self.mail = word("email", "{}@example.org")
        user = await self.call(self.boss, "POST", "/v1/users", {
            "roles": ["consultant"], "institution_id": institution_id, "email": self.mail,
            "display_name": word("display_name"), "phone": phone("phone"),
        })  # fmt: skip
        await self.call(self.boss, "POST", f"/v1/users/{user.get('id')}/invite", {})
        await self.call(self.boss, "POST", f"{path}/vet", {"note": word("note")})
        await self.call(self.person, "POST", "/v1/applications", {
            "display_name": word("display_name"), "network": "canaries",
            "email": word("email", "{}@example.org"), "city": word("city"),
            "message": word("message"), "languages": [{"code": "dari"}, {"code": "lv"}],
        })  # fmt: skip
        await self.call(self.school, "POST", "/v1/clients", {
            "reference": word("reference"), "status": word("status"), "group": word("group"),
        })  # fmt: skip

    def order(self, starts_at: datetime) -> dict[str, Any]:
        word, phone = self.words.word, self.words.phone
        return {
            "language": "dari", "modes": ["phone"], "starts_at": starts_at.isoformat(),
            "duration_minutes": 15, "topic": "health",
            "clients": [{"reference": word("clients")}], "instructions": word("instructions"),
            "connect": {"by": "link", "number": phone("connect"), "extension": word("connect"),
                        "url": word("connect", "https://{}.example.org"), "pin": word("connect")},
            "external_reference": word("external_reference"), "cost_centre": word("cost_centre"),
            "referred_by": word("referred_by"), "on_behalf_of": {"note": word("on_behalf_of")},
            "parties": [
                {"reference": word("parties"), "arrives_at": (starts_at + minutes).isoformat()}
                for minutes in (timedelta(0), timedelta(minutes=10))
            ],
            "requirements": {"dialect": {"value": word("requirements")}},
        }  # fmt: skip

    async def booked(self, starts_at: datetime) -> str:
        asked = await self.call(self.school, "POST", "/v1/requests", self.order(starts_at),
                                headers={"Idempotency-Key": self.words.word("key")})  # fmt: skip
        offers = (await self.call(self.person, "GET", "/v1/offers?state=open"))["items"]
        offer = next(one for one in offers if one["request_id"] == asked["id"])
        made = await self.call(self.person, "POST", f"/v1/offers/{offer['id']}/accept", {})
        assert "id" in made, made
        return f"/v1/bookings/{made['id']}"

    async def work(self, site_id: str) -> None:
        now, word = datetime.now(UTC), self.words.word
        held = await self.booked(now + timedelta(minutes=5))
        link = await self.call(self.school, "POST", f"{held}/client-link", {})
        await self.network.client.post(
            "/" + str(link.get("url", "///x")).split("/", 3)[3],
            data={"kind": "complaint", "said": word("said")},
        )
        voices = (await self.call(self.boss, "GET", "/v1/client-voices"))["items"]
        for one in voices:
            await self.call(self.boss, "POST", f"/v1/client-voices/{one['id']}/answer",
                            {"answer": word("answer")})  # fmt: skip
        for verb, body in (("check-in", {}), ("running-late", {"minutes": 5}), ("start", {}),
                           ("end", {})):  # fmt: skip
            await self.call(self.person, "POST", f"{held}/{verb}", body)
        for number, verb in enumerate(("cancel", "give-back")):
            booking = await self.booked(now + timedelta(days=number + 1))
            api = self.school if verb == "cancel" else self.person
            await self.call(api, "POST", f"{booking}/{verb}", {"reason": word("reason")})
        missed = await self.booked(now + timedelta(minutes=40))
        await self.call(self.school, "POST", f"{missed}/client-no-show", {})
        asked = await self.call(self.school, "POST", "/v1/requests",
                                self.order(now + timedelta(days=5)))  # fmt: skip
        for offer in (await self.call(self.person, "GET", "/v1/offers?state=open"))["items"]:
            await self.call(self.person, "POST", f"/v1/offers/{offer['id']}/decline",
                            {"reason": word("reason")})  # fmt: skip
        await self.call(self.school, "PATCH", f"/v1/requests/{asked['id']}",
                        {"instructions": word("instructions")})  # fmt: skip

    async def signing_in(self) -> None:
        nobody = Api(self.network.client, None)
        for body in ({"email": self.mail}, {"phone": self.words.phone("phone")},
                     {"email": self.words.word("email", "{}@example.org")}):  # fmt: skip
            made = await self.call(
                nobody, "POST", "/v1/sign-in", {"network": "canaries", **body},
                headers={"User-Agent": self.words.word("device")},
            )  # fmt: skip
            await self.call(nobody, "POST", "/v1/sign-in/verify",
                            {"attempt": made.get("attempt"), "code": "000000"})  # fmt: skip
        await self.call(Api(nobody.client, self.words.word("token", "ik_live_{}")), "GET", "/v1/me")

    async def mistakes(self) -> None:
        word = self.words.word
        await self.call(self.school, "GET", f"/v1/requests?external_reference={word('query')}")
        await self.call(self.school, "GET", f"/v1/requests?{word('query')}=1")
        await self.call(self.school, "GET", f"/v1/{word('path')}")
        await self.call(self.school, "GET", f"/v1/requests/{word('path')}")
        await self.call(self.school, "POST", "/v1/requests", {word("field"): word("value")})
        await self.network.client.post(
            "/v1/requests", content=word("broken", '{{"{}').encode(),
            headers={"Authorization": f"Bearer {self.school.token}"},
        )  # fmt: skip


@pytest.fixture(scope="module")
async def heard(template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Heard]:
    folder, name = tmp_path_factory.mktemp("canaries"), f"canaries_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    url = database_url(role="interpreters_app", database=name)
    pool = await open_pool(url, vault=VAULT, size=2)
    with a_valkey(folder) as valkey, overheard(valkey.path) as commands:
        yield await everything(pool, name, folder, valkey.url, commands)
    await pool.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


async def everything(
    pool: Pool, name: str, folder: Path, redis_url: str, commands: list[bytes]
) -> Heard:
    """Tell the story to real processes, break things, and return what was said."""
    words = Words()
    opened = await open_network(
        pool, name="Canaries", slug="canaries", time_zone="Europe/Riga", currency="EUR",
        country="LV", working_language="lav", now=datetime.now(UTC),
    )  # fmt: skip
    url = database_url(role="interpreters_app", database=name)
    environment = {
        **WIDE, **LETTERS_GO_NOWHERE, "INTERPRETERS_SECRET_KEYS": SECRET_KEYS,
        "INTERPRETERS_REDIS_URL": redis_url,
    }  # fmt: skip
    with (
        listening(Server.uvicorn, database_url=url, folder=folder, environment=environment) as web,
        workers(1, database_url=url, redis_url=redis_url, lease=5, folder=folder) as working,
    ):
        working[0].kill()
        working[0].environment = {**working[0].environment, **environment}
        working[0].start()
        async with httpx.AsyncClient(base_url=web.url, timeout=20) as client:
            network = Network(pool, client, opened.network_id, datetime.now(UTC))
            story = Story(network, words)
            await story.tell()
            working[0].wait_for("message-delayed")
            feed = (await client.get("/v1/events?limit=200", headers=_signed(story.boss))).text
            strangers = await _strangers(story)
            links = await _links(story)
            await _surprises(story, name)
            metrics = (await client.get("/metrics")).text
        logs = web.log.read_text(), working[0].said()
    return Heard(
        words=words, web=logs[0], worker=logs[1], metrics=metrics, feed=feed,
        redis=b"".join(commands).decode(errors="replace"), strangers=strangers, links=links,
        tables=await _tables(name), statuses=story.statuses,
    )  # fmt: skip


def _signed(api: Api) -> dict[str, str]:
    return {"Authorization": f"Bearer {api.token}"}


async def _strangers(story: Story) -> str:
    """Return all that another institution and another interpreter are answered."""
    said = []
    place = await story.call(story.boss, "POST", "/v1/institutions",
                             {"name": "Police", "kind": "justice"})  # fmt: skip
    made = await story.call(story.boss, "POST", "/v1/interpreters", {
        "display_name": "Other", "email": "other@example.org",
        "languages": [{"code": "fr", "level": "native"}, {"code": "lv"}],
    })  # fmt: skip
    others = [
        await story.network.caller("institution", institution_id=read_id(INSTITUTION, place["id"])),
        await story.network.caller("interpreter", interpreter_id=read_id(INTERPRETER, made["id"])),
    ]
    for room in ("clients", "requests", "bookings", "offers", "usage/entries", "events",
                 "interpreters", "institutions", "client-voices"):  # fmt: skip
        own = (await story.call(story.boss, "GET", f"/v1/{room}")).get("items", [])
        for api in others:
            paths = [f"/v1/{room}", *(f"/v1/{room}/{one['id']}" for one in own if "id" in one)]
            for path in paths:
                if place["id"] in path or made["id"] in path:
                    continue
                answer = await api.get(path)
                said.append(f"{answer.headers}\n{answer.text}")
    return "\n".join(said)


async def _links(story: Story) -> list[str]:
    """Return the addresses in what the owner of the words is answered."""
    found = []
    for room in ("clients", "requests", "bookings", "usage/entries", "institutions", "audit"):
        answer = await story.boss.get(f"/v1/{room}?limit=1")
        found += [str(answer.json().get("next")), str(answer.headers)]
    return found


async def _surprises(story: Story, name: str) -> None:
    """A database that refuses with the whole row in its words, and one that takes too long."""
    db = await asyncpg.connect(database_url(role="postgres", database=name))
    await db.execute("ALTER TABLE clients ADD CONSTRAINT surprise CHECK (false) NOT VALID")
    body = {"reference": story.words.word("reference"), "group": story.words.word("group")}
    await story.call(story.school, "POST", "/v1/clients", body)
    assert story.statuses["POST /v1/clients"] == 500
    await db.execute("BEGIN; LOCK TABLE clients IN ACCESS EXCLUSIVE MODE")
    answer = await Api(story.network.client, story.school.token).post("/v1/clients", body)
    assert answer.status_code == 503
    await db.close()


async def _tables(name: str) -> dict[str, str]:
    db = await asyncpg.connect(database_url(role="postgres", database=name))
    found = {
        table: str(await db.fetchval(f"SELECT string_agg(t::text, chr(10)) FROM {table} t"))
        for table in sorted(WORDLESS)
    }
    await db.close()
    return found


def test_a_canary_is_heard_where_it_sings() -> None:
    words = Words()
    said = (words.word("x"), words.word("x").upper(), words.phone("x"))
    words.secrets.append("token-of-mine")
    for one in (*said, "a token-of-mine b"):
        assert words.heard(f"line\n{{'x': '{one}'}}\nline")
    assert words.heard("line\n+37125565098") == []


async def test_the_story_was_told(heard: Heard) -> None:
    """Words that were never taken in would prove nothing."""
    good = {path for path, status in heard.statuses.items() if status < 300}
    for part in ("/v1/requests", "/accept", "/cancel", "/give-back", "/decline", "/client-link",
                 "/start", "/end", "/running-late", "/v1/sign-in", "/v1/users", "/v1/sites",
                 "/credentials", "/answer"):  # fmt: skip
        wanted = part.replace("/v1/sites", "/sites")
        assert any(wanted in path for path in good), part
    assert "unexpected" in heard.web
    assert "database-unavailable" in heard.web
    assert "job-done" in heard.worker
    assert heard.tables["audit"].count("\n") > 5
    assert "interpreters_http_requests_total" in heard.metrics
    assert "booking.confirmed" in heard.feed
    assert "evalsha" in heard.redis.lower() or "zadd" in heard.redis.lower()


@pytest.mark.parametrize("channel", ["web", "worker", "metrics", "feed", "redis", "strangers"])
async def test_no_canary_sings_in(heard: Heard, channel: str) -> None:
    said: str = getattr(heard, channel)
    assert len(said) > 100
    assert heard.words.heard(said) == []


async def test_no_canary_sings_in_addresses_and_headers(heard: Heard) -> None:
    assert any("cursor=" in one for one in heard.links)
    assert heard.words.heard("\n".join(heard.links)) == []


@pytest.mark.parametrize("table", sorted(WORDLESS))
async def test_no_canary_sings_in_the_table(heard: Heard, table: str) -> None:
    assert heard.words.heard(heard.tables[table]) == []


# Fields of bodies in which nobody writes words: codes, choices, numbers, times, ids.
WORDLESS_FIELDS: Final = {
    "roles", "active", "language", "languages", "gender", "time_zone", "travel_radius_km", "modes",
    "qualification", "topics", "urgent_opt_in", "quiet_hours", "engagement", "weekly",
    "outside_hours", "until", "starts_at", "ends_at", "kind", "issued_on", "expires_on",
    "country", "working_language", "client_links", "latitude", "longitude", "opening_hours",
    "scopes", "expires_at", "mode", "nationality", "gender_preference", "status_since", "currency",
    "weights", "ladder", "applications_open", "volunteer_topics", "retention", "everywhere",
    "planning", "from", "to", "places", "passkeys", "format", "group_by", "suppress_below",
    "network", "credential", "issuer", "client_id", "client_secret", "groups_claim",
    "notify", "endpoint", "keys", "expirationTime",  # a browser's own, sealed
    "group_roles", "default_roles", "channel", "attendees_expected", "flexible_start",
    "test_scenario", "starts", "duration_minutes", "topic", "fallbacks", "interpreters_needed",
    "partial_ok", "recurrence", "recurrence_skips", "priority", "ended_at", "minutes", "file",
    "reason_code", "attempt", "code", "rows", "other_mode", "neighbour_language", "relay",
    "shift_minutes", "rotate_secret", "types", "since", "briefing_minutes", "scope",
    "ask_conflicts", "give_back_hours", "auto_assign", "refuse_duplicates", "approval_days",
    "travel_approval_minor", "default", "valid_from", "valid_until", "rates", "rules",
    "supplements", "minimum_minutes", "increment_minutes", "travel", "breaks_paid",
    "break_minutes", "replaces",
    "stars", "outcome", "correction", "started_at", "said_at", "early", "leave_open", "amount",
    "beforehand", "charge_on", "starts_on", "ends_on", "excluded_languages", "statuses",
    "months_since_status", "require_funding", "month", "side",
    "donors", "groups",  # names of donors, the institution's pseudonyms of families: no person's
    "receipt",  # a reference, sealed; planted in tests/http/test_expenses.py
}  # fmt: skip


async def test_every_field_that_takes_words_was_planted(heard: Heard) -> None:
    app = build_litestar()
    fields = {
        field.encode_name
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if (door := handler.opt.get("door")) is not None and door.body is not None
        for field in msgspec.structs.fields(door.body)
    }
    wordy = {one for one in fields - WORDLESS_FIELDS if not one.endswith(("_id", "_ids"))}
    assert wordy - heard.words.fields == set(), "plant a word there, or say that none can be"
