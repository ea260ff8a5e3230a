"""The jobs `ladder` and `offers`: a request's next step, and offers whose time is over."""

from typing import Final

from interpreters.application.dispatch import expire_offers, step_request
from interpreters.jobs.relay import Job, in_transaction

# The next step of a request's ladder is taken, if it is due.
step: Final[Job] = in_transaction(
    lambda db, network_id, request_id, now: step_request(
        db, network_id=network_id, request_id=request_id, now=now
    )
)

# The offers of a request whose time to answer is over are closed.
expire: Final[Job] = in_transaction(
    lambda db, network_id, request_id, now: expire_offers(
        db, network_id=network_id, request_id=request_id, now=now
    )
)
