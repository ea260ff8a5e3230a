"""`/v1/bookings/{id}/receipt`: what was agreed, signed; `/v1/receipt-keys`: who has signed."""

from typing import Any, Final, Literal

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import receipts
from interpreters.application.calls import ask
from interpreters.application.receipt_pages import document_of, file_name, file_of
from interpreters.application.receipts import SignedTerms
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.domain.receipts import ReceiptKey, Side
from interpreters.http.answers import sent
from interpreters.http.doors import JSON, Call, door
from interpreters.http.fields import In
from interpreters.http.negotiation import NotAcceptable, chosen

TAG = "Bookings"
PDF: Final = "application/pdf"


class ReceiptQuery(In, frozen=True, kw_only=True):
    """Whose receipt; for coordinators, the others have their own."""

    side: Side | None = None


class ReceiptView(msgspec.Struct, frozen=True, kw_only=True):
    """What was agreed. `signature` (Ed25519) is of the UTF-8 of `terms` as JSON: names in order,
    no spaces. Signature and key are base64url (docs/receipts.md).
    """

    side: Side
    terms: dict[str, Any]
    signature: str
    key_id: str
    public_key: str

    @classmethod
    def of(cls, one: SignedTerms) -> "ReceiptView":
        """Shape a receipt."""
        return cls(**document_of(one))


class ReceiptKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A public key as a JWK (RFC 8037)."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    use: Literal["sig"] = "sig"
    alg: Literal["EdDSA"] = "EdDSA"
    kid: str
    x: str


class ReceiptKeysView(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of the network, as a JWK set."""

    keys: list[ReceiptKeyView]

    @classmethod
    def of(cls, one: ReceiptKey, _: Caller) -> "ReceiptKeysView":
        """Shape the keys."""
        return cls(keys=[ReceiptKeyView(kid=one.id, x=one.public)])


@door("GET", "/v1/bookings/{id:str}/receipt", query=ReceiptQuery, answer=ReceiptView, files=(PDF,),
      refusals=(Forbidden, NotFound, NotAcceptable), tag=TAG)  # fmt: skip
async def show_receipt(call: NamedDependency[Call]) -> Response[bytes]:
    """What was agreed for a booking, signed by the network: the caller's side, as JSON or PDF.

    The PDF has the JSON attached. It is made when the transaction is over: it takes its time.
    """
    query = call.query(ReceiptQuery)

    async def work(db: Db, caller: Caller) -> tuple[SignedTerms, str]:
        found = await receipts.show_receipt(
            db, caller, booking_id=call.id(ids.BOOKING), side=lambda: query().side, now=call.now
        )
        return found, chosen(call.request.headers.get("accept"), (JSON, PDF))

    found, media = await ask(call.pool, token=call.token, role=call.role, now=call.now, work=work)
    headers = {"Vary": "Accept"}
    if media == JSON:
        return sent(msgspec.json.encode(ReceiptView.of(found)), 200, headers)
    headers["Content-Disposition"] = f'attachment; filename="{file_name(found)}"'
    return Response(await file_of(found), media_type=media, headers=headers)


@door("GET", "/v1/receipt-keys", answer=ReceiptKeysView, tag=TAG)
async def list_receipt_keys(call: NamedDependency[Call]) -> Response[bytes]:
    """The public keys by which the network's receipts are checked."""
    return await call.ask(receipts.show_receipt_key, ReceiptKeysView.of)


ROUTES = (show_receipt, list_receipt_keys)
