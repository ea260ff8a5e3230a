"""What everybody does during a fault run, at once, until it is told to end.

Each call is repeated with the same Idempotency-Key until it is answered, as a good client does;
what was answered stands in the journal.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import aiohttp

from faults.cast import Cast, Person, School
from faults.journal import Entry, Journal, What
from faults.moved import MovedClock
from faults.outside import Outside

LINK: Final = re.compile(r"https://interpreters\.example(/o/ol_\w+)")
WAIT: Final = aiohttp.ClientTimeout(total=8)


class Load:
    """Everybody at work. `rate` is how many requests are asked for in a second."""

    def __init__(
        self, cast: Cast, outside: Outside, clock: MovedClock, journal: Journal,
        urls: Sequence[str], *, dice: random.Random, rate: float,
    ) -> None:  # fmt: skip
        self.cast, self.outside, self.clock, self.journal = cast, outside, clock, journal
        self.urls, self.dice, self.rate = list(urls), dice, rate
        self.open = True  # while it is, new things are begun
        self.codes: Counter[str] = Counter()
        self.tasks: set[asyncio.Task[None]] = set()
        self.requests: list[tuple[str, School, str]] = []
        self.asked = 0
        self.session: aiohttp.ClientSession

    async def run(self) -> None:
        """Work until `open` is false and everything begun is answered."""
        line = aiohttp.TCPConnector(limit=64)
        async with aiohttp.ClientSession(timeout=WAIT, connector=line) as self.session:
            await asyncio.gather(
                self.ask(), self.read_letters(), self.coordinate(),
                *(self.answer(one) for one in self.cast.people),
            )  # fmt: skip
            while self.tasks:
                await asyncio.gather(*self.tasks)

    def soon(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def ask(self) -> None:
        while self.open:
            self.soon(self.ask_once(self.dice.choice(self.cast.schools)))
            await asyncio.sleep(self.dice.expovariate(self.rate))

    async def ask_once(self, school: School) -> None:
        self.asked += 1
        reference, token = f"R-{self.asked}", self.dice.choice(school.tokens)
        body = {"external_reference": reference, "topic": "health", **self._wish(school)}
        made = await self.post("ask", "/v1/requests", body, token, thing=reference)
        if not made.promised or made.made is None:
            return
        self.requests.append((made.made, school, token))
        if self.dice.random() < 0.07:
            await asyncio.sleep(self.dice.uniform(0.2, 6))
            path = f"/v1/requests/{made.made}/cancel"
            await self.post("cancel-request", path, {"reason": "not needed"}, token)

    def _wish(self, school: School) -> dict[str, Any]:
        days = self.dice.randrange(2 * 96, 9 * 96)  # quarter hours from now
        starts = self.clock().replace(minute=0, second=0, microsecond=0)
        wish: dict[str, Any] = {
            "language": "dari", "modes": ["phone"], "duration_minutes": 30,
            "starts_at": (starts + timedelta(minutes=15 * days)).isoformat(),
            "clients": [{"reference": f"C-{self.dice.randrange(40)}"}],
        }  # fmt: skip
        there = {"modes": ["in_person"], "site_id": self.dice.choice(school.sites)}
        match self.dice.choices(range(7), (35, 20, 15, 10, 10, 10, 4))[0]:
            case 1:
                wish |= there
            case 2:
                del wish["starts_at"]
                wish |= {"starts": "now", "modes": ["phone", "video"]}
            case 3:
                wish |= {"interpreters_needed": 2, "partial_ok": self.dice.random() < 0.5}
            case 4:
                wish |= {"language": "ti", "fallbacks": {"relay": True}}
            case 5:
                wish |= {**there, "fallbacks": {"other_mode": True, "shift_minutes": 60}}
            case 6:
                wish |= {"recurrence": "FREQ=DAILY;COUNT=3"}
        return wish

    async def answer(self, person: Person) -> None:
        """Look at one's offers in the app, and answer some."""
        seen: set[str] = set()
        while self.open:
            await asyncio.sleep(self.dice.uniform(0.4, 1.6))
            found = await self.get("/v1/offers?state=open", person.token)
            for one in (found or {}).get("items", []):
                if one["id"] in seen:
                    continue
                seen.add(one["id"])
                luck = self.dice.random()
                if luck < 0.45:
                    self.soon(self.accept(person, one["id"]))
                elif luck < 0.6:
                    path = f"/v1/offers/{one['id']}/decline"
                    self.soon(self.post("decline", path, {}, person.token))

    async def accept(self, person: Person, offer: str) -> None:
        made = await self.post("accept", f"/v1/offers/{offer}/accept", {}, person.token)
        if not made.promised or made.made is None:
            return
        booking = made.made
        shown = await self.get(f"/v1/bookings/{booking}", person.token) or {}
        luck, verb = self.dice.random(), f"/v1/bookings/{booking}/"
        soon = (self.clock() + timedelta(minutes=10)).isoformat()
        if str(shown.get("starts_at")) < soon:
            for step in ("check-in", "start", "end"):
                await asyncio.sleep(self.dice.uniform(0.1, 1.5))
                await self.post(step, f"{verb}{step}", {}, person.token)
        elif luck < 0.12:
            await asyncio.sleep(self.dice.uniform(0.2, 5))
            await self.post("give-back", f"{verb}give-back", {"reason": "ill"}, person.token)
        elif luck < 0.16:
            await asyncio.sleep(self.dice.uniform(0.2, 5))
            why = {"reason": "not needed"}
            await self.post("cancel-booking", f"{verb}cancel", why, self.cast.coordinator)

    async def read_letters(self) -> None:
        """Tap the links of some of the mails and texts, as they come in."""
        while self.open:
            try:
                async with asyncio.timeout(0.3):
                    _, text = await self.outside.letters.get()
            except TimeoutError:
                continue
            found, luck = LINK.search(text), self.dice.random()
            if found is not None and luck < 0.5:
                self.soon(self.tap(found[1], "yes" if luck < 0.4 else "no"))

    async def tap(self, path: str, answer: str) -> None:
        await asyncio.sleep(self.dice.uniform(0, 2))
        entry = self.journal.tries("tap" if answer == "yes" else "decline", path[3:])
        while True:
            said = await self._once("POST", path, data={"answer": answer})
            if said is not None and said[0] < 500:
                self.journal.answered(entry, said[0], None)
                return
            await asyncio.sleep(0.2)

    async def coordinate(self) -> None:
        """Put somebody on a seat by hand now and then."""
        while self.open:
            await asyncio.sleep(self.dice.uniform(0.5, 2))
            if self.requests:
                request, *_ = self.dice.choice(self.requests[-30:])
                person = self.dice.choice(self.cast.people).id
                path = f"/v1/requests/{request}/assign"
                body = {"interpreter_id": person}
                self.soon(self.post("assign", path, body, self.cast.coordinator))

    async def get(self, path: str, token: str) -> Any:
        """Return what is answered; None when nothing is."""
        said = await self._once("GET", path, headers={"Authorization": f"Bearer {token}"})
        return said[1] if said is not None and said[0] == 200 else None

    async def post(
        self, what: What, path: str, body: Mapping[str, Any], token: str, thing: str = ""
    ) -> Entry:
        """Call until there is an answer, and write it down."""
        entry = self.journal.tries(what, thing or path.split("/")[3])
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        while True:
            said = await self._once("POST", path, json=body, headers=headers)
            if said is not None and not _is_to_repeat(*said):
                self.journal.answered(entry, *said)
                if not entry.promised:
                    self.codes[entry.code or str(entry.said)] += 1
                return entry
            self.codes["again"] += 1
            await asyncio.sleep(0.15)

    async def _once(self, method: str, path: str, **call: Any) -> tuple[int, Any] | None:
        url = self.dice.choice(self.urls)
        try:
            async with self.session.request(method, url + path, **call) as answer:
                is_json = "json" in answer.content_type
                return answer.status, await (answer.json() if is_json else answer.text())
        except (aiohttp.ClientError, OSError, TimeoutError):
            return None


def _is_to_repeat(status: int, body: Any) -> bool:
    waits = (
        status == 409 and isinstance(body, dict) and body.get("code") == "idempotency-in-progress"
    )
    return status >= 500 or waits
