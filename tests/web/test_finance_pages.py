"""The pages of finance: a month closed, opened again, corrected; what others do not see."""

import re
from typing import Any

import httpx
import pytest

from api import Api, Network, serving
from conftest import Clock
from finance_books import booking_page, books
from interpreters.application.networks import open_network
from interpreters.database import Pool
from interpreters.domain.policy_presets import policy_presets
from interpreters.web.finance_reports import GROUPINGS

pytestmark = pytest.mark.anyio
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HERE = {"sec-fetch-site": "same-origin"}


async def send(api: Api, path: str, **fields: Any) -> httpx.Response:
    """Send a form of our own page, with the key of the page that showed it."""
    body = httpx.QueryParams(fields)
    return await api.call(
        "POST", path, content=str(body), headers=HERE | {
            "content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip


async def shown(api: Api, path: str, status: int = 200) -> str:
    response = await api.get(path)
    assert response.status_code == status, response.text
    return " ".join(re.sub(r"</?bdi>", "", response.text).split())


async def test_a_month_is_closed_with_one_button(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await made.held("2026-05-04 07:00")
        await made.held("2026-05-05 07:00", institution=made.police_key)
        page = await shown(made.finance, "/finance/months/2026-05")
        assert "School 12" in page
        assert "Police" in page
        assert page.count("€45.00") == 2
        assert "€90.00" in page
        assert "Issue all 2 statements" in page
        closed = await send(made.finance, "/finance/months/2026-05/close", key="a", side="charge")
        assert closed.status_code == 303
        page = await shown(made.finance, closed.headers["location"])
        assert "Everything of this month is issued." in page
        assert "2026-000001" in page
        assert "2026-000002" in page


async def test_the_first_page_says_what_is_open_and_what_waits(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await made.held("2026-05-04 07:00", rule=None, charge=0, pay=0)
        booking = await made.held("2026-05-05 07:00")
        coordinator = await network.caller("coordinator")
        path = f"/v1/bookings/{booking_page(booking).rsplit('/', 1)[1]}/dispute"
        assert (await coordinator.post(path, {"reason": "It was shorter"})).status_code == 200
        page = await shown(made.finance, "/finance")
        assert "1 session has no price" in page
        assert "1 dispute to answer" in page
        assert "May 2026" in page
        waiting = await shown(made.finance, "/finance/waiting")
        assert waiting.count("No price list has a price for it.") == 1


async def test_sessions_that_have_not_ended_wait_unless_they_are_left_out(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await made.held("2026-05-04 07:00")
        await made.under_way("2026-05-20 07:00")
        refused = await send(made.finance, made.school("2026-05", "/issue"), key="a")
        assert refused.status_code == 409
        assert "1</bdi> session of this month has not ended." in refused.text
        issued = await send(made.finance, made.school("2026-05", "/issue"), key="b",
                            leave_open="yes")  # fmt: skip
        assert issued.status_code == 303
        assert "2026-000001" in await shown(made.finance, made.school("2026-05"))


async def test_a_month_that_is_not_over_is_closed_only_on_purpose(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        month = f"{clock.now:%Y-%m}"
        await made.held(f"{month}-02 07:00")
        path = f"/finance/months/{month}/close"
        refused = await send(made.finance, path, key="a", side="charge")
        assert refused.status_code == 409
        assert "This month is not over" in refused.text
        closed = await send(made.finance, path, key="b", side="charge", early="yes")
        assert closed.status_code == 303
        assert "Everything of this month is issued." in await shown(
            made.finance, closed.headers["location"]
        )


async def test_an_issued_statement_is_opened_again_with_a_reason_and_issued_anew(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = await made.held("2026-05-04 07:00")
        await send(made.finance, made.school("2026-05", "/issue"), key="a")
        silent = await send(made.finance, made.school("2026-05", "/reopen"), key="b", reason=" ")
        assert silent.status_code == 422
        assert "Please fill this in." in silent.text
        opened = await send(made.finance, made.school("2026-05", "/reopen"), key="c",
                            reason="Wrong hour")  # fmt: skip
        assert opened.status_code == 303
        corrected = await send(
            made.finance, booking_page(booking), key="d", back=made.school("2026-05"),
            minutes="-15", charge="-10,50", pay="", reason_code="Agreed discount",
        )  # fmt: skip
        assert corrected.headers["location"] == f"{made.school('2026-05')}?done=adjusted"
        await send(made.finance, made.school("2026-05", "/issue"), key="e")
        page = await shown(made.finance, made.school("2026-05"))
        assert "2026-000002" in page
        assert "in place of 2026-000001" in page
        assert "Wrong hour" in page
        assert "agreed-discount" in page
        assert "-€10.50" in page
        assert "€34.50" in page


async def test_a_form_that_is_sent_twice_counts_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = await made.held("2026-05-04 07:00")
        for _ in range(2):
            sent = await send(made.finance, booking_page(booking), key="one", charge="5",
                              reason_code="parking")  # fmt: skip
            assert sent.status_code == 303
        page = await shown(made.finance, made.school("2026-05"))
        assert "€50.00" in page


async def test_a_correction_that_takes_more_than_there_is_is_refused_beside_its_field(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = await made.held("2026-05-04 07:00")
        nothing = await send(made.finance, booking_page(booking), key="a", reason_code="x")
        assert nothing.status_code == 422
        much = await send(made.finance, booking_page(booking), key="b", charge="-45.01",
                          reason_code="x")  # fmt: skip
        assert much.status_code == 422
        assert 'aria-describedby="wrong-charge_minor"' in much.text
        words = await send(made.finance, booking_page(booking), key="c", charge="much",
                           reason_code="x")  # fmt: skip
        assert words.status_code == 422
        assert 'value="much"' in words.text


@pytest.mark.parametrize(
    ("kind", "media", "begins"),
    [
        ("pdf", "application/pdf", b"%PDF"),
        ("xlsx", XLSX, b"PK"),
        ("csv", "text/csv; charset=utf-8", b"\xef\xbb\xbf"),
        ("json", "application/json", b"{"),
    ],
)
async def test_a_statement_is_kept_as_a_file(
    pool: Pool, clock: Clock, kind: str, media: str, begins: bytes
) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await made.held("2026-05-04 07:00")
        for path in (made.school("2026-05"), made.person("2026-05")):
            response = await made.finance.get(f"{path}/file/{kind}")
            assert response.status_code == 200
            assert response.headers["content-type"] == media
            assert f'.{kind}"' in response.headers["content-disposition"]
            assert response.content.startswith(begins)
        assert (await made.finance.get(made.school("2026-05", "/file/exe"))).status_code == 404


async def test_a_dispute_is_answered_and_put_right(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = await made.held("2026-05-05 07:00")
        coordinator = await network.caller("coordinator")
        path = f"/v1/bookings/{booking_page(booking).rsplit('/', 1)[1]}/dispute"
        opened = await coordinator.post(path, {"reason": "It was shorter"})
        address = f"/finance/disputes/{opened.json()['id']}"
        assert "It was shorter" in await shown(made.finance, address)
        empty = await send(made.finance, address, key="a", answer="", outcome="upheld")
        assert empty.status_code == 422
        answered = await send(made.finance, address, key="b", answer="So it was",
                              outcome="upheld", charge="-15")  # fmt: skip
        assert answered.status_code == 303
        assert "They were right." in await shown(made.finance, address)
        assert "€30.00" in await shown(made.finance, made.school("2026-05"))


async def test_an_expense_is_paid_in_part_or_refused(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = await made.held(f"{clock.now:%Y-%m-%d} 01:00")
        person = await network.caller("interpreter", interpreter_id=made.person_key)
        path = f"/v1/bookings/{booking_page(booking).rsplit('/', 1)[1]}/expenses"
        spent = [
            (await person.post(path, {"kind": "parking", "receipt": "7",
                                      "amount": {"amount_minor": 800, "currency": "EUR"}})).json()
            for _ in range(2)
        ]  # fmt: skip
        page = await shown(made.finance, "/finance/expenses")
        assert page.count("Parking, €8.00") == 2
        address = f"/finance/expenses/{spent[0]['id']}"
        much = await send(made.finance, address, key="a", verb="approve", amount="8.01")
        assert much.status_code == 422
        paid = await send(made.finance, address, key="b", verb="approve", amount="7.50")
        assert paid.status_code == 303
        why = await send(
            made.finance, f"/finance/expenses/{spent[1]['id']}", key="d", verb="refuse"
        )
        assert why.status_code == 422
        assert 'value="8.00"' in why.text  # what was spent still stands in the form beside it
        refused = await send(made.finance, f"/finance/expenses/{spent[1]['id']}", key="c",
                             verb="refuse", reason="Twice the same")  # fmt: skip
        assert refused.status_code == 303
        assert "Nothing waits." in await shown(made.finance, "/finance/expenses")
        decided = await shown(made.finance, "/finance/expenses?state=decided")
        assert "Twice the same" in decided
        assert "€7.50" in decided


async def test_finance_is_closed_to_everybody_else(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = await made.held("2026-05-04 07:00")
        pages = ["/finance", "/finance/waiting", "/finance/months/2026-05", "/finance/disputes",
                 "/finance/expenses", made.school("2026-05"), made.person("2026-05"),
                 made.school("2026-05", "/file/csv"), booking_page(booking)]  # fmt: skip
        school = await network.caller("institution", institution_id=made.school_key)
        person = await network.caller("interpreter", interpreter_id=made.person_key)
        consultant = await network.person(["consultant"], institution_id=made.school_key,
                                          display_name="Kristine")  # fmt: skip
        coordinator = await network.caller("coordinator")
        for page in pages:
            for outsider in (school, person, consultant):
                assert (await outsider.get(page)).status_code == 403, page
            assert (await coordinator.get(page)).status_code == 200, page
            signed_out = await Api(network.client, None).get(page)
            assert signed_out.status_code == 303
            assert signed_out.headers["location"].startswith("/sign-in")
        for what in ("/issue", "/reopen"):
            tried = await send(consultant, made.school("2026-05", what), key="a", reason="x")
            assert tried.status_code == 403
        nobodys = {"disputes": "dsp", "expenses": "exp", "bookings": "bkg"}
        sent = [
            "/finance/months/2026-05/close", "/finance/fundings/new", "/finance/tariffs/new",
            "/finance/cancellation-policies/new", booking_page(booking),
            *(f"/finance/{name}/{prefix}_06CKQ0000000000000000000"
              for name, prefix in nobodys.items()),
        ]  # fmt: skip
        for path in sent:
            for outsider in (consultant, school, person):
                assert (await send(outsider, path, key="a", side="charge")).status_code == 403, path
        assert "LV-SECRET" not in await shown(made.finance, made.school("2026-05"))


async def test_what_is_not_there_is_not_found(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        for page in ("/finance/months/2026-13", "/finance/statements/x/2026-05",
                     "/finance/statements/ins_06CKQ0000000000000000000/2026-05",
                     "/finance/bookings/bkg_06CKQ0000000000000000000",
                     "/finance/disputes/dsp_x"):  # fmt: skip
            await shown(made.finance, page, 404)


async def test_another_sites_form_is_refused(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await made.held("2026-05-04 07:00")
        cookie = f"interpreters_token={made.finance.token}"
        sent = await network.client.post(
            made.school("2026-05", "/issue"), data={"key": "a"},
            headers={"sec-fetch-site": "cross-site", "cookie": cookie},
        )  # fmt: skip
        assert sent.status_code == 403


async def test_a_report_counts_what_was_held_and_draws_it(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await made.held("2026-05-04 07:00")
        await made.held("2026-05-31 07:00")
        await made.held("2026-06-01 07:00")
        asked = "from=2026-05-01&to=2026-05-31&by=institution&and=month"
        page = await shown(made.finance, f"/finance/reports?{asked}")
        assert "<svg" in page
        assert "Sessions, by month" in page
        assert "€90.00" in page
        assert "€60.00" in page
        assert "2026-06" not in page
        table = await made.finance.get(f"/finance/reports/file/csv?{asked}")
        assert "School 12,2026-05,2,1,120,120,120" in table.text
        book = await made.finance.get(f"/finance/reports/file/xlsx?{asked}")
        assert book.headers["content-type"] == XLSX
        hidden = await shown(made.finance, f"/finance/reports?{asked}&few=yes")
        assert "€90.00" not in hidden
        assert "hidden, because it is about few people" in hidden


async def test_a_report_whose_end_is_before_its_beginning_says_so(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        for path in ("/finance/reports", "/finance/reports/service"):
            page = await shown(made.finance, f"{path}?from=2026-05-02&to=2026-05-01", 422)
            assert 'id="wrong-to"' in page
            await shown(made.finance, f"{path}?from=never&to=9999-12-31", 422)


async def test_how_well_people_were_served_is_told(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await made.held("2026-05-04 07:00")
        page = await shown(made.finance, "/finance/reports/service?from=2026-05-01&to=2026-05-31")
        assert "100 %" in page
        assert "Sample Person" in page


async def test_every_grouping_has_a_report(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await made.held("2026-05-04 07:00")
        for one in GROUPINGS:
            page = await shown(
                made.finance, f"/finance/reports?from=2026-05-01&to=2026-05-31&by={one}"
            )
            assert "€45.00" in page, one


async def test_a_grant_is_added_changed_and_its_use_seen(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        fields = {"number": "G-1", "starts_on": "2026-01-01", "donor-0": "City", "share-0": "60",
                  "donor-2": "Union", "share-2": "30", "languages": "dari"}  # fmt: skip
        wrong = await send(made.finance, "/finance/fundings/new", key="a", **fields)
        assert wrong.status_code == 422
        assert "The shares must be 100 % together." in wrong.text
        assert 'value="Union"' in wrong.text
        right = fields | {"share-2": "40"}
        added = await send(made.finance, "/finance/fundings/new", key="b", **right)
        assert added.status_code == 303
        twice = await send(made.finance, "/finance/fundings/new", key="c", **right)
        assert 'id="wrong-number"' in twice.text
        address = added.headers["location"].partition("?")[0]
        page = await shown(made.finance, address)
        assert "40 %" in page
        assert "€0.00" in page
        assert 'value="darī"' in await shown(made.finance, f"{address}/change?lang=lv")
        named = right | {"languages": "darī"}
        assert (await send(made.finance, f"{address}/change", key="n", **named)).status_code == 303
        assert "Dari" in await shown(made.finance, address)
        changed = await send(made.finance, f"{address}/change", key="d",
                             **(right | {"languages": "", "name": "Language help"}))  # fmt: skip
        assert changed.status_code == 303
        assert "Language help" in await shown(made.finance, "/finance/fundings")
        assert "Only these languages" not in await shown(made.finance, address)
        for kind in ("csv", "xlsx"):
            assert (await made.finance.get(f"{address}/file/{kind}")).status_code == 200


async def test_a_price_list_is_added_from_an_older_one(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        fields = {"name": "2026", "default": "yes", "valid_from": "2026-01-01",
                  "mode-0": "in_person", "charge-0": "48", "pay-0": "30,50",
                  "mode-1": "phone", "charge-1": "24", "pay-1": "15", "minimum_in_person": "60",
                  "increment_in_person": "30", "when-0": "evening", "from-0": "18:00",
                  "to-0": "22:00", "percent-0": "50", "km_charge": "0.30"}  # fmt: skip
        broken = await send(made.finance, "/finance/tariffs/new", key="a",
                            **(fields | {"charge-1": "cheap", "to-0": ""}))  # fmt: skip
        assert broken.status_code == 422
        assert 'id="wrong-rates-1-charge_per_hour_minor"' in broken.text
        added = await send(made.finance, "/finance/tariffs/new", key="b", **fields)
        assert added.status_code == 303
        page = await shown(made.finance, "/finance/tariffs")
        assert "€30.50" in page
        assert "18:00 – 22:00: +50 %" in page  # noqa: RUF001 - as it is shown
        like = re.search(r"/finance/tariffs/new\?like=(tar_\w+)", page)
        assert like is not None
        form = await shown(made.finance, like[0])
        assert 'value="30.50"' in form
        sent = (await made.finance.get("/v1/tariffs")).json()["items"]
        assert sent[0]["minimum_minutes"] == {"in_person": 60, "phone": 0, "video": 0}
        assert sent[0]["travel"] == {"charge_per_km_minor": 30, "pay_per_km_minor": 0}


async def test_published_rules_are_taken_over(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        for name in policy_presets():
            await shown(made.finance, f"/finance/cancellation-policies/new?preset={name}")
        form = await shown(made.finance, "/finance/cancellation-policies/new?preset=nav-norway")
        fields = dict(re.findall(r'name="([^"]+)"[^>]*? value="([^"]*)"', form))
        fields |= {"valid_from": "2026-01-01", "name": "Ours"}
        added = await send(made.finance, "/finance/cancellation-policies/new", **fields)
        assert added.status_code == 303, added.text
        assert "Ours" in await shown(made.finance, "/finance/cancellation-policies")
        empty = await send(made.finance, "/finance/cancellation-policies/new", key="z",
                           name="Nothing", valid_from="2026-01-01")  # fmt: skip
        assert empty.status_code == 422


async def test_another_networks_things_are_not_there(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = await made.held("2026-05-04 07:00")
        other = await open_network(
            pool, name="Other", slug="other", time_zone="Europe/Riga", currency="EUR",
            country="LV", working_language="lav", now=clock(),
        )  # fmt: skip
        beside = Network(pool, network.client, other.network_id, clock())
        stranger = await beside.person(["finance", "coordinator"], display_name="Stranger")
        person = made.person("2026-05").split("/")[3]
        institution = made.school("2026-05").split("/")[3]
        for page in (made.school("2026-05"), made.person("2026-05"), booking_page(booking),
                     f"/board/roster/{person}", f"/board/institutions/{institution}"):  # fmt: skip
            await shown(stranger, page, 404)
        for path in (made.school("2026-05", "/issue"), booking_page(booking)):
            sent = await send(stranger, path, key="a", charge="5", reason_code="x", early="yes")
            assert sent.status_code == 404, path
        assert "School 12" not in await shown(stranger, "/finance/months/2026-05")
