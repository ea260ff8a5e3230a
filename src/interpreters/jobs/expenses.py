"""The job `expense`: those it concerns hear of an expense, and again where nobody decides."""

from interpreters.application.expense_messages import tell_expense
from interpreters.application.people_messages import Outgoing
from interpreters.jobs.relay import Job, in_transaction


def teller(out: Outgoing) -> Job:
    """Return the job, for these ways out of the house."""
    return in_transaction(
        lambda db, network_id, expense_id, now: tell_expense(
            db, out, network_id=network_id, expense_id=expense_id, now=now
        )
    )
