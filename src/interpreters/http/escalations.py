"""`/v1/requests/{id}/escalations`: an urgent search that was brought before people."""

from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import escalations
from interpreters.domain import ids
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.domain.escalations import NobodyWasCalled
from interpreters.http.doors import Call, door
from interpreters.http.request_views import RequestView

TAG = "Requests"


@door("POST", "/v1/requests/{id:str}/escalations/acknowledge", answer=RequestView,
      refusals=(Forbidden, NotFound, NobodyWasCalled), tag=TAG)  # fmt: skip
async def acknowledge_escalations(call: NamedDependency[Call]) -> Response[bytes]:
    """Say that you take care of it: nobody else is called."""
    return await call.once(
        lambda db, caller: escalations.acknowledge_escalations(
            db, caller, request_id=call.id(ids.REQUEST), now=call.now
        ),
        RequestView.of,
    )


ROUTES = (acknowledge_escalations,)
