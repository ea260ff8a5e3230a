"""What an export shows of a person: of which rows, which columns.

A column that is not named here is not shown: because it is another person's, opens a door, or is
the machinery's own. One that is added to these tables has to be placed
(tests/http/test_exports.py).
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

Person: TypeAlias = Literal["client", "interpreter", "user"]


class Source(msgspec.Struct, frozen=True):
    """The rows of a table that refer to a person by `column`; `name` is theirs in the export."""

    name: str
    table: str
    column: str
    shows: tuple[str, ...]

    def seals(self, name: str) -> bool:
        """Tell whether a column of these rows is sealed."""
        return name in SEALED or (self.table, name) in SEALED_HERE


# Columns that are sealed wherever they stand, and those that are so in one table.
SEALED: Final = {
    "phone", "email", "address", "instructions", "connect", "requirements", "details",
    "cancel_reason", "decline_reason", "close_reason", "reasons", "number", "stage_reason",
    "recipient", "subject", "body", "said", "answer", "url", "attachment", "receipt", "note",
}  # fmt: skip
SEALED_HERE: Final = {
    ("users", "display_name"), ("passkeys", "name"), ("disputes", "reason"),
    ("time_changes", "reason"),
}  # fmt: skip
WHEN: Final = ("session", "starts_at", "wall_starts_at", "time_zone")
NOTED: Final = ("at", "role", "action", "subject_kind")
SENT: Final = (
    "id", "channel", "purpose", "language", "recipient", "subject", "body", "state", "tries",
    "expires_at", "sent_at", "offer_id", "booking_id", "created_at", "attachment",
)  # fmt: skip
WORKED: Final = (
    "id", "booking_id", "request_id", "kind", "institution_id", "language", "mode", "site_id",
    "topic", "booked_starts_at", "booked_on", "booked_minutes", "actual_minutes",
    "break_minutes", "billable_minutes", "corrects_id", "reason_code", "recorded_at",
)  # fmt: skip
BOOKED: Final = (
    "id", "request_id", "seat", "institution_id", "site_id", "state", "from_language",
    "to_language", "mode", "topic", *WHEN, "checked_in_at", "started_at", "ended_at",
    "break_minutes", "late_minutes", "closed_at", "close_reason_code", "created_at", "updated_at",
)  # fmt: skip
ACCOUNT: Final = (
    "id", "display_name", "email", "phone", "language", "roles", "institution_id",
    "interpreter_id", "identity_provider_id", "provider_subject", "active", "invited_at",
    "joined_at", "notify", "created_at",
)  # fmt: skip
KEY: Final = (
    "id", "role", "institution_id", "interpreter_id", "scopes", "mode", "name", "expires_at",
    "revoked_at", "last_used_at", "created_at",
)  # fmt: skip
SOURCES: Final[Mapping[Person, tuple[Source, ...]]] = {
    "client": (
        Source("client", "clients", "id", (
            "id", "institution_id", "reference", "languages", "nationality", "gender_preference",
            "status", "status_since", "group", "erased_at", "created_at",
        )),
        Source("requests", "request_clients", "client_id", (
            "id", "institution_id", "site_id", "room_id", "series_id", "state", "languages",
            "working_language", "modes", *WHEN, "starts_now", "duration_minutes", "topic",
            "interpreters_needed", "priority", "emergency", "fallback", "series_position",
            "external_reference", "cost_centre", "funding_id",
            "instructions", "connect", "requirements", "fallbacks", "details", "unfilled_reason",
            "cancelled_at", "cancel_reason", "cancel_reason_code", "replaces_id", "created_at",
            "updated_at",
        )),
        Source("came_as_party", "requests", "party_ids", (
            "id", "institution_id", "site_id", "room_id", "state", *WHEN, "duration_minutes",
            "topic", "details", "created_at",
        )),
        Source("bookings", "request_clients", "client_id", BOOKED),
        Source("links", "client_links", "client_id", (
            "id", "booking_id", "language", "expires_at", "revoked_at", "opened_at", "created_at",
        )),
        Source("said", "client_voices", "client_id", (
            "id", "booking_id", "institution_id", "kind", "language", "said", "state", "answer",
            "answered_at", "created_at",
        )),
        Source("usage", "usage_entries", "client_ids", (*WORKED, "funding_id")),
        Source("audit", "audit", "subject_id", NOTED),
    ),
    "interpreter": (
        Source("interpreter", "interpreters", "id", (
            "id", "display_name", "phone", "email", "gender", "time_zone", "latitude",
            "longitude", "city", "travel_radius_km", "modes", "qualification", "topics",
            "urgent_opt_in", "quiet_hours", "engagement", "active", "outside_hours",
            "available_until", "created_at", "stage", "stage_reason", "external_reference",
            "erased_at", "language", "notify", "auto_assign",
        )),
        Source("languages", "interpreter_languages", "interpreter_id",
               ("language", "level", "dialects")),
        Source("availability", "availability", "interpreter_id",
               ("day", "from_minute", "to_minute")),
        Source("absences", "absences", "interpreter_id", ("id", "absent", "source", "created_at")),
        Source("calendar_links", "calendar_links", "interpreter_id",
               ("id", "revoked_at", "created_at")),
        Source("external_calendar", "external_calendars", "interpreter_id",
               ("read_at", "failing_since", "error", "created_at")),
        Source("credentials", "credentials", "interpreter_id",
               ("id", "kind", "number", "issued_on", "expires_on", "created_at")),
        Source("search", "supply", "interpreter_id", ("pair", "active", "static_score")),
        Source("offers", "offers", "interpreter_id", (
            "id", "request_id", "seat", "state", "wave", "mode", "from_language", "to_language",
            "session", "score", "answer_by", "answered_at", "wished_at", "decline_reason",
            "standby_at", "seen_at", "created_at",
        )),
        Source("bookings", "bookings", "interpreter_id",
               (*BOOKED, "blocked", "briefing_minutes", "no_conflict_at", "close_reason",
                "given_back_late")),
        Source("conflicts", "conflicts", "interpreter_id", ("booking_id", "created_at")),
        Source("planned", "plan_places", "interpreter_id", (
            "id", "plan_id", "request_id", "seat", "mode", "from_language", "to_language",
            "session", "step", "score", "distance_km", "state", "offer_id", "changed_at",
        )),
        Source("freed", "freed_slots", "interpreter_id",
               ("id", "booking_id", "slot", "mode", "city", "request_id", "created_at")),
        Source("usage", "usage_entries", "interpreter_id",
               (*WORKED, "pay_minor", "currency")),
        Source("expenses", "expenses", "interpreter_id", (
            "id", "booking_id", "kind", "state", "amount_minor", "approved_minor", "currency",
            "receipt", "note", "beforehand", "decide_by", "decided_at", "entry_id", "created_at",
        )),
        Source("disputed", "disputes", "booking_id", (
            "id", "opened_by", "reason", "state", "answer", "outcome", "created_at", "closed_at",
        )),
        Source("rated", "ratings", "booking_id", ("rated_by", "stars", "note", "created_at")),
        Source("corrected", "time_changes", "booking_id", (
            "id", "field", "was", "becomes", "was_minutes", "becomes_minutes", "changed_by",
            "reason", "said_at", "recorded_at",
        )),
        Source("statements", "statements", "interpreter_id",
               ("id", "side", "month", "number", "revision", "state", "totals", "issued_at",
                "reopened_at")),
        Source("messages", "messages", "interpreter_id", SENT),
        Source("keys", "keys", "interpreter_id", KEY),
        Source("user", "users", "interpreter_id", ACCOUNT),
        Source("preferred_by", "institutions", "preferred_interpreter_ids", ("id",)),
        Source("blocked_by", "institutions", "blocked_interpreter_ids", ("id",)),
        Source("audit", "audit", "subject_id", NOTED),
    ),
    "user": (
        Source("user", "users", "id", ACCOUNT),
        Source("invitations", "invitations", "user_id",
               ("id", "expires_at", "used_at", "created_at")),
        Source("sign_ins", "sign_ins", "user_id", (
            "id", "how", "device", "expires_at", "revoked_at", "last_used_at", "created_at",
        )),
        Source("passkeys", "passkeys", "user_id",
               ("id", "name", "last_used_at", "created_at")),
        Source("push_subscriptions", "push_subscriptions", "user_id", ("id", "created_at")),
        Source("challenges", "passkey_challenges", "user_id", ("id", "expires_at")),
        Source("messages", "messages", "user_id", SENT),
        Source("audit", "audit", "subject_id", NOTED),
        Source("did", "audit", "user_id", NOTED),
        Source("asked", "requests", "created_by", ("id", "created_at")),
        Source("keys_made", "keys", "made_by", ("id", "name", "created_at")),
        Source("operations", "operations", "owner_id",
               ("id", "kind", "state", "created_at", "finished_at")),
        Source("calls", "idempotency_keys", "key_id",
               ("idempotency_key", "status", "created_at")),
        Source("approved", "approvals", "decided_by",
               ("booking_id", "state", "due_at", "decided_at", "how", "created_at")),
        Source("issued", "statements", "issued_by", ("id", "month", "number", "issued_at")),
        Source("decided", "expenses", "decided_by", ("id", "state", "decided_at")),
        Source("planned", "plans", "made_by", ("id", "state", "starts_at", "ends_at", "made_at")),
        Source("plans_decided", "plans", "decided_by", ("id", "state", "decided_at")),
        Source("on_call", "on_call", "user_id",
               ("id", "day", "from_minute", "to_minute", "position")),
        Source("acknowledged", "escalations", "acknowledged_by",
               ("request_id", "kind", "round", "at", "acknowledged_at")),
    ),
}  # fmt: skip
