"""The job `approval`: somebody is reminded of what they have not approved, and silence is a yes."""

from interpreters.application.approval_reminders import remind_or_approve
from interpreters.application.people_messages import Outgoing
from interpreters.jobs.relay import Job, in_transaction


def approver(out: Outgoing) -> Job:
    """Return the job, for these ways out of the house."""
    return in_transaction(
        lambda db, network_id, booking_id, now: remind_or_approve(
            db, out, network_id=network_id, booking_id=booking_id, now=now
        )
    )
