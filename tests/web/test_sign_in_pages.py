"""Signing in on a plain page: without scripts, without telling who is known, in every language."""

import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar.testing import RequestFactory

from api import Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.messages import Message, post
from interpreters.application.networks import open_network
from interpreters.database import Db, Pool
from interpreters.domain.ids import new_id
from interpreters.domain.wording import PAGE_LANGUAGES
from interpreters.sql import users
from interpreters.web.entrance import safe_next, to_sign_in
from letters import code_in, letters

pytestmark = pytest.mark.anyio
OWN: Final = {"Sec-Fetch-Site": "same-origin"}
ENGLISH: Final = {
    "Sign in", "Send me a code", "Enter the code", "Send a new code", "You are signed in",
    "Sign out here", "Sign out on every device", "Your devices",
}  # fmt: skip
COOKIE: Final = "interpreters_token"


class Visitor:
    """A browser without scripts: keeps its cookie, and sends the forms it is shown."""

    def __init__(self, network: Network) -> None:
        self.client = network.client
        self.cookies: dict[str, str] = {}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return self._kept(await self.client.get(path, headers=self._headers(headers)))

    async def send(
        self, path: str, form: Mapping[str, str], headers: Mapping[str, str] = OWN
    ) -> httpx.Response:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}  # also of an empty form
        sent = await self.client.post(
            path, content=urlencode(form), headers=self._headers({**headers, **kind})
        )
        return self._kept(sent)

    async def submit(self, page: httpx.Response, action: str, **fields: str) -> httpx.Response:
        """Send the form of the page with the action, its hidden fields and these."""
        return await self.send(action, {**hidden(page, action), **fields})

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**headers, **({"Cookie": said} if said else {})}

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        self.client.cookies.clear()  # the tests' client is not the browser
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        if "Max-Age=0" in answer.headers.get("set-cookie", ""):
            self.cookies.clear()
        return answer


def hidden(page: httpx.Response, action: str) -> dict[str, str]:
    """Return the hidden fields of a form."""
    found = re.search(rf'<form method="post" action="{re.escape(action)}"[^>]*>(.*?)</form>',
                      page.text, re.DOTALL)  # fmt: skip
    assert found is not None, page.text
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"( disabled)?>', found[1])
    return {name: unescape(value) for name, value, disabled in fields if not disabled}


async def signed_in(network: Network, clock: Clock, email: str, following: str = "") -> Visitor:
    """Walk through the pages as a person does."""
    clock.now += timedelta(seconds=1)  # so that the newest message is the newest
    visitor = Visitor(network)
    first = await visitor.get(f"/sign-in?next={following}")
    second = await visitor.submit(first, "/sign-in", address=email)
    code = code_in((await letters(network))[0])
    third = await visitor.submit(second, "/sign-in/code", code=code)
    assert third.status_code == 303, third.text
    assert COOKIE in visitor.cookies
    return visitor


async def eva(network: Network, **fields: Any) -> UUID:
    """Have a coordinator who is not signed in anywhere."""
    person = await network.person(
        ["coordinator"], **{"email": "eva@example.org", "display_name": "Eva", **fields}
    )
    await person.post("/v1/sign-out", {"everywhere": True})
    assert person.user_id is not None
    return person.user_id


