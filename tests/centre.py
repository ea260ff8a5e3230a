"""A centre for tests of the main job: its school, its site in Riga, its people."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from api import Api, Network
from interpreters.application import dispatch
from interpreters.application.calls import run
from interpreters.application.deliveries import deliver_batch
from interpreters.application.waking import Waking
from interpreters.database import Db
from interpreters.domain.ids import INTERPRETER, REQUEST, read_id

Json: TypeAlias = dict[str, Any]
PLACE = {"latitude": 56.9496, "longitude": 24.1052}
HOME = {**PLACE, "city": "Riga"}
START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)  # in Riga 10:00


def z(instant: datetime) -> str:
    """Return an instant as it is answered."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Person:
    """An interpreter on the roster, who can call."""

    def __init__(self, shown: Json, api: Api) -> None:
        self.id: str = shown["id"]
        self.key: UUID = read_id(INTERPRETER, shown["id"])
        self.api = api

    async def offers(self, state: str = "open") -> list[Json]:
        response = await self.api.get(f"/v1/offers?state={state}")
        assert response.status_code == 200, response.text
        items: list[Json] = response.json()["items"]
        return items

    async def offer(self, request: Json) -> Json:
        """Return the newest offer about the request."""
        found = (await self.api.get("/v1/offers?limit=200")).json()["items"]
        one: Json = next(one for one in found if one["request_id"] == request["id"])
        return one

    async def accept(self, request: Json) -> Json:
        response = await self.api.post(f"/v1/offers/{(await self.offer(request))['id']}/accept")
        assert response.status_code == 200, response.text
        booking: Json = response.json()
        return booking

    async def decline(self, request: Json) -> None:
        response = await self.api.post(f"/v1/offers/{(await self.offer(request))['id']}/decline")
        assert response.status_code == 200, response.text


class Centre:
    """A network with a school that asks, and the people it asks for."""

    def __init__(self, network: Network, clock: Any) -> None:
        self.network = network
        self.clock = clock
        self.number = 0

    async def open(self, **institution: Any) -> "Centre":
        self.coordinator = await self.network.caller("coordinator")
        self.institution = await self.made(
            self.coordinator, "/v1/institutions",
            {"name": "School", "kind": "education", **institution},
        )  # fmt: skip
        self.site = await self.add_site()
        key = await self.made(
            self.coordinator, f"/v1/institutions/{self.institution['id']}/keys", {}
        )
        self.school = Api(self.network.client, key["token"])
        return self

    async def made(self, api: Api, path: str, body: Json) -> Json:
        response = await api.post(path, body)
        assert response.status_code == 201, response.text
        answer: Json = response.json()
        return answer

    async def add_site(self, **fields: Any) -> Json:
        return await self.made(
            self.coordinator, f"/v1/institutions/{self.institution['id']}/sites",
            {"name": "Main", "city": "Riga", "address": "Street 1", **PLACE, **fields},
        )  # fmt: skip

    async def person(self, **fields: Any) -> Person:
        self.number += 1
        shown = await self.made(
            self.coordinator, "/v1/interpreters",
            {
                "display_name": f"Person {self.number}",
                "email": f"p{self.number}@example.org",
                "home": HOME,
                "languages": [{"code": "dari", "level": "native"}, {"code": "lv"}],
                **fields,
            },
        )  # fmt: skip
        key = read_id(INTERPRETER, shown["id"])
        return Person(shown, await self.network.caller("interpreter", interpreter_id=key))

    async def people(self, count: int, **fields: Any) -> list[Person]:
        return [await self.person(**fields) for _ in range(count)]

    def order(self, **changes: Any) -> Json:
        body = {
            "language": "dari",
            "modes": ["in_person"],
            "starts_at": START.isoformat(),
            "duration_minutes": 60,
            "site_id": self.site["id"],
            "clients": [{"reference": "LV-1042"}],
            "topic": "health",
            **changes,
        }
        return {name: value for name, value in body.items() if value is not ...}

    async def asked(self, **changes: Any) -> Json:
        return await self.made(self.school, "/v1/requests", self.order(**changes))

    async def request(self, request: Json) -> Json:
        shown: Json = (await self.coordinator.get(f"/v1/requests/{request['id']}")).json()
        return shown

    async def booking(self, booking: Json) -> Json:
        shown: Json = (await self.coordinator.get(f"/v1/bookings/{booking['id']}")).json()
        return shown

    async def booked(self, person: Person, **changes: Any) -> Json:
        """Ask, and have the person say yes."""
        return await person.accept(await self.asked(**changes))

    async def step(self, request: Json) -> None:
        """Do what the ladder's job does."""
        await self._job(dispatch.step_request, request)

    async def expire(self, request: Json) -> None:
        """Do what the job for ended offers does."""
        await self._job(dispatch.expire_offers, request)

    async def _job(self, job: Any, request: Json) -> None:
        key = read_id(REQUEST, request["id"])
        await run(
            self.network.pool,
            self.network.id,
            lambda db: job(db, network_id=self.network.id, request_id=key, now=self.clock.now),
        )

    async def heard(self) -> None:
        """Do what the job does with what was written down, for searches that wake alone."""
        network = self.network
        rows = await run(
            network.pool, network.id,
            lambda db: db.fetch(
                "SELECT d.id FROM due d WHERE d.network_id = $1 AND d.kind = 'outbox'", network.id
            ),
        )  # fmt: skip
        for row in rows:
            await run(
                network.pool, network.id,
                lambda db, batch=row["id"]: deliver_batch(  # type: ignore[misc]  # bound at once
                    db, network_id=network.id, batch_id=batch, now=self.clock.now,
                    channels=(Waking(),),
                ),
            )  # fmt: skip

    async def due(self, request: Json) -> dict[str, datetime]:
        """Return when the clock looks at the request's offers again, by kind of job."""
        return {kind: at for kind, at in (await self.all_due(request)).items() if kind != "urgent"}

    async def all_due(self, request: Json) -> dict[str, datetime]:
        """Return when the clock looks at the request again, by kind of job."""
        key = read_id(REQUEST, request["id"])

        async def work(db: Db) -> Any:
            return await db.fetch(
                "SELECT d.kind, d.at FROM due d WHERE d.network_id = $1 AND d.id = $2",
                self.network.id, key,
            )  # fmt: skip

        return {
            row["kind"]: row["at"] for row in await run(self.network.pool, self.network.id, work)
        }

    async def states(self, request: Json) -> dict[str, str]:
        """Return the state of each interpreter's newest offer about the request."""
        key = read_id(REQUEST, request["id"])

        async def work(db: Db) -> Any:
            return await db.fetch(
                "SELECT o.interpreter_id, o.state FROM offers o"
                " WHERE o.network_id = $1 AND o.request_id = $2 ORDER BY o.id",
                self.network.id, key,
            )  # fmt: skip

        return {
            str(row["interpreter_id"]): row["state"]
            for row in await run(self.network.pool, self.network.id, work)
        }

    async def events(self, api: Api | None = None) -> list[str]:
        """Return the types in the feed, in order."""
        items = (await (api or self.coordinator).get("/v1/events?limit=200")).json()["items"]
        return [one["type"] for one in items]

    def at(self, **before: float) -> None:
        """Set the clock so long before the start of the usual session."""
        self.clock.now = START - timedelta(**before)
