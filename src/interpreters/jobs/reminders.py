"""The job `reminder`: somebody is reminded of a session they are booked for."""

from interpreters.application.people_messages import Outgoing
from interpreters.application.reminders import remind
from interpreters.jobs.relay import Job, in_transaction


def reminder(out: Outgoing) -> Job:
    """Return the job, for these ways out of the house."""
    return in_transaction(
        lambda db, network_id, booking_id, now: remind(
            db, out, network_id=network_id, booking_id=booking_id, now=now
        )
    )