async def test_a_person_signs_in_with_an_address_and_a_code(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await eva(network)
        visitor = Visitor(network)
        first = await visitor.get("/sign-in")
        assert first.status_code == 200
        assert 'autocomplete="username"' in first.text
        second = await visitor.submit(first, "/sign-in", address=" Eva@Example.org ")
        assert second.status_code == 200
        for wanted in ('inputmode="numeric"', 'autocomplete="one-time-code"', "eva@example.org"):
            assert wanted in second.text
        assert second.url.query == b""  # nothing of it is in an address
        code = code_in((await letters(network))[0])
        done = await visitor.submit(second, "/sign-in/code", code=f"{code[:3]} {code[3:]}")
        assert (done.status_code, done.headers["location"]) == (303, "/board")
        cookie = done.headers["set-cookie"]
        assert all(one in cookie for one in ("HttpOnly", "SameSite=lax", "Path=/", "Secure"))
        page = await visitor.get("/sign-in")
        assert "You are signed in" in page.text
        for told in ("Eva", "Centre", "Coordinator"):
            assert told in page.text


async def test_digits_of_other_scripts_are_digits(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await eva(network)
        visitor = Visitor(network)
        second = await visitor.submit(
            await visitor.get("/sign-in"), "/sign-in", address="eva@example.org"
        )
        code = code_in((await letters(network))[0])
        persian = code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        assert (await visitor.submit(second, "/sign-in/code", code=persian)).status_code == 303


async def test_the_page_does_not_tell_who_is_known(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await eva(network)
        told = []
        for address in ("eva@example.org", "nil@example.org"):
            visitor = Visitor(network)
            page = await visitor.submit(await visitor.get("/sign-in"), "/sign-in", address=address)
            attempt = hidden(page, "/sign-in/code")["attempt"]
            wrong = await visitor.submit(page, "/sign-in/code", code="000000")
            for one in (page, wrong):
                text = one.text.replace(address, "A").replace(attempt, "T")
                told.append((one.status_code, text, sorted(one.headers)))
        assert told[:2] == told[2:]


async def test_a_wrong_code_is_said_beside_its_field_and_the_rest_is_kept(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        await eva(network)
        visitor = Visitor(network)
        first = await visitor.get("/sign-in?next=/desk")
        second = await visitor.submit(first, "/sign-in", address="eva@example.org")
        code = code_in((await letters(network))[0])
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        for said in (wrong, "12", "", "abcdef", "1" * 20):
            again = await visitor.submit(second, "/sign-in/code", code=said)
            assert again.status_code == 401
            assert 'role="alert"' in again.text
            assert "not the code that was sent" in again.text
            assert hidden(again, "/sign-in/code") == hidden(second, "/sign-in/code")
        done = await visitor.submit(again, "/sign-in/code", code=code)
        assert (done.status_code, done.headers["location"]) == (303, "/desk")


async def test_after_five_wrong_codes_it_begins_again_with_the_address_kept(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        await eva(network)
        visitor = Visitor(network)
        second = await visitor.submit(
            await visitor.get("/sign-in"), "/sign-in", address="eva@example.org"
        )
        code = code_in((await letters(network))[0])
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        for _ in range(5):
            await visitor.submit(second, "/sign-in/code", code=wrong)
        over = await visitor.submit(second, "/sign-in/code", code=code)
        assert over.status_code == 401
        assert "no longer works" in over.text
        assert 'value="eva@example.org"' in over.text
        assert COOKIE not in visitor.cookies


async def test_what_is_no_address_is_said_in_words(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        visitor = Visitor(network)
        first = await visitor.get("/sign-in")
        for said in ("", "25565098", "eva@", '"><script>alert(1)</script>'):
            again = await visitor.submit(first, "/sign-in", address=said)
            assert again.status_code == 422, said
            assert 'role="alert"' in again.text
            assert 'aria-invalid="true"' in again.text
            assert "<script>alert" not in again.text
        for _ in range(5):
            await visitor.submit(first, "/sign-in", address="+371 25565098")
        many = await visitor.submit(first, "/sign-in", address="+371 25565098")
        assert many.status_code == 429
        assert "wait 15 minutes" in many.text


async def test_two_people_of_one_mailbox_choose_who_they_are(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await eva(network)
        await eva(network, display_name="Ada <b>")
        visitor = Visitor(network)
        second = await visitor.submit(
            await visitor.get("/sign-in?next=/desk"), "/sign-in", address="eva@example.org"
        )
        code = code_in((await letters(network))[0])
        who = await visitor.submit(second, "/sign-in/code", code=code)
        assert who.status_code == 200
        people = dict(re.findall(r'name="user_id" value="(\w+)"[^>]*><bdi>(.*?)</bdi>', who.text))
        assert set(people.values()) == {"Eva", "Ada &lt;b&gt;"}
        ada = next(one for one, name in people.items() if name.startswith("Ada"))
        done = await visitor.submit(who, "/sign-in/code", user_id=ada)
        assert (done.status_code, done.headers["location"]) == (303, "/desk")
        assert "Ada &lt;b&gt;" in (await visitor.get("/sign-in")).text
        # somebody whom the address does not lead to is not signed in by it
        other = await visitor.submit(who, "/sign-in/code", user_id="usr_0" + "0" * 25)
        assert other.status_code == 401


async def test_one_person_without_a_name_chooses_by_role(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        for role in ("coordinator", "finance"):
            body = {"roles": [role], "email": "ilze@example.org"}
            assert (await coordinator.post("/v1/users", body)).status_code == 201
        visitor = Visitor(network)
        second = await visitor.submit(
            await visitor.get("/sign-in"), "/sign-in", address="ilze@example.org"
        )
        [code] = [code_in(one) for one in await letters(network) if one.purpose == "sign-in"]
        who = await visitor.submit(second, "/sign-in/code", code=code)
        found = re.findall(r'name="user_id" value="(\w+)"[^>]*>(.*?)</button>', who.text)
        assert {name for _, name in found} == {"Coordinator", "Finance"}
        finance = next(one for one, name in found if name == "Finance")
        done = await visitor.submit(who, "/sign-in/code", user_id=finance)
        assert (done.status_code, done.headers["location"]) == (303, "/finance")


@pytest.mark.parametrize(
    ("wanted", "safe"),
    [
        ("/desk", True),
        ("/desk?day=2026-11-24&x=%2F", True),
        ("https://evil.example/", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("\\\\evil.example", False),
        ("/\t/evil.example", False),
        ("/desk//evil.example", False),
        ("/desk\r\nSet-Cookie: a=b", False),
        ("javascript:alert(1)", False),
        ("desk", False),
        ("/sign-in/out", False),
        ("/v1/me", False),
        ("/" + "x" * 1000, False),
        ("/désk", False),
        ("", False),
        (None, False),
    ],
)
async def test_one_goes_on_to_a_page_of_this_site_alone(wanted: str | None, safe: bool) -> None:
    assert safe_next(wanted) == (wanted if safe else None)


async def test_nobody_is_led_elsewhere_by_signing_in(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await eva(network)
        visitor = Visitor(network)
        first = await visitor.get("/sign-in?next=https://evil.example/")
        assert "evil" not in first.text.partition("<main>")[2]
        second = await visitor.submit(first, "/sign-in", address="eva@example.org")
        code = code_in((await letters(network))[0])
        done = await visitor.submit(second, "/sign-in/code", code=code, next="//evil.example")
        assert done.headers["location"] == "/board"  # where a coordinator works


async def test_a_page_for_people_sends_them_to_sign_in_and_back() -> None:
    request = RequestFactory().get("/desk", query_params={"day": "2026-11-24"})
    sent = to_sign_in(request)
    assert sent.status_code == 303
    assert sent.headers["Location"] == "/sign-in?next=/desk%3Fday%3D2026-11-24"
    after_a_form = to_sign_in(RequestFactory().post("/desk"))
    assert after_a_form.headers["Location"] == "/sign-in"


async def test_other_sites_forms_are_refused(pool: Pool, clock: Clock) -> None:
    """Also those that only sign in: nobody is made to work in a stranger's name."""
    async with serving(pool, clock, {"INTERPRETERS_RATE_SIGN_IN_BURST": "100"}) as network:
        await eva(network)
        visitor = await signed_in(network, clock, "eva@example.org")
        attempt = {"address": "eva@example.org"}
        paths = ("", "/code", "/passkey", "/out", "/devices", "/passkeys")
        for path in paths:
            for evil in (
                {},
                {"Sec-Fetch-Site": "cross-site"},
                {"Sec-Fetch-Site": "same-site", "Origin": "http://test"},
                {"Origin": "https://evil.example"},
                {"Origin": "null"},
            ):
                answer = await visitor.send(f"/sign-in{path}", attempt, evil)
                assert answer.status_code == 403, (path, evil)
                assert "set-cookie" not in answer.headers
        assert "You are signed in" in (await visitor.get("/sign-in")).text
        # an older browser says where our own page's form comes from, because that page lets it
        page = await visitor.get("/sign-in")
        assert page.headers["referrer-policy"] == "same-origin"
        older = await visitor.send("/sign-in/out", {}, {"Origin": "http://test"})
        assert older.status_code == 303


async def test_a_person_chooses_the_language_of_pages_and_messages(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        await eva(network)
        visitor = await signed_in(network, clock, "eva@example.org")
        chosen = await visitor.send("/sign-in/language", {"language": "fa-AF"})
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/sign-in")
        page = await (await signed_in(network, clock, "eva@example.org")).get("/sign-in")
        assert '<html lang="fa-AF" dir="rtl">' in page.text
        assert '<option value="fa-AF" lang="fa-AF" dir="rtl" selected>' in page.text
        assert (await visitor.send("/sign-in/language", {"language": "klingon"})).status_code == 303
        assert '<html lang="fa-AF"' in (await visitor.get("/sign-in")).text


async def test_devices_are_signed_out_one_by_one_here_and_everywhere(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        await eva(network)
        first = await signed_in(network, clock, "eva@example.org")
        second = await signed_in(network, clock, "eva@example.org")
        third = await signed_in(network, clock, "eva@example.org")
        page = await first.get("/sign-in")
        assert page.text.count('action="/sign-in/devices"') == 2
        assert page.text.count("This device") == 1
        other = re.findall(r'name="id" value="(sgn_\w+)"', page.text)
        gone = await first.send("/sign-in/devices", {"id": other[0]})
        assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
        assert (await first.send("/sign-in/devices", {"id": other[0]})).status_code == 303
        assert (await first.send("/sign-in/devices", {"id": "nonsense"})).status_code == 303
        assert "You are signed in" not in (await third.get("/sign-in")).text
        out = await second.submit(await second.get("/sign-in"), "/sign-in/out")
        assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
        assert COOKIE not in second.cookies
        fourth = await signed_in(network, clock, "eva@example.org")
        await fourth.send("/sign-in/out", {"everywhere": "yes"})
        assert "You are signed in" not in (await first.get("/sign-in")).text
        late = await first.send("/sign-in/out", {})
        assert (late.status_code, late.headers["location"]) == (303, "/sign-in")


async def test_whoever_is_deactivated_is_out_and_does_not_come_in_again(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        user_id = await eva(network)
        visitor = await signed_in(network, clock, "eva@example.org")
        second = await visitor.send("/sign-in", {"address": "eva@example.org"})
        code = code_in((await letters(network))[0])

        async def deactivate(db: Db) -> None:
            user = await users.find(db, network_id=network.id, user_id=user_id)
            assert user is not None
            changed = msgspec.structs.replace(user, active=False, version=user.version + 1)
            assert await users.update(db, network_id=network.id, user=changed)

        await run(pool, network.id, deactivate)
        assert "You are signed in" not in (await visitor.get("/sign-in")).text
        refused = await visitor.submit(second, "/sign-in/code", code=code)
        assert refused.status_code == 401


async def test_a_key_in_the_cookie_is_nobody(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        visitor = Visitor(network)
        visitor.cookies[COOKIE] = str((await network.caller("coordinator")).token)
        assert "You are signed in" not in (await visitor.get("/sign-in")).text
        visitor.cookies[COOKIE] = "nonsense"
        assert (await visitor.get("/sign-in")).status_code == 200


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
async def test_every_step_is_in_the_language_that_was_chosen(
    pool: Pool, clock: Clock, language: str
) -> None:
    way = "rtl" if language in {"fa", "ar", "ur", "ps"} else "ltr"
    wanted = f'<html lang="{language}" dir="{way}">'
    async with serving(pool, clock) as network:
        await eva(network)
        visitor = Visitor(network)
        first = await visitor.get(f"/sign-in?lang={language}&next=/desk")
        asking = f"/sign-in?lang={language}"
        second = await visitor.submit(first, asking, address="eva@example.org")
        third = await visitor.submit(second, f"/sign-in/code?lang={language}", code="1")
        account = await (await signed_in(network, clock, "eva@example.org")).get(asking)
        for page in (first, second, third, account):
            assert wanted in page.text
            spoken = set(re.findall(r"<(?:h1|h2|label|button|title)[^>]*>([^<]*)<", page.text))
            assert (spoken & ENGLISH == set()) is (language != "en")
        # choosing a language on the code's page begins again, and still knows where to go
        links = re.findall(r'href="(\?lang=lv[^"]*)"', second.text)
        again = await visitor.get(f"/sign-in/code{unescape(links[0])}")
        assert again.headers["location"] == "/sign-in?lang=lv&next=%2Fdesk"


async def test_the_code_comes_in_the_language_of_the_page(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await eva(network)
        visitor = Visitor(network)
        first = await visitor.get("/sign-in?lang=lv")
        await visitor.submit(first, "/sign-in?lang=lv", address="eva@example.org")
        assert (await letters(network))[0].language == "lv"
        assert (await letters(network))[0].subject != "Your code for Centre"


async def test_where_there_are_several_networks_one_is_named(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await eva(network)
        await a_second_network(pool, clock)
        visitor = Visitor(network)
        first = await visitor.get("/sign-in")
        assert 'name="network"' not in first.text.partition("data-passkey")[0]
        asked = await visitor.submit(first, "/sign-in", address="eva@example.org")
        assert asked.status_code == 422
        assert 'id="network"' in asked.text
        assert 'value="eva@example.org"' in asked.text
        second = await visitor.send("/sign-in", {"address": "eva@example.org", "network": "centre"})
        code = code_in((await letters(network))[0])
        assert (await visitor.submit(second, "/sign-in/code", code=code)).status_code == 303
        linked = await Visitor(network).get("/sign-in?network=centre")
        assert 'id="network"' in linked.text
        assert 'value="centre"' in linked.text


async def a_second_network(pool: Pool, clock: Clock) -> None:
    await open_network(
        pool, name="Other", slug="other", time_zone="UTC", currency="EUR", country=None,
        working_language=None, now=clock(),
    )  # fmt: skip


async def test_the_mailbox_is_there_in_a_demonstration_on_its_own_machine_alone(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, {"INTERPRETERS_DEMO": "1"}) as network:
        await eva(network)
        visitor = Visitor(network)
        here = {"Host": "127.0.0.1:8000"}
        empty = await visitor.get("/mailbox", **here)
        assert empty.status_code == 200
        assert "Nothing has been sent yet" in empty.text
        await visitor.submit(
            await visitor.get("/sign-in?lang=fa"), "/sign-in?lang=fa", address="eva@example.org"
        )
        code = code_in((await letters(network))[0])
        page = await visitor.get("/mailbox", **here)
        for told in ("eva@example.org", code, "centre", 'lang="fa" dir="rtl"'):
            assert told in page.text
        assert "/mailbox" in (await visitor.get("/", **here)).text
        for proxied in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
            assert (await visitor.get("/mailbox", **here, **{proxied: "x"})).status_code == 404
        for name in ("demo.example.org", "127.0.0.1.evil.example", "localhost.evil:8000"):
            assert (await visitor.get("/mailbox", Host=name)).status_code == 404
            assert "/mailbox" not in (await visitor.get("/", Host=name)).text


async def test_the_mailbox_is_nowhere_else(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        visitor = Visitor(network)
        assert (await visitor.get("/mailbox", Host="127.0.0.1:8000")).status_code == 404
        assert "/mailbox" not in (await visitor.get("/", Host="127.0.0.1:8000")).text


async def test_from_another_machine_there_is_no_mailbox(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, {"INTERPRETERS_DEMO": "1"}) as network:
        app = network.client._transport.app  # type: ignore[attr-defined]  # the tests' own
        far = httpx.ASGITransport(app=app, client=("10.0.0.7", 40000))
        async with httpx.AsyncClient(transport=far, base_url="http://localhost") as client:
            assert (await client.get("/mailbox")).status_code == 404


async def test_links_in_messages_are_links_and_nothing_else_is(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, {"INTERPRETERS_DEMO": "1"}) as network:
        text = "Open http://localhost:8000/join/in_1 <script>alert(1)</script> javascript:alert(1)"
        letter = Message(
            id=new_id(clock()), channel="mail", purpose="invitation", language="en",
            recipient='"><script>x@example.org', subject="<b>Hello", body=text, created_at=clock(),
        )  # fmt: skip
        await run(pool, network.id, lambda db: post(db, network_id=network.id, message=letter))
        await letters(network)
        page = await Visitor(network).get("/mailbox", Host="localhost")
        assert 'href="http://localhost:8000/join/in_1"' in page.text
        assert "<script>" not in page.text
        assert "<b>" not in page.text
        assert 'href="javascript' not in page.text


async def test_the_mailbox_shows_the_newest_first_and_what_one_address_got(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, {"INTERPRETERS_DEMO": "1"}) as network:
        await eva(network)
        await network.person(["coordinator"], email="ilze@example.org")
        here = {"Host": "localhost"}
        visitor = Visitor(network)
        for address in ("eva@example.org", "ilze@example.org", "eva@example.org"):
            clock.now += timedelta(minutes=1)
            network.now = clock.now
            await visitor.send("/sign-in", {"address": address})
            await letters(network)
        whole = (await visitor.get("/mailbox", **here)).text
        found = re.findall(r"<bdi>(\w+)@example.org</bdi>", whole)
        assert found == ["eva", "ilze", "eva"]
        one = (await visitor.get("/mailbox?to=ILZE", **here)).text
        assert re.findall(r"<bdi>(\w+)@example.org</bdi>", one) == ["ilze"]
        assert 'value="ILZE"' in one
        assert "Nothing has been sent" in (await visitor.get("/mailbox?to=nobody", **here)).text
