"""What a person reads of a problem: in the language that is asked for, nothing that was sent."""

from typing import Any, Final

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import RequestFactory

from api import serving
from conftest import Clock
from interpreters.database import GONE, Pool
from interpreters.domain.errors import FieldError, Forbidden, Invalid
from interpreters.domain.refusal_words import REFUSALS, sentence_of
from interpreters.domain.wording import PAGE_LANGUAGES, say, told_in
from interpreters.http.problems import on_lost_database, on_surprise, problem_of, told_problem

pytestmark = pytest.mark.anyio
SIGNED_OUT: Final = "You are not signed in."
ASKED: Final[tuple[tuple[list[str], str], ...]] = (
    ([], "en"),
    (["lv"], "lv"),
    (["LV"], "lv"),
    (["de, uk;q=0.8, lv;q=0.9"], "lv"),
    (["de", "uk;q=0.8"], "uk"),
    (["en;q=0, ro;q=0.1"], "ro"),
    (["fr-CA"], "fr"),
    (["fa-AF"], "fa"),
    (["fa-IR,fa;q=0.9,en;q=0.8"], "fa"),
    (["de, *"], "en"),
    (["*;q=0"], "en"),
    (["tlh, x-unknown, i-default"], "en"),
    (["lv;q=nonsense"], "en"),
    ([",;,q=;;\xff" * 400], "en"),
)


async def test_a_person_reads_the_language_the_caller_likes_best_and_english_else(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        for lines, language in ASKED:
            headers = [(b"Accept-Language", one.encode("latin-1")) for one in lines]
            response = await network.client.get("/v1/me", headers=headers)

            assert response.status_code == 401, lines
            assert response.headers["content-language"] == language, lines
            assert response.headers["vary"] == "Accept-Language"
            assert response.headers["www-authenticate"] == "Bearer"
            assert response.json()["user_message"] == say(language, SIGNED_OUT), lines
            assert response.json()["detail"] == "A valid token is needed"


async def test_every_door_that_refuses_says_it_in_the_language(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        finance = await network.caller("finance")
        large = b" " * (256 * 1024 + 1)
        new = {"name": "School 12", "kind": "education"}
        told = {
            "malformed": await coordinator.call("POST", "/v1/institutions", **_lv(content=b"{")),
            "forbidden": await finance.post("/v1/institutions", new, **_lv()),
            "not-found": await coordinator.get("/v1/institutions/ins_x", **_lv()),
            "method-not-allowed": await coordinator.put("/v1/me", {}, **_lv()),
            "address-too-long": await coordinator.get(f"/{'a' * 3000}", **_lv()),
            "body-too-large": await coordinator.call(
                "POST", "/v1/institutions", **_lv(content=large)
            ),
            "validation": await coordinator.post("/v1/institutions", {"nam": 1}, **_lv()),
            "unknown-time-zone": await coordinator.post(
                "/v1/institutions", new | {"time_zone": "Riga"}, **_lv()
            ),
            "precondition-failed": await coordinator.patch(
                "/v1/network", {"name": "Centre"}, **_lv(if_match='"9"')
            ),
        }
        framework = await coordinator.get("/v1/nowhere", **_lv())

    for code, response in told.items():
        assert response.json()["code"] == code, response.text
        _said_in_latvian(response, sentence_of(code))
    _said_in_latvian(framework, REFUSALS["not-found"])


async def test_of_one_wrong_field_a_person_reads_what_is_wrong_with_it(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        missing = await coordinator.post("/v1/institutions", {"kind": "education"}, **_lv())
        several = await coordinator.post("/v1/institutions", {}, **_lv())

    assert missing.json()["code"] == several.json()["code"] == "validation"
    assert missing.json()["detail"] == "/name: This is required"
    _said_in_latvian(missing, "Something is missing. Please fill it in.")
    _said_in_latvian(several, "Something is not right. Please look at what you filled in.")


async def test_a_call_made_again_in_another_language_is_refused_in_that_one(
    pool: Pool, clock: Clock
) -> None:
    """No refusal is kept under the Idempotency-Key; what was done is told again as it was."""
    key = {"Idempotency-Key": "once"}
    wrong = {"name": "School 12", "kind": "education", "time_zone": "Riga"}
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        refused = {
            language: await coordinator.post(
                "/v1/institutions", wrong, headers=key | {"Accept-Language": language}
            )
            for language in ("lv", "fa")
        }
        done = await coordinator.post("/v1/institutions", wrong | {"time_zone": "Europe/Riga"},
                                      headers=key | {"Accept-Language": "lv"})  # fmt: skip
        reused = await coordinator.post("/v1/institutions", wrong, headers=key)

    for language, response in refused.items():
        told = response.json()
        assert told["code"] == "unknown-time-zone"
        assert told["user_message"] == say(language, sentence_of("unknown-time-zone"))
    assert done.status_code == 201
    assert "content-language" not in done.headers
    assert reused.json()["code"] == "idempotency-key-reused"


def test_what_breaks_here_is_told_in_the_language_too() -> None:
    request = RequestFactory().get("/", headers={"Accept-Language": "fa-AF"})
    broken = on_surprise(request, ZeroDivisionError("secret"))
    away = on_lost_database(request, GONE[0]())

    for response, code in ((broken, "internal"), (away, "unavailable")):
        told = msgspec.json.decode(response.content)
        assert told["code"] == code
        assert told["user_message"] == say("fa", REFUSALS[code]) != REFUSALS[code]
        assert response.headers["Content-Language"] == "fa"


def test_nothing_that_was_sent_or_stored_stands_in_what_a_person_reads() -> None:
    wrong = FieldError(pointer="/Ahmad", code="a-new-code", detail="Ahmad is no language")

    for refusal in (Invalid([wrong]), Invalid([wrong, wrong]), Forbidden("Ahmad may not")):
        body, _ = told_problem(problem_of(refusal), [])
        told = msgspec.json.decode(body)
        assert "Ahmad" in told["detail"]
        assert "Ahmad" not in told["user_message"]


@given(st.binary())
def test_whatever_stands_in_the_header_a_problem_is_told(header: bytes) -> None:
    body, headers = told_problem(problem_of(Forbidden()), [(b"accept-language", header)])

    assert msgspec.json.decode(body)["user_message"]
    assert headers["Content-Language"] in PAGE_LANGUAGES


def _lv(*, content: bytes | None = None, if_match: str | None = None) -> dict[str, Any]:
    """What a call is made with to be answered in Latvian."""
    headers = {"Accept-Language": "lv"} | ({} if if_match is None else {"If-Match": if_match})
    return {"headers": headers} | ({} if content is None else {"content": content})


def _said_in_latvian(response: httpx.Response, sentence: str) -> None:
    problem = response.json()
    assert problem["user_message"] == say("lv", sentence), problem
    assert problem["detail"].isascii()
    assert response.headers["content-language"] == told_in("lv", sentence)
    assert response.headers["vary"] == "Accept-Language"
    assert response.headers["content-type"] == "application/problem+json"
