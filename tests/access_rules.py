"""Who may do what: one row for each route, written from the contract, not from what is answered.

A route without a row here fails `tests/contract/test_matrix.py`. To add one:

1. Add a `Rule` with the route as it is registered, without types: `"POST /v1/things/{id}/verb"`.
   `may` are the roles, `scope` the scope a key needs (a mapping where it differs by role), `of`
   the kinds of things in the path, in order, `body` what is sent and `answer` the status of a
   yes. `"@institution"` in a body is the id of the caller's own one.
   `public=True` is for a door that needs no token; `stranger` is what anybody else without a
   valid one is told, where that is not 401 (pages: `"303"`); `people=True` is for those signed in,
   not for keys; `filters` are query parameters that name a thing.
2. A new kind of thing: make one in `access_world.py` (`_Maker`, `PREFIX`), for each side; a kind
   with no owner (a language, a page) stands in `OPEN` with one that is there and one that is not.
   What others must not see of it gets a `mark` there, and a row in `SEEN_BY` of
   `http/test_visibility.py`.
3. A new kind of caller: add it to `CALLERS` and give it a token in `World.token`.
4. Write the table anew and read the difference:
   `PYTHONPATH=tests python -m access_table > tests/contract/matrix.csv`

What follows from every row, and needs no saying: without a valid token 401; another role 403, also
without the scope; what is not one's own (another institution's, interpreter's or network's) is 404
in the same words as what does not exist; and all of that before the body is read.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interpreters.web.assets import built

ROLES: Final = ("interpreter", "consultant", "institution", "finance", "coordinator")
WHOLE_NETWORK: Final = ("finance", "coordinator")  # the others see what is their own
# Kinds that are nobody's: one that is there, and one that is not.
OPEN: Final[Mapping[str, tuple[str, str]]] = {
    "language": ("prs", "no-such-language"),
    "problem": ("not-found", "no-such-problem"),
    "document": ("swagger-ui.css", "no-such.css"),
    "built": (built()["desk.js"], "no-such.js"),
}
# What stands behind a thing in the path and is nobody's, as it is rightly written.
SPELT: Final[Mapping[str, str]] = {"month": "2026-11"}
# Kinds that are one person's, whatever their role.
PERSONAL: Final = ("device", "passkey", "browser")

# Of the example in RFC 8291, appendix A.
BROWSER_KEYS: Final = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx"
    "aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Who may call a route, about what, with what."""

    route: str
    may: Sequence[str] = ()
    scope: str | Mapping[str, str] = ""
    of: Sequence[str] = ()
    apart: bool = False  # the things of the path are looked up each by itself
    body: Any = None  # JSON, or bytes
    bodies: Mapping[str, Any] = {}  # where a role has to send another one
    headers: Mapping[str, str] = {}
    query: str = ""
    filters: Mapping[str, str] = {}  # query parameters that name a thing, with its kind
    followed: bool = False  # a list that takes `updated_since`
    answer: int = 200
    code: str = ""  # of an answer that is no yes for anybody
    broken: str = "400 malformed"  # a yes with a body that cannot be read
    public: bool = False
    people: bool = False  # for people who are signed in, not for software with a key
    stranger: str = "401 unauthorized"

    @property
    def yes(self) -> str:
        """Return what somebody is answered who may."""
        return f"{self.answer} {self.code}".strip()

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.route.partition(" ")[2]

    def scope_of(self, role: str) -> str:
        """Return the scope a caller of the role needs."""
        return self.scope if isinstance(self.scope, str) else self.scope.get(role, "")


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of caller. One with `lacks_scope` has every scope of the role but the needed one.

    `person` is whose sign-in it is: `staff` is a coordinator; `both` interprets, and is a
    consultant of the institution too. `pretends` is a person who calls in a role they do not have.
    """

    name: str
    role: str = ""  # none: nobody this network knows
    lacks_scope: bool = False
    person: str = ""
    pretends: bool = False


CALLERS: Final = (
    Kind(name="nobody"),
    Kind(name="unknown token"),
    Kind(name="revoked key"),
    Kind(name="interpreter", role="interpreter"),
    Kind(name="interpreter without the scope", role="interpreter", lacks_scope=True),
    Kind(name="consultant", role="consultant"),
    Kind(name="institution key", role="institution"),
    Kind(name="institution key without the scope", role="institution", lacks_scope=True),
    Kind(name="finance", role="finance"),
    Kind(name="coordinator", role="coordinator"),
    Kind(name="coordinator without the scope", role="coordinator", lacks_scope=True),
    Kind(name="signed out", person="left"),
    Kind(name="signed in as interpreter", role="interpreter", person="both"),
    Kind(name="signed in as consultant", role="consultant", person="both"),
    Kind(name="signed in as what they are not", role="coordinator", person="both", pretends=True),
    Kind(name="signed in as coordinator", role="coordinator", person="staff"),
)

COORDINATOR: Final = ("coordinator",)
ASKERS: Final = ("coordinator", "consultant", "institution")
ROSTER: Final = ("coordinator", "interpreter")
SESSION: Final = ("coordinator", "interpreter")
BOTH_SIDES: Final = ("coordinator", "consultant", "institution", "interpreter")
PAYING: Final = ("coordinator", "finance", "consultant", "institution")
# What is paid is an interpreter's own business, and theirs who pay it.
PAID: Final = ("coordinator", "finance", "interpreter")
PAID_SCOPES: Final = {
    "coordinator": "usage:read", "finance": "usage:read", "interpreter": "bookings:read",
}  # fmt: skip
# Coordinators and interpreters read the roster; institutions whom they had or prefer.
PROFILES: Final = {
    "coordinator": "roster:read", "interpreter": "roster:read",
    "consultant": "institutions:read", "institution": "institutions:read",
}  # fmt: skip
DISPUTES: Final = dict.fromkeys(BOTH_SIDES, "bookings:read") | {"finance": "usage:read"}
DAYS: Final = "from=2026-11-01&to=2026-12-01"
GROUPINGS: Final = (
    "institution,client,language,mode,site,nationality,institution_kind,topic,funding,month"
)
REASON: Final = {"reason": "a reason"}
ASKED: Final = {
    "institution_id": "@institution", "language": "dari", "modes": ["phone"],
    "starts_at": "2026-11-28T10:00:00Z", "duration_minutes": 60,
    "clients": [{"reference": "LV-1"}], "topic": "health",
}  # fmt: skip
PERSON: Final = {
    "display_name": "Somebody", "email": "somebody@example.org",
    "languages": [{"code": "dari", "level": "native"}],
}  # fmt: skip
TARIFF: Final = {
    "name": "2027", "valid_from": "2027-01-01",
    "rates": [{"mode": "phone", "charge_per_hour_minor": 1, "pay_per_hour_minor": 1}],
}  # fmt: skip
POLICY: Final = {
    "name": "2027", "valid_from": "2027-01-01",
    "rules": [{"free_until_hours": 24, "fee_percent": 100}],
}  # fmt: skip
FUNDING: Final = {
    "number": "G/2027/1", "starts_on": "2027-01-01",
    "donors": [{"name": "A donor", "share_basis_points": 10_000}],
}  # fmt: skip
NO_PASSKEY: Final = {"id": "bm9ib2R5", "rawId": "bm9ib2R5", "type": "public-key"}

FORM_TYPE: Final = "multipart/form-data; boundary=line"
FORM: Final = (
    b'--line\r\nContent-Disposition: form-data; name="kind"\r\n\r\nclients\r\n'
    b'--line\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    b"reference\nLV-7\n\r\n--line--\r\n"
)

PAGES: Final = (
    Rule(route="GET /health/live", public=True),
    Rule(route="GET /health/ready", public=True),
    # From another machine it needs the operator's own token, which is nobody's here.
    Rule(route="GET /metrics", public=True, answer=401, code="unauthorized"),
    Rule(route="GET /openapi.json", public=True),
    Rule(route="GET /docs", public=True),
    Rule(route="GET /docs/{name}", public=True, of=["document"]),
    Rule(route="GET /", public=True),
    Rule(route="GET /problems/{code}", public=True, of=["problem"]),
    Rule(route="GET /static/pages.css", public=True),
    Rule(route="GET /static/people.css", public=True),
    Rule(route="GET /static/passkeys.js", public=True),
    # Its shell is nobody's; its state is of the browser's sign-in alone, and these have none.
    *(
        Rule(route=f"GET /app{rest}", public=True)
        for rest in (
            "",
            "/state",
            "/pay",
            "/expenses",
            "/worker.js",
            "/manifest.webmanifest",
            "/icon-192.png",
            "/icon-512.png",
        )
    ),
    # These calls come from no browser: forms are taken from our own pages alone.
    Rule(route="GET /sign-in", public=True),
    *(
        Rule(route=f"POST /sign-in{form}", public=True, answer=403, broken="403")
        for form in ("", "/code", "/passkey", "/out", "/devices", "/language", "/passkeys")
    ),
    *(
        Rule(route=f"GET /sign-in{form}", public=True, answer=303)
        for form in ("/code", "/passkey", "/out", "/devices", "/language", "/passkeys")
    ),
    # In a demonstration alone.
    Rule(route="GET /mailbox", public=True, answer=404),
    Rule(route="GET /v1/languages", public=True),
    Rule(route="GET /v1/languages/{code}", public=True, of=["language"]),
)

# Whether an address is somebody's is not told: the answer is the same for everybody.
SIGN_IN: Final = (
    Rule(
        route="POST /v1/sign-in", public=True, answer=202,
        body={"network": "first", "email": "nobody@example.org"},
    ),
    Rule(
        route="POST /v1/sign-in/verify", public=True, answer=401, code="attempt-over",
        body={"attempt": "at_nobodys", "code": "000000"},
    ),
    Rule(route="POST /v1/sign-out", may=ROLES, people=True, body={}),
    Rule(route="GET /v1/sign-ins", may=ROLES, people=True),
    Rule(route="DELETE /v1/sign-ins/{id}", may=ROLES, people=True, of=["device"], answer=204),
    Rule(route="POST /v1/passkeys/options", may=ROLES, people=True, body={}),
    Rule(
        route="POST /v1/passkeys", may=ROLES, people=True, answer=422, code="passkey-refused",
        body={"credential": {**NO_PASSKEY, "response": {
            "clientDataJSON": "e30", "attestationObject": "oA",
        }}},
    ),
    Rule(route="GET /v1/passkeys", may=ROLES, people=True),
    Rule(route="DELETE /v1/passkeys/{id}", may=ROLES, people=True, of=["passkey"], answer=204),
    Rule(route="GET /v1/push-key", may=ROLES, people=True),
    Rule(
        route="POST /v1/push-subscriptions", may=ROLES, people=True, answer=201,
        body={"endpoint": "https://push.example.net/new", "keys": BROWSER_KEYS},
    ),
    Rule(route="GET /v1/push-subscriptions", may=ROLES, people=True),
    Rule(
        route="DELETE /v1/push-subscriptions/{id}", may=ROLES, people=True, of=["browser"],
        answer=204,
    ),
    Rule(
        route="POST /v1/push-subscriptions/{id}/test", may=ROLES, people=True, of=["browser"],
    ),
    Rule(route="POST /v1/sign-in/passkey/options", public=True, body={"network": "first"}),
    Rule(
        route="POST /v1/sign-in/passkey", public=True, answer=401, code="wrong-passkey",
        body={"credential": {**NO_PASSKEY, "response": {
            "clientDataJSON": "e30", "authenticatorData": "oA", "signature": "oA",
        }}},
    ),
)  # fmt: skip

PEOPLE: Final = (
    Rule(route="GET /v1/interpreters", may=BOTH_SIDES, scope=PROFILES),
    Rule(
        route="POST /v1/interpreters", may=COORDINATOR, scope="roster:write", body=PERSON,
        answer=201,
    ),
    Rule(
        route="GET /v1/interpreters/{id}", may=BOTH_SIDES, scope=PROFILES, of=["interpreter"],
    ),
    Rule(
        route="PATCH /v1/interpreters/{id}", may=ROSTER, scope="roster:write", of=["interpreter"],
        body={"travel_radius_km": 30},
    ),
    Rule(
        route="GET /v1/interpreters/{id}/availability", may=ROSTER, scope="roster:read",
        of=["interpreter"],
    ),
    Rule(
        route="PUT /v1/interpreters/{id}/availability", may=ROSTER, scope="roster:write",
        of=["interpreter"], body={"weekly": [{"day": "mon", "from": "09:00", "to": "17:00"}]},
    ),
    Rule(
        route="PUT /v1/interpreters/{id}/availability/now", may=ROSTER, scope="roster:write",
        of=["interpreter"], body={"until": "2026-11-24T20:00:00Z"},
    ),
    Rule(
        route="GET /v1/interpreters/{id}/free-busy", may=ROSTER, scope="roster:read",
        of=["interpreter"], query="from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z",
    ),
    Rule(
        route="GET /v1/interpreters/{id}/absences", may=ROSTER, scope="roster:read",
        of=["interpreter"],
    ),
    Rule(
        route="POST /v1/interpreters/{id}/absences", may=ROSTER, scope="roster:write",
        of=["interpreter"], answer=201,
        body={"starts_at": "2026-12-24T00:00:00Z", "ends_at": "2026-12-26T00:00:00Z"},
    ),
    Rule(
        route="DELETE /v1/interpreters/{id}/absences/{absence_id}", may=ROSTER,
        scope="roster:write", of=["interpreter", "absence"], answer=204,
    ),
    Rule(
        route="GET /v1/interpreters/{id}/credentials", may=ROSTER, scope="roster:read",
        of=["interpreter"],
    ),
    # Papers are kept by coordinators, who have seen them.
    Rule(
        route="POST /v1/interpreters/{id}/credentials", may=COORDINATOR, scope="roster:write",
        of=["interpreter"], body={"kind": "court"}, answer=201,
    ),
    Rule(
        route="DELETE /v1/interpreters/{id}/credentials/{credential_id}", may=COORDINATOR,
        scope="roster:write", of=["interpreter", "credential"], answer=204,
    ),
)  # fmt: skip

STAFF: Final = (
    Rule(
        route="GET /v1/users", may=COORDINATOR, scope="users:read",
        filters={"institution_id": "institution"},
    ),
    Rule(
        route="POST /v1/users", may=COORDINATOR, scope="users:write", answer=201,
        body={"roles": ["finance"], "email": "somebody@example.org"},
    ),
    Rule(route="GET /v1/users/{id}", may=COORDINATOR, scope="users:read", of=["user"]),
    Rule(
        route="PATCH /v1/users/{id}", may=COORDINATOR, scope="users:write", of=["user"],
        body={"display_name": "Somebody else"},
    ),
    Rule(
        route="POST /v1/users/{id}/invite", may=COORDINATOR, scope="users:write", of=["user"],
        body={},
    ),
    # What is imported decides the scope: tests/http/test_imports.py.
    Rule(route="POST /v1/imports", may=ASKERS, body=FORM, headers={"Content-Type": FORM_TYPE}),
    # An export's; of imports and plans: tests/http/test_imports.py and test_plans.py.
    Rule(route="GET /v1/operations/{id}", may=PAYING, of=["operation"]),
    Rule(route="GET /v1/operations/{id}/file", may=PAYING, scope="usage:read", of=["operation"]),
    Rule(
        route="POST /v1/exports", may=PAYING, scope="usage:read", answer=202,
        body={"kind": "usage_entries", "from": "2026-01-01", "to": "2027-01-01"},
    ),
    Rule(route="GET /v1/identity-providers", may=COORDINATOR, scope="users:read"),
    Rule(
        route="POST /v1/identity-providers", may=COORDINATOR, scope="users:write", answer=201,
        body={"name": "Login", "issuer": "https://id.example.org", "client_id": "desk"},
    ),
    Rule(
        route="GET /v1/identity-providers/{id}", may=COORDINATOR, scope="users:read",
        of=["identity_provider"],
    ),
    Rule(
        route="PATCH /v1/identity-providers/{id}", may=COORDINATOR, scope="users:write",
        of=["identity_provider"], body={"name": "Renamed"},
    ),
    Rule(
        route="DELETE /v1/identity-providers/{id}", may=COORDINATOR, scope="users:write",
        of=["identity_provider"], answer=204,
    ),
    # A provider that is none, and an answer that nobody asked for.
    Rule(route="GET /sign-in/with/{id}", public=True, answer=404),
    Rule(route="GET /sign-in/with/callback", public=True, answer=400),
    Rule(route="PATCH /v1/me", may=ROLES, people=True, body={"language": "lv"}),
    # Whoever has the link is who they are; one that is none is over.
    Rule(route="GET /join/{token}", public=True, answer=410),
    Rule(
        route="POST /join/{token}", public=True, answer=410, broken="410", body=b"",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    ),
    Rule(
        route="POST /v1/applications", public=True, answer=404, code="applications-closed",
        body={**PERSON, "network": "first"},
    ),
    *(
        Rule(
            route=f"POST /v1/interpreters/{{id}}/{verb}", may=COORDINATOR, scope="roster:write",
            of=["interpreter"], body=body,
        )
        for verb, body in (("invite", {}), ("vet", {}), ("activate", {}), ("suspend", REASON))
    ),
)  # fmt: skip

PLACES: Final = (
    Rule(route="GET /v1/network", may=("coordinator", "finance"), scope="network:read"),
    Rule(
        route="PATCH /v1/network", may=COORDINATOR, scope="network:write", body={"name": "Renamed"},
    ),
    Rule(route="GET /v1/on-call", may=COORDINATOR, scope="network:read"),
    Rule(
        route="PUT /v1/on-call", may=COORDINATOR, scope="network:write", body={"rows": []},
    ),
    Rule(route="GET /v1/on-call/now", may=COORDINATOR, scope="network:read"),
    Rule(route="GET /v1/me", may=ROLES),
    Rule(route="GET /v1/institutions", may=PAYING, scope="institutions:read"),
    Rule(
        route="POST /v1/institutions", may=COORDINATOR, scope="institutions:write",
        body={"name": "Police", "kind": "justice"}, answer=201,
    ),
    Rule(route="GET /v1/tariffs", may=PAYING, scope="usage:read"),
    Rule(
        route="POST /v1/tariffs", may=WHOLE_NETWORK, scope="tariffs:write", body=TARIFF,
        answer=201,
    ),
    Rule(route="GET /v1/tariffs/{id}", may=PAYING, scope="usage:read", of=["tariff"]),
    Rule(route="GET /v1/fundings", may=PAYING, scope="usage:read"),
    Rule(
        route="POST /v1/fundings", may=WHOLE_NETWORK, scope="tariffs:write", body=FUNDING,
        answer=201,
    ),
    Rule(route="GET /v1/fundings/{id}", may=PAYING, scope="usage:read", of=["funding"]),
    Rule(
        route="PATCH /v1/fundings/{id}", may=WHOLE_NETWORK, scope="tariffs:write",
        of=["funding"], body={"name": "Renamed"},
    ),
    Rule(route="GET /v1/cancellation-policies", may=PAYING, scope="usage:read"),
    Rule(
        route="POST /v1/cancellation-policies", may=WHOLE_NETWORK, scope="tariffs:write",
        body=POLICY, answer=201,
    ),
    Rule(
        route="GET /v1/cancellation-policies/presets", may=WHOLE_NETWORK, scope="usage:read",
    ),
    Rule(
        route="GET /v1/cancellation-policies/{id}", may=PAYING, scope="usage:read",
        of=["policy"],
    ),
    Rule(
        route="GET /v1/institutions/{id}", may=PAYING, scope="institutions:read",
        of=["institution"],
    ),
    Rule(
        route="PATCH /v1/institutions/{id}", may=COORDINATOR, scope="institutions:write",
        of=["institution"], body={"name": "Renamed"},
    ),
    Rule(
        route="GET /v1/institutions/{id}/sites", may=PAYING, scope="institutions:read",
        of=["institution"],
    ),
    Rule(
        route="POST /v1/institutions/{id}/sites", may=COORDINATOR, scope="institutions:write",
        of=["institution"], body={"name": "Annex"}, answer=201,
    ),
    Rule(
        route="GET /v1/institutions/{id}/sites/{site_id}", may=PAYING, scope="institutions:read",
        of=["institution", "site"],
    ),
    Rule(
        route="PATCH /v1/institutions/{id}/sites/{site_id}", may=COORDINATOR,
        scope="institutions:write", of=["institution", "site"], body={"city": "Ventspils"},
    ),
    Rule(
        route="GET /v1/institutions/{id}/keys", may=COORDINATOR, scope="keys:write",
        of=["institution"],
    ),
    Rule(
        route="POST /v1/institutions/{id}/keys", may=COORDINATOR, scope="keys:write",
        of=["institution"], body={}, answer=201,
    ),
    Rule(
        route="DELETE /v1/institutions/{id}/keys/{key_id}", may=COORDINATOR, scope="keys:write",
        of=["institution", "key"], answer=204,
    ),
    Rule(
        route="GET /v1/clients", may=ASKERS, scope="clients:read",
        filters={"institution_id": "institution"},
    ),
    Rule(
        route="POST /v1/clients", may=ASKERS, scope="clients:write", answer=201,
        body={"institution_id": "@institution", "reference": "LV-2"},
    ),
    Rule(route="GET /v1/clients/{id}", may=ASKERS, scope="clients:read", of=["client"]),
    Rule(
        route="DELETE /v1/clients/{id}", may=ASKERS, scope="clients:write", of=["client"],
        answer=204,
    ),
)  # fmt: skip

WORK: Final = (
    Rule(
        route="GET /v1/requests", may=ASKERS, scope="requests:read", followed=True,
        filters={"institution_id": "institution"},
    ),
    Rule(route="POST /v1/requests", may=ASKERS, scope="requests:write", body=ASKED, answer=201),
    Rule(route="POST /v1/requests/preview", may=ASKERS, scope="requests:write", body=ASKED),
    Rule(route="GET /v1/requests/{id}", may=ASKERS, scope="requests:read", of=["request"]),
    Rule(
        route="PATCH /v1/requests/{id}", may=ASKERS, scope="requests:write", of=["request"],
        body={"cost_centre": "12"},
    ),
    # People an institution has not booked are for coordinators alone.
    Rule(
        route="GET /v1/requests/{id}/candidates", may=COORDINATOR, scope="requests:read",
        of=["request"],
    ),
    Rule(
        route="POST /v1/requests/{id}/assign", may=COORDINATOR, scope="requests:write",
        of=["request"], body={"interpreter_id": "@interpreter"}, answer=201,
    ),
    Rule(
        route="POST /v1/requests/{id}/widen", may=ASKERS, scope="requests:write", of=["request"],
        body={"other_mode": True},
    ),
    Rule(
        route="POST /v1/requests/{id}/split", may=ASKERS, scope="requests:write", of=["request"],
        answer=409, code="wrong-state", broken="409 wrong-state",
    ),
    Rule(
        route="GET /v1/requests/{id}/candidates/{interpreter_id}", may=COORDINATOR,
        scope="requests:read", of=["request", "interpreter"], apart=True,
    ),
    Rule(
        route="POST /v1/requests/{id}/cancel", may=ASKERS, scope="requests:write", of=["request"],
        body=REASON,
    ),
    # Nobody was called about it: it is not urgent.
    Rule(
        route="POST /v1/requests/{id}/escalations/acknowledge", may=COORDINATOR,
        scope="requests:write", of=["request"], body={}, answer=409,
        code="nobody-was-called", broken="409 nobody-was-called",
    ),
    Rule(route="GET /v1/offers", may=ROSTER, scope="offers:read"),
    Rule(route="GET /v1/offers/{id}", may=ROSTER, scope="offers:read", of=["offer"]),
    # What they saw, and a yes, is nobody's but the interpreter's own.
    Rule(
        route="POST /v1/offers/{id}/seen", may=("interpreter",), scope="offers:write",
        of=["offer"], body={},
    ),
    Rule(
        route="POST /v1/offers/{id}/accept", may=("interpreter",), scope="offers:write",
        of=["offer"], body={},
    ),
    Rule(
        route="POST /v1/offers/{id}/decline", may=("interpreter",), scope="offers:write",
        of=["offer"], body=REASON,
    ),
    Rule(
        route="GET /v1/bookings", may=BOTH_SIDES, scope="bookings:read", followed=True,
        filters={"institution_id": "institution", "interpreter_id": "interpreter"},
    ),
    Rule(route="GET /v1/bookings/{id}", may=BOTH_SIDES, scope="bookings:read", of=["booking"]),
    Rule(
        route="POST /v1/bookings/{id}/check-in", may=SESSION, scope="bookings:write",
        of=["booking"], body={},
    ),
    Rule(
        route="POST /v1/bookings/{id}/start", may=SESSION, scope="bookings:write",
        of=["booking"], body={},
    ),
    Rule(
        route="POST /v1/bookings/{id}/end", may=SESSION, scope="bookings:write", of=["session"],
        body={},
    ),
    Rule(
        route="POST /v1/bookings/{id}/running-late", may=SESSION, scope="bookings:write",
        of=["booking"], body={"minutes": 10},
    ),
    Rule(
        route="POST /v1/bookings/{id}/no-conflict", may=("interpreter",), scope="bookings:write",
        of=["booking"], body={},
    ),
    Rule(
        route="POST /v1/bookings/{id}/extend", may=BOTH_SIDES, scope="bookings:write",
        of=["booking"], body={"minutes": 15},
    ),
    Rule(
        route="POST /v1/bookings/{id}/client-no-show", may=BOTH_SIDES, scope="bookings:write",
        of=["booking"], body={},
    ),
    # Each side says of the other that it did not come.
    Rule(
        route="POST /v1/bookings/{id}/interpreter-no-show", may=ASKERS, scope="bookings:write",
        of=["booking"], body={},
    ),
    Rule(
        route="POST /v1/bookings/{id}/cancel", may=ASKERS, scope="bookings:write", of=["booking"],
        body=REASON,
    ),
    Rule(
        route="POST /v1/bookings/{id}/give-back", may=SESSION, scope="bookings:write",
        of=["booking"], body=REASON,
    ),
    Rule(
        route="GET /v1/usage/entries", may=PAYING, scope="usage:read", followed=True,
        filters={
            "institution_id": "institution", "client_id": "client", "interpreter_id": "interpreter",
        },
    ),
    Rule(
        route="GET /v1/statements", may=PAYING, scope="usage:read",
        filters={"institution_id": "institution"},
    ),
    Rule(
        route="GET /v1/statements/{id}/{month}", may=PAYING, scope="usage:read",
        of=["institution", "month"],
    ),
    Rule(
        route="POST /v1/statements/{id}/{month}/issue", may=WHOLE_NETWORK,
        scope="statements:write", of=["institution", "month"],
        body={"early": True, "leave_open": True},
    ),
    Rule(
        route="POST /v1/statements/{id}/{month}/reopen", may=WHOLE_NETWORK,
        scope="statements:write", of=["institution", "month"], body=REASON, answer=409,
        code="statement-not-issued",
    ),
    Rule(
        route="POST /v1/statements/close", may=WHOLE_NETWORK, scope="statements:write",
        body={"month": "2026-11", "early": True},
    ),
    Rule(
        route="GET /v1/pay-statements", may=PAID, scope=PAID_SCOPES,
        filters={"interpreter_id": "interpreter"},
    ),
    Rule(
        route="GET /v1/pay-statements/{id}/{month}", may=PAID, scope=PAID_SCOPES,
        of=["interpreter", "month"],
    ),
    Rule(
        route="POST /v1/pay-statements/{id}/{month}/issue", may=WHOLE_NETWORK,
        scope="statements:write", of=["interpreter", "month"],
        body={"early": True, "leave_open": True},
    ),
    Rule(
        route="POST /v1/pay-statements/{id}/{month}/reopen", may=WHOLE_NETWORK,
        scope="statements:write", of=["interpreter", "month"], body=REASON, answer=409,
        code="statement-not-issued",
    ),
    Rule(
        route="GET /v1/usage", may=PAYING, scope="usage:read",
        query=f"{DAYS}&group_by={GROUPINGS}",
    ),
    Rule(
        route="GET /v1/reports/fairness", may=COORDINATOR, scope="usage:read",
    ),
    Rule(
        route="GET /v1/reports/service", may=PAYING, scope="usage:read", query=DAYS,
        filters={"institution_id": "institution"},
    ),
    Rule(
        route="GET /v1/reports/grants/{id}", may=WHOLE_NETWORK, scope="usage:read",
        of=["funding"],
    ),
    Rule(
        route="GET /v1/usage/chart", may=PAYING, scope="usage:read", query=f"{DAYS}&group_by=mode"
    ),
    Rule(
        route="GET /v1/usage/entries/export", may=PAYING, scope="usage:read", query=DAYS,
        filters={"institution_id": "institution"},
    ),
    Rule(route="GET /v1/events", may=BOTH_SIDES, scope="events:read"),
)  # fmt: skip

SPENT: Final = {
    "kind": "taxi", "amount": {"amount_minor": 1200, "currency": "EUR"}, "beforehand": True,
}  # fmt: skip
SPENDING: Final = ("interpreter", "coordinator", "finance")
WRITES: Final = {
    "interpreter": "bookings:write", "coordinator": "expenses:write", "finance": "expenses:write",
}  # fmt: skip
READS: Final = {
    "interpreter": "bookings:read", "coordinator": "usage:read", "finance": "usage:read",
}  # fmt: skip
# What an interpreter asks to spend; it is not agreed, so nothing of it can be submitted.
EXPENSES: Final = (
    Rule(
        route="POST /v1/bookings/{id}/expenses", may=SPENDING, scope=WRITES, of=["booking"],
        body=SPENT, answer=201,
    ),
    Rule(
        route="GET /v1/expenses", may=SPENDING, scope=READS,
        filters={"booking_id": "booking", "interpreter_id": "interpreter"},
    ),
    Rule(route="GET /v1/expenses/{id}", may=SPENDING, scope=READS, of=["expense"]),
    Rule(
        route="POST /v1/expenses/{id}/submit", may=SPENDING, scope=WRITES, of=["expense"], body={},
        answer=409, code="wrong-state",
    ),
    Rule(
        route="POST /v1/expenses/{id}/approve", may=WHOLE_NETWORK, scope="expenses:write",
        of=["expense"], body={},
    ),
    Rule(
        route="POST /v1/expenses/{id}/refuse", may=WHOLE_NETWORK, scope="expenses:write",
        of=["expense"], body=REASON,
    ),
    Rule(
        route="POST /v1/expenses/{id}/withdraw", may=SPENDING, scope=WRITES, of=["expense"],
        body={},
    ),
)  # fmt: skip

RECEIPTS: Final = (
    Rule(
        route="GET /v1/bookings/{id}/receipt", may=BOTH_SIDES, scope="bookings:read",
        of=["booking"],
    ),
    Rule(route="GET /v1/receipt-keys", may=ROLES),
)  # fmt: skip

# The client's link. What one that lives shows is in tests/web; here there is none by this token.
LINKS: Final = (
    Rule(route="GET /c/{token}", public=True, answer=404),
    Rule(route="POST /c/{token}", public=True, answer=403, broken="403"),
    Rule(route="GET /languages", public=True),
    Rule(route="GET /static/dist/{name}", of=("built",), public=True),
    Rule(route="GET /static/workplace.css", public=True),
    Rule(route="GET /o/{token}", public=True, answer=404),
    Rule(route="POST /o/{token}", public=True, answer=403, broken="403"),
    Rule(
        route="POST /v1/bookings/{id}/client-link", may=ASKERS, scope="bookings:write",
        of=["booking"], body={}, answer=201,
    ),
    Rule(
        route="GET /v1/bookings/{id}/client-link", may=ASKERS, scope="bookings:read",
        of=["booking"],
    ),
    Rule(
        route="DELETE /v1/bookings/{id}/client-link", may=ASKERS, scope="bookings:write",
        of=["booking"], answer=204,
    ),
    Rule(
        route="GET /v1/client-voices", may=ASKERS, scope="bookings:read",
        filters={"booking_id": "booking"},
    ),
    Rule(
        route="POST /v1/client-voices/{id}/answer", may=COORDINATOR, scope="bookings:write",
        of=["voice"], body={"answer": "Somebody else comes"},
    ),
)  # fmt: skip

# What is said of a booking that is over. Whoever opened a dispute sees it, the other side does not.
OVER: Final = (
    Rule(route="GET /a/{token}", public=True, answer=404),
    Rule(route="POST /a/{token}", public=True, answer=403, broken="403"),
    Rule(
        route="POST /v1/bookings/{id}/approve", may=ASKERS, scope="bookings:write", of=["over"],
        body={},
    ),
    Rule(
        route="POST /v1/bookings/{id}/correct-times", may=SESSION, scope="bookings:write",
        of=["over"], body={"ended_at": "2026-11-24T08:50:00Z", "reason": "forgotten"},
    ),
    Rule(
        route="GET /v1/bookings/{id}/time-changes", may=BOTH_SIDES, scope="bookings:read",
        of=["over"],
    ),
    # Each side rates the other, and coordinators read it.
    Rule(
        route="POST /v1/bookings/{id}/rate", may=("consultant", "institution", "interpreter"),
        scope="bookings:write", of=["over"], body={"stars": 5},
    ),
    Rule(
        route="GET /v1/bookings/{id}/ratings", may=COORDINATOR, scope="bookings:read", of=["over"],
    ),
    Rule(
        route="POST /v1/bookings/{id}/dispute", may=BOTH_SIDES, scope="bookings:write",
        of=["over"], body=REASON,
    ),
    Rule(
        route="GET /v1/disputes", may=ROLES, scope=DISPUTES, filters={"booking_id": "over"},
    ),
    Rule(route="GET /v1/disputes/{id}", may=ROLES, scope=DISPUTES, of=["dispute"]),
    Rule(
        route="POST /v1/disputes/{id}/answer", may=WHOLE_NETWORK, scope="disputes:write",
        of=["dispute"], body={"answer": "So it was", "outcome": "upheld"},
    ),
)  # fmt: skip

# Calendars at secret addresses; by this token there is none.
CALENDARS: Final = (
    Rule(route="GET /calendar/{file}", public=True, answer=404),
    Rule(
        route="POST /v1/calendar-links", may=BOTH_SIDES, scope="bookings:write", answer=201,
        body={}, bodies={"coordinator": {"institution_id": "@institution"}},
    ),
    Rule(route="GET /v1/calendar-links", may=BOTH_SIDES, scope="bookings:read"),
    Rule(
        route="DELETE /v1/calendar-links/{id}", may=BOTH_SIDES, scope="bookings:write",
        of=["calendar_link"], answer=204,
    ),
    Rule(
        route="GET /v1/interpreters/{id}/external-calendar", may=ROSTER, scope="roster:read",
        of=["interpreter"],
    ),
    Rule(
        route="PUT /v1/interpreters/{id}/external-calendar", may=ROSTER, scope="roster:write",
        of=["interpreter"], body={"url": "webcal://calendars.example.org/mine.ics"},
    ),
    Rule(
        route="DELETE /v1/interpreters/{id}/external-calendar", may=ROSTER, scope="roster:write",
        of=["interpreter"], answer=204,
    ),
)  # fmt: skip

# What is kept about somebody, and who looked: /v1/audit is the coordinators' alone.
AUDIT: Final = (
    Rule(route="GET /v1/audit", may=COORDINATOR, scope="audit:read"),
    Rule(route="GET /v1/freed-slots", may=COORDINATOR, scope="roster:read"),
    Rule(route="POST /v1/plans", may=COORDINATOR, scope="requests:write", body={}, answer=201),
    Rule(route="GET /v1/plans", may=COORDINATOR, scope="requests:read"),
    Rule(route="GET /v1/plans/{id}", may=COORDINATOR, scope="requests:read", of=["plan"]),
    Rule(
        route="POST /v1/plans/{id}/accept", may=COORDINATOR, scope="requests:write", of=["plan"],
        body={},
    ),
    Rule(
        route="POST /v1/plans/{id}/dismiss", may=COORDINATOR, scope="requests:write", of=["plan"],
        body={},
    ),
    Rule(
        route="GET /v1/clients/{id}/export", may=("coordinator", "consultant"),
        scope="clients:read", of=["client"],
    ),
    Rule(
        route="GET /v1/interpreters/{id}/export", may=ROSTER, scope="roster:read",
        of=["interpreter"],
    ),
    Rule(route="GET /v1/users/{id}/export", may=COORDINATOR, scope="users:read", of=["user"]),
    Rule(route="GET /v1/me/export", may=ROLES, people=True),
    # Somebody waits for the interpreter of either side.
    Rule(
        route="POST /v1/interpreters/{id}/erase", may=COORDINATOR, scope="roster:write",
        of=["interpreter"], body={}, answer=409, code="has-bookings", broken="409 has-bookings",
    ),
    Rule(
        route="POST /v1/users/{id}/erase", may=COORDINATOR, scope="users:write", of=["user"],
        body={}, answer=409, code="has-bookings", broken="409 has-bookings",
    ),
)  # fmt: skip

# `wait=0`: what is there is told, and the stream ends.
STREAM: Final = Rule(route="GET /v1/stream", may=BOTH_SIDES, scope="events:read", query="wait=0")
HOOK: Final = {"url": "https://hooks.example.org/in"}
WEBHOOKS: Final = (
    STREAM,
    Rule(
        route="POST /v1/webhook-endpoints", may=ASKERS, scope="webhooks:write", body=HOOK,
        answer=201,
    ),
    Rule(route="GET /v1/webhook-endpoints", may=ASKERS, scope="events:read"),
    Rule(
        route="GET /v1/webhook-endpoints/{id}", may=ASKERS, scope="events:read",
        of=["webhook_endpoint"],
    ),
    Rule(
        route="PATCH /v1/webhook-endpoints/{id}", may=ASKERS, scope="webhooks:write",
        of=["webhook_endpoint"], body={"types": ["request.filled"]},
    ),
    Rule(
        route="DELETE /v1/webhook-endpoints/{id}", may=ASKERS, scope="webhooks:write",
        of=["webhook_endpoint"], answer=204,
    ),
    Rule(
        route="POST /v1/webhook-endpoints/{id}/ping", may=ASKERS, scope="webhooks:write",
        of=["webhook_endpoint"], body={},
    ),
    Rule(
        route="GET /v1/webhook-endpoints/{id}/deliveries", may=ASKERS, scope="events:read",
        of=["webhook_endpoint"],
    ),
    Rule(
        route="POST /v1/webhook-endpoints/{id}/replay", may=ASKERS, scope="webhooks:write",
        of=["webhook_endpoint"], body={"since": "2026-11-24T00:00:00Z"},
    ),
)  # fmt: skip

RULES: Final = (
    *PAGES, *SIGN_IN, *PEOPLE, *STAFF, *PLACES, *WORK, *EXPENSES, *RECEIPTS, *LINKS, *OVER,
    *CALENDARS, *AUDIT, *WEBHOOKS,
)  # fmt: skip
