"""Languages through their doors, without a key."""

from collections.abc import Callable
from datetime import datetime

import pytest

from api import Api, serving
from interpreters.database import Pool

pytestmark = pytest.mark.anyio

DARI = {"code": "prs", "bcp47": "fa-AF", "name": "Dari", "autonym": "دری"}


async def test_anybody_finds_a_language_by_any_of_its_names(
    pool: Pool, clock: Callable[[], datetime]
) -> None:
    async with serving(pool, clock) as network:
        nobody = Api(network.client, None)
        for typed in ("dari", "Дари", "دری", "prs", "fa-AF"):
            response = await nobody.get("/v1/languages", params={"q": typed})
            assert response.status_code == 200, response.text
            assert response.json()["items"][0] == DARI


async def test_the_whole_catalogue_is_listed_page_by_page_each_language_once(
    pool: Pool, clock: Callable[[], datetime]
) -> None:
    async with serving(pool, clock) as network:
        nobody = Api(network.client, None)
        codes: list[str] = []
        following = "/v1/languages?limit=200"
        while following:
            page = (await nobody.get(following)).json()
            codes += [one["code"] for one in page["items"]]
            following = page["next"]
        assert len(codes) == len(set(codes)) > 400


async def test_one_language_is_shown_with_members_and_neighbours(
    pool: Pool, clock: Callable[[], datetime]
) -> None:
    async with serving(pool, clock) as network:
        nobody = Api(network.client, None)
        dari = (await nobody.get("/v1/languages/prs")).json()
        farsi = {"code": "pes", "bcp47": "fa-IR", "name": "Farsi", "autonym": "فارسی"}
        assert dari.items() >= {**DARI, "modality": "spoken", "members": []}.items()
        assert {"language": farsi, "understood": 70, "one_way": False} in dari["neighbours"]

        kurdish = (await nobody.get("/v1/languages/kur")).json()
        assert [one["code"] for one in kurdish["members"]] == ["kmr", "ckb", "sdh"]
        assert (await nobody.get("/v1/languages/lsl")).json()["modality"] == "signed"


async def test_what_is_no_language_is_not_found_and_a_wide_short_code_asks(
    pool: Pool, clock: Callable[[], datetime]
) -> None:
    async with serving(pool, clock) as network:
        nobody = Api(network.client, None)
        missing = await nobody.get("/v1/languages/klingon")
        assert (missing.status_code, missing.json()["code"]) == (404, "not-found")

        wide = await nobody.get("/v1/languages/ku")
        assert (wide.status_code, wide.json()["code"]) == (422, "needs-variety")
        assert [one["code"] for one in wide.json()["options"]] == ["kmr", "ckb", "sdh"]


@pytest.mark.parametrize(
    "query", ["cursor=nonsense", "limit=0", "limit=x", "other=1", "q=" + "a" * 101, "q=%00"]
)
async def test_a_query_that_is_not_right_is_refused(
    pool: Pool, clock: Callable[[], datetime], query: str
) -> None:
    async with serving(pool, clock) as network:
        response = await Api(network.client, None).get(f"/v1/languages?{query}")
        assert response.status_code == 422, response.text
