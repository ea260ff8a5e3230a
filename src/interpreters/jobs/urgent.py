"""The job `urgent`: an urgent search that has found nobody yet is brought before people."""

from typing import Final

from interpreters.application.escalations import step_urgent
from interpreters.jobs.relay import Job, in_transaction

# The requester is offered to widen, who is on call is rung: whatever it is time for.
step: Final[Job] = in_transaction(
    lambda db, network_id, request_id, now: step_urgent(
        db, network_id=network_id, request_id=request_id, now=now
    )
)
