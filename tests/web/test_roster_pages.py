"""The roster in the browser's forms: looked through, added to, changed, and taken over."""

import re
from typing import Any

import httpx
import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
SOMEBODY = {
    "display_name": "Laila A.", "phone": "+371 25565098", "code-0": "dari", "level-0": "native",
    "dialects-0": "Hazaragi", "code-1": "latvian", "mode_phone": "yes", "topic_health": "yes",
    "qualification": "trained", "engagement": "freelance", "travel_radius_km": "40",
    "urgent_opt_in": "yes", "city": "Riga",
}  # fmt: skip
GOOD = "name,phone,languages\nLaila,+37125565098,dari; lv\n"
BAD = "name,phone,languages\nLaila,+37125565098,dari; lv\nOmar,12,dari; lv\n"


async def send(api: Api, path: str, **fields: Any) -> httpx.Response:
    return await api.call(
        "POST", path, content=str(httpx.QueryParams(fields)),
        headers={"sec-fetch-site": "same-origin",
                 "content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip


async def shown(api: Api, path: str, status: int = 200) -> str:
    response = await api.get(path)
    assert response.status_code == status, response.text
    return plain(response.text)


def plain(text: str) -> str:
    return " ".join(re.sub(r"</?bdi[^>]*>", "", text).split())


async def upload(api: Api, path: str = "/board/imports", /, **fields: Any) -> httpx.Response:
    parts = {name: (None, value) for name, value in fields.items() if name != "file"}
    if "file" in fields:
        parts["file"] = ("roster.csv", fields["file"])
    return await api.call("POST", path, files=parts, headers={"sec-fetch-site": "same-origin"})


async def somebody(network: Network) -> tuple[Api, str]:
    coordinator = await network.person(["coordinator"], display_name="Inga")
    made = await send(coordinator, "/board/roster/new", key="first", **SOMEBODY)
    assert made.status_code == 303, made.text
    return coordinator, made.headers["location"].partition("?")[0]


async def test_somebody_is_added_and_found(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator, page = await somebody(network)
        told = await shown(coordinator, page)
        for text in (
            "Laila A.",
            "Dari",
            "mother tongue; Hazaragi",
            "Latvian",
            "+37125565098",
            "Trained interpreter",
            "By phone",
            "Health",
            "travels up to 40 km",
        ):
            assert text in told, text
        for asked, there in (("", True), ("?name=lai", True), ("?name=omar", False),
                             ("?language=dari", True), ("?language=pashto", False),
                             ("?stage=suspended", False)):  # fmt: skip
            assert ("Laila A." in await shown(coordinator, f"/board/roster{asked}")) == there
        await shown(coordinator, "/board/roster?language=klingon", 422)


async def test_what_is_missing_is_said_beside_its_field(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"], display_name="Inga")
        wrong = SOMEBODY | {
            "phone": "12", "display_name": "", "code-1": "kurdish", "quiet_from": "22:00",
        }  # fmt: skip
        refused = await send(coordinator, "/board/roster/new", key="a", **wrong)
        assert refused.status_code == 422
        for at in ("wrong-phone", "wrong-display_name", "wrong-languages-1-code"):
            assert f'id="{at}"' in refused.text, at
        assert 'value="kurdish"' in refused.text
        assert "There are several languages of this name." in refused.text
        assert "Please fill this in." in refused.text  # until when it is quiet


async def test_a_change_in_between_is_not_written_over(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator, page = await somebody(network)
        form = await shown(coordinator, f"{page}/change")
        version = re.search(r'name="version" value="(\d+)"', form)
        assert version is not None
        first = await send(coordinator, f"{page}/change", key="b",
                           **(SOMEBODY | {"city": "Liepaja", "version": version[1]}))  # fmt: skip
        assert first.status_code == 303
        second = await send(coordinator, f"{page}/change", key="c",
                            **(SOMEBODY | {"city": "Cesis", "version": version[1]}))  # fmt: skip
        assert second.status_code == 409
        assert "Somebody else has changed this meanwhile." in second.text
        told = await shown(coordinator, page)
        assert "Liepaja" in told
        assert "Cesis" not in told


async def test_hours_absences_and_papers_are_kept(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator, page = await somebody(network)
        wrong = await send(coordinator, f"{page}/hours", key="a", mon="9-12", tue="17:00-9:00")
        assert wrong.status_code == 422
        assert 'id="wrong-tue"' in wrong.text
        assert 'id="wrong-mon"' not in wrong.text
        kept = await send(coordinator, f"{page}/hours", key="b", mon="9-12, 13:00-17:00",
                          outside_hours="never")  # fmt: skip
        assert kept.status_code == 303
        assert 'value="09:00-12:00, 13:00-17:00"' in await shown(coordinator, page)
        day = f"{clock.now.year + 1}-01-05"
        away = await send(coordinator, f"{page}/absences", key="c", starts_at=f"{day}T09:00",
                          ends_at=f"{day}T18:00")  # fmt: skip
        assert away.status_code == 303
        told = await shown(coordinator, page)
        absence = re.search(r'name="absence_id" value="(\w+)"', told)
        assert absence is not None
        assert "09:00 – " in told  # noqa: RUF001 - as it is shown
        gone = await send(coordinator, f"{page}/absences/remove", key="d", absence_id=absence[1])
        assert gone.status_code == 303
        assert "absence_id" not in await shown(coordinator, page)


async def test_papers_that_run_out_are_warned_of(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator, page = await somebody(network)
        assert "Laila" not in await shown(coordinator, "/board/roster?papers=yes")
        for key, kind, last in (("a", "Police check", "2020-12-31"), ("b", "court", "2090-12-31")):
            added = await send(coordinator, f"{page}/papers", key=key, kind=kind, expires_on=last)
            assert added.status_code == 303
        told = await shown(coordinator, "/board/roster?papers=yes")
        assert "Police check: over since Dec 31, 2020" in told
        assert "Sworn for courts" not in told
        renewed = await send(coordinator, f"{page}/papers", key="c", kind="police_check",
                             expires_on="2090-12-31")  # fmt: skip
        assert renewed.status_code == 303
        assert "Laila" not in await shown(coordinator, "/board/roster?papers=yes")


async def test_somebody_is_asked_no_more_and_again(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator, page = await somebody(network)
        silent = await send(coordinator, f"{page}/stage", key="a", verb="suspend", reason="")
        assert silent.status_code == 422
        out = await send(coordinator, f"{page}/stage", key="b", verb="suspend", reason="Away")
        assert out.status_code == 303
        assert "Is not asked any more" in await shown(coordinator, page)
        invited = await send(coordinator, f"{page}/stage", key="c", verb="invite")
        assert invited.status_code == 409
        assert "Have them asked again first." in invited.text
        back = await send(coordinator, f"{page}/stage", key="d", verb="activate")
        assert back.status_code == 303
        assert (await send(coordinator, f"{page}/stage", key="e", verb="fly")).status_code == 404


async def test_a_table_with_a_bad_row_changes_nothing_until_it_is_put_right(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"], display_name="Inga")
        looked = await upload(coordinator, kind="interpreters", mode="preview", file=BAD)
        assert looked.status_code == 200, looked.text
        told = plain(looked.text)
        assert "Nothing is taken over yet: something is wrong" in told
        assert '<th scope="row" class="figure">3</th><td>phone</td><td>12</td>' in told
        assert "Take over 2 rows" not in told
        kept = re.search(r'name="kept" value="([^"]+)"', told)
        assert kept is not None
        table = await upload(coordinator, "/board/imports/rejected", kind="interpreters",
                             kept=kept[1])  # fmt: skip
        assert table.text.splitlines()[1].startswith("3,phone,12,")
        forced = await upload(coordinator, kind="interpreters", mode="commit", kept=kept[1])
        assert "something is wrong" in forced.text
        assert "Laila" not in await shown(coordinator, "/board/roster")
        good = plain((await upload(coordinator, kind="interpreters", file=GOOD)).text)
        assert "Take over 1 row" in good
        kept = re.search(r'name="kept" value="([^"]+)"', good)
        assert kept is not None
        taken = await upload(coordinator, kind="interpreters", mode="commit", kept=kept[1])
        assert "Taken over" in taken.text
        assert "Laila" in await shown(coordinator, "/board/roster")


async def test_what_is_no_table_is_refused_in_words(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"], display_name="Inga")
        for file in ("", "\x00\x01"):
            refused = await upload(coordinator, kind="interpreters", file=file)
            assert refused.status_code == 422, file
        assert (await upload(coordinator, kind="cats", file=GOOD)).status_code == 422
        odd = await coordinator.call("POST", "/board/imports", content=b"x",
                                     headers={"sec-fetch-site": "same-origin"})  # fmt: skip
        assert odd.status_code == 403


async def test_a_large_table_is_taken_over_by_the_worker(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.person(["coordinator"], display_name="Inga")
        rows = "".join(f"P{one},+3712556{one:04},dari; lv\n" for one in range(501))
        sent = await upload(coordinator, kind="interpreters", file=f"name,phone,languages\n{rows}")
        assert sent.status_code == 303
        assert "0 of 501 rows" in await shown(coordinator, sent.headers["location"])


async def test_the_roster_is_closed_to_everybody_else(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator, page = await somebody(network)
        school_id, school = await network.institution()
        finance = await network.caller("finance")
        other = await network.person(["finance"], display_name="Fatima")
        for outsider in (school, finance, other):
            for path in ("/board/roster", "/board/roster/new", page, f"{page}/change",
                         "/board/imports"):  # fmt: skip
                assert (await outsider.get(path)).status_code == 403, path
            for path in ("/board/roster/new", f"{page}/change", f"{page}/hours",
                         f"{page}/papers", f"{page}/stage"):  # fmt: skip
                assert (await send(outsider, path, key="x")).status_code == 403, path
            assert (await upload(outsider, kind="interpreters", file=GOOD)).status_code == 403
        assert school_id not in await shown(coordinator, page)
        gone = "/board/roster/int_06CKQ0000000000000000000"
        for path in (gone, f"{gone}/change", "/board/roster/x"):
            await shown(coordinator, path, 404)
