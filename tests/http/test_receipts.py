"""Receipts: each side's own terms, signed once, checked by the lines in the document."""

import asyncio
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import serving
from centre import START, Centre, Json, z
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.receipts import Receipts
from interpreters.database import Db, Pool
from interpreters.domain.receipts import ReceiptKey, canonical
from interpreters.jobs.deliveries import deliverer
from interpreters.sql import receipt_keys
from interpreters.vault import vault_of
from people_post import Post

pytestmark = pytest.mark.anyio
DARI = "مکتب استقلال"
DOCUMENT = Path(__file__).parents[2] / "docs/receipts.md"
RATE = {"mode": "in_person", "charge_per_hour_minor": 4800, "pay_per_hour_minor": 3000}
SHARED = {
    "type", "network_id", "booking_id", "request_id", "seat", "institution_id", "interpreter_id",
    "from_language", "to_language", "mode", "starts_at", "ends_at", "time_zone", "starts_there",
    "site_id", "city", "agreed_at", "signed_at", "side", "network_name", "institution_name",
}  # fmt: skip


async def priced(centre: Centre) -> Json:
    price = {"name": "2026", "default": True, "valid_from": "2026-01-01", "rates": [RATE]}
    return await centre.made(centre.coordinator, "/v1/tariffs", price)


async def signed(centre: Centre) -> None:
    """Do what the worker does with what was told."""
    job = deliverer([Receipts()])
    for one in await Post(centre).due("outbox"):
        await job(centre.network.pool, network_id=one.network_id, id=one.id, clock=centre.clock)


async def receipt(api: Any, booking: Json, side: str = "") -> Json:
    response = await api.get(f"/v1/bookings/{booking['id']}/receipt{side}")
    assert response.status_code == 200, response.text
    shown: Json = response.json()
    return shown


