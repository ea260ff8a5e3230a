"""`/v1/applications`: whoever wants to interpret for a network says so."""

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import applications
from interpreters.application.applications import (
    Application,
    ApplicationsClosed,
    TooManyApplications,
)
from interpreters.application.interpreters import InterpreterOrder
from interpreters.domain.errors import FieldError
from interpreters.http.doors import Call, door, public_answer
from interpreters.http.fields import Email, Gender, In, Name, Phone, Text, e164
from interpreters.http.roster_fields import Languages, each_once, reachable

TAG = "Roster"


class ApplicationIn(In, frozen=True, kw_only=True):
    """Who applies; `phone` or `email` is needed. `network` where there are several."""

    display_name: Name
    languages: Languages
    network: Name | None = None
    phone: Phone | None = None
    email: Email | None = None
    gender: Gender | None = None
    city: Name | None = None
    message: Text | None = None

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Can be reached, and each language once."""
        yield from reachable(value, pointer)
        yield from each_once(value, pointer)

    def application(self) -> Application:
        """Return it in the application's words."""
        return Application(
            network=self.network,
            message=self.message,
            order=InterpreterOrder(
                display_name=self.display_name,
                languages=tuple(one.language() for one in self.languages),
                phone=None if self.phone is None else e164(self.phone),
                email=self.email,
                gender=self.gender,
                city=self.city,
            ),
        )


class ReceivedView(msgspec.Struct, frozen=True, kw_only=True):
    """It was received. The answer is the same whether or not the address is known."""

    received: bool


@door("POST", "/v1/applications", body=ApplicationIn, answer=ReceivedView, status=202,
      refusals=(ApplicationsClosed, TooManyApplications), tag=TAG, public=True)  # fmt: skip
async def apply_to_interpret(call: NamedDependency[Call]) -> Response[bytes]:
    """Apply as an interpreter, where the network takes applications."""
    body = call.body(ApplicationIn)
    await applications.apply_to_interpret(
        call.pool, application=lambda: body().application(), now=call.now
    )
    return public_answer(ReceivedView(received=True), status=202)


ROUTES = (apply_to_interpret,)