async def test_each_side_has_its_own_terms_and_nothing_of_the_others(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        tariff, person = await priced(centre), await centre.person()
        booking = await centre.booked(person)
        await signed(centre)
        signed_at = clock.now
        clock.now += timedelta(minutes=1)

        theirs = await receipt(person.api, booking)
        ours = await receipt(centre.school, booking)

        assert set(theirs["terms"]) == SHARED | {"pay"}
        assert set(ours["terms"]) == SHARED | {"charge", "free_until"}
        money = {"currency": "EUR", "billable_minutes": 60, "tariff_id": tariff["id"]}
        assert theirs["terms"]["pay"] == {**money, "amount_minor": 3000}
        assert ours["terms"]["charge"] == {**money, "amount_minor": 4800}
        for terms in (theirs["terms"], ours["terms"]):
            assert terms["starts_there"] == "2026-11-25T10:00:00+02:00"
            assert (terms["starts_at"], terms["time_zone"]) == (z(START), "Europe/Riga")
            assert (terms["from_language"], terms["to_language"]) == ("prs", "lav")
            assert (terms["city"], terms["signed_at"]) == ("Riga", z(signed_at))
            assert (terms["network_name"], terms["institution_name"]) == ("Centre", "School")
            assert not re.search("Person 1|LV-1042|Street 1|health", json.dumps(terms))
        either = await receipt(centre.coordinator, booking, "?side=institution")
        assert either == ours
        assert await receipt(centre.coordinator, booking) == theirs
        other = await person.api.get(f"/v1/bookings/{booking['id']}/receipt?side=institution")
        assert other.status_code == 403
        stranger = (await centre.person()).api
        assert (await stranger.get(f"/v1/bookings/{booking['id']}/receipt")).status_code == 404


async def test_it_stays_as_it_was_signed(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await priced(centre)
        person = await centre.person()
        booking = await centre.booked(person)
        first = await receipt(person.api, booking)
        clock.now += timedelta(hours=1)
        extended = await centre.school.post(f"/v1/bookings/{booking['id']}/extend", {"minutes": 30})
        assert extended.status_code == 200, extended.text
        await signed(centre)
        await centre.school.post(f"/v1/bookings/{booking['id']}/cancel", {"reason": "x"})
        await signed(centre)
        assert await receipt(person.api, booking) == first
        gone = await centre.coordinator.post(f"/v1/interpreters/{person.id}/erase")
        assert gone.status_code in (200, 204), gone.text
        assert await receipt(centre.coordinator, booking) == first
        assert await network.count("receipts") == 1


async def test_many_who_ask_first_at_once_see_one_receipt(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        booking = await centre.booked(await centre.person())
        asking = asyncio.gather(*(receipt(centre.coordinator, booking) for _ in range(8)))
        found, _ = await asyncio.gather(asking, signed(centre))
        assert len({json.dumps(one, sort_keys=True) for one in found}) == 1
        assert found[0]["terms"]["pay"] is None  # no tariff has a rate for it


async def test_what_was_never_agreed_on_has_none(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first, _ = await centre.people(2)
        held = await first.accept(await centre.asked(interpreters_needed=2))
        assert held["state"] == "held"
        none = await first.api.get(f"/v1/bookings/{held['id']}/receipt")
        assert none.status_code == 404


def check(folder: Path, receipt: Json | bytes, keys: Json) -> subprocess.CompletedProcess[str]:
    """Run the lines of the document on a receipt; bytes are a PDF."""
    (lines,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    for name, text in (("check.py", lines), ("keys.json", json.dumps(keys))):
        (folder / name).write_text(text, encoding="utf-8")
    name = "receipt.pdf" if isinstance(receipt, bytes) else "receipt.json"
    octets = receipt if isinstance(receipt, bytes) else json.dumps(receipt).encode()
    (folder / name).write_bytes(octets)
    return subprocess.run(
        [sys.executable, "-I", "check.py", name, "keys.json"], cwd=folder, text=True,
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip


async def test_the_lines_in_the_document_tell_a_true_receipt_from_a_changed_one(
    pool: Pool, clock: Clock, tmp_path: Path
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await priced(centre)
        person = await centre.person()
        booking = await centre.booked(person)
        shown = await receipt(person.api, booking)
        page = (await pdf(person.api, booking)).content
        keys = (await (await network.caller("finance")).get("/v1/receipt-keys")).json()
    for form in (shown, page):
        true = check(tmp_path, form, keys)
        assert true.returncode == 0, true.stderr
        said, _, terms = true.stdout.partition("\n")
        assert said == f"signed by {shown['key_id']}"
        assert json.loads(terms) == shown["terms"]
    changed = with_attached(page, lambda one: one.replace(b":3000,", b":9000,"))
    false = check(tmp_path, changed, keys)
    assert false.returncode != 0
    assert "InvalidSignature" in false.stderr
    shown["terms"]["pay"]["amount_minor"] += 1
    false = check(tmp_path, shown, keys)
    assert false.returncode != 0
    assert "InvalidSignature" in false.stderr
    shown["terms"]["pay"]["amount_minor"] -= 1
    stranger = ReceiptKey.new()
    keys["keys"] = [{**keys["keys"][0], "x": stranger.public}]
    for form in (shown, page):
        assert "InvalidSignature" in check(tmp_path, form, keys).stderr


def with_attached(page: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return the PDF with another file attached to it."""
    reader = pypdf.PdfReader(io.BytesIO(page))
    (attached,) = reader.attachments["receipt.json"]
    changed = change(attached)
    assert changed != attached
    writer = pypdf.PdfWriter()
    for one in reader.pages:
        writer.add_page(one)
    writer.add_attachment("receipt.json", changed)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


async def pdf(api: Any, booking: Json, side: str = "") -> Any:
    path = f"/v1/bookings/{booking['id']}/receipt{side}"
    return await api.get(path, headers={"Accept": "application/pdf"})


async def test_it_is_a_page_for_people_with_the_signed_document_attached(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open(name=DARI)
        tariff, person = await priced(centre), await centre.person()
        booking = await centre.booked(person)
        for api, side, amount, others in (
            (person.api, "interpreter", "30,00 €", ("48,00 €", "4800")),
            (centre.school, "institution", "48,00 €", ("30,00 €", "3000")),
        ):
            answer = await pdf(api, booking)
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"] == "application/pdf"
            name = f"receipt-{booking['id']}-{side}.pdf"
            assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
            assert answer.headers["vary"] == "Accept"
            reader = pypdf.PdfReader(io.BytesIO(answer.content))
            text = "\n".join(one.extract_text() for one in reader.pages).replace(
                "\N{NO-BREAK SPACE}", " "
            )
            plain = await receipt(api, booking)
            (attached,) = reader.attachments["receipt.json"]
            assert json.loads(attached) == plain
            for told in (
                amount,
                "Centre",
                person.id,
                "trešdiena, 2026. gada 25. novembris",
                "10:00",
                plain["signature"],
                plain["key_id"],
                plain["public_key"],
                tariff["id"],
            ):
                assert told in text, told
            assert not any(one in text + attached.decode() for one in others)
            assert set(DARI) - set(" ") <= set(text)
            root: Any = reader.trailer["/Root"]
            assert root["/MarkInfo"]["/Marked"]
            assert b"pdfuaid" in root["/Metadata"].get_data()
            clock.now += timedelta(hours=1)
            assert (await pdf(api, booking)).content == answer.content  # whenever it is asked for
        assert (await pdf(person.api, booking, "?side=institution")).status_code == 403
        assert (await pdf((await centre.person()).api, booking)).status_code == 404
        _, stranger = await network.institution("Police")
        assert (await pdf(stranger, booking)).status_code == 404
        neither = await person.api.get(
            f"/v1/bookings/{booking['id']}/receipt", headers={"Accept": "image/png"}
        )
        assert (neither.status_code, neither.json()["code"]) == (406, "not-acceptable")


async def test_one_that_was_signed_before_it_named_anybody_is_printed_by_ids(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await signed_without_names(centre, booking := await centre.booked(await centre.person()))
        answer = await pdf(centre.school, booking)
        assert answer.status_code == 200, answer.text
        reader = pypdf.PdfReader(io.BytesIO(answer.content))
        text = "\n".join(one.extract_text() for one in reader.pages)
        assert "Centre" not in text
        assert text.count(centre.institution["id"]) == 2  # for people, and as it was signed


async def signed_without_names(centre: Centre, booking: Json) -> None:
    """Keep a receipt as an earlier state signed it."""
    shown = await receipt(centre.coordinator, booking)
    terms = {k: v for k, v in shown["terms"].items() if not k.endswith("_name")}
    both = {"interpreter": terms, "institution": {**terms, "charge": None, "free_until": None}}

    async def work(db: Db) -> None:
        key = await receipt_keys.find(db, network_id=centre.network.id)
        assert key is not None
        await db.execute(
            "UPDATE receipts SET terms = $2, signature = $3 WHERE network_id = $1",
            centre.network.id,
            vault_of(db).seal(centre.network.id, json.dumps(both)),
            b"".join(key.sign(both[side]) for side in ("interpreter", "institution")),
        )

    await run(centre.network.pool, centre.network.id, work)


def test_a_key_is_the_same_when_it_is_read_again_and_shows_its_public_half_alone() -> None:
    key = ReceiptKey.new()
    again = ReceiptKey.read(key.secret)
    assert (again.public, again.id) == (key.public, key.id)
    assert again.sign({"a": 1}) == key.sign({"a": 1})  # RFC 8032: no chance in it
    assert key.secret not in repr(key)


def test_the_thumbprint_is_that_of_the_standard() -> None:
    """RFC 8037, appendices A.2 and A.3."""
    key = ReceiptKey.read("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
    assert key.public == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert key.id == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@given(
    st.dictionaries(
        st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1),
        st.none() | st.integers() | st.text() | st.dictionaries(st.just("a"), st.integers()),
    )
)
def test_terms_have_one_form_whatever_order_they_come_in(terms: dict[str, Any]) -> None:
    backwards = dict(reversed(terms.items()))
    assert canonical(terms) == canonical(backwards)
    assert json.loads(canonical(terms)) == terms
