"""What a provider says of a person: OpenID Connect Core 1.0 §3.1.3.7, §3.1.3.8, §5.6.2."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.callers import Role
from interpreters.domain.id_tokens import Signed, WrongToken
from interpreters.domain.provider_claims import (
    check_id_token,
    groups_in,
    may_give,
    may_vouch_for,
    name_in,
    roles_after,
    roles_given,
    roles_spoken_of,
    verified_email,
)

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())
GOOD: dict[str, Any] = {
    "iss": "https://id.example.org", "aud": "us", "sub": "248289761001", "nonce": "n-0S6",
    "exp": STAMP + 300, "iat": STAMP,
}  # fmt: skip
INSTITUTION = UUID(int=7)


def checked(
    changed: dict[str, Any], *, access_token: str | None = "at", algorithm: str = "RS256",
    now: datetime = NOW,
) -> str:  # fmt: skip
    claims = {k: v for k, v in {**GOOD, **changed}.items() if v is not None}
    return check_id_token(
        Signed(algorithm=algorithm, claims=claims), issuer="https://id.example.org",
        client_id="us", nonce="n-0S6", access_token=access_token, now=now,
    )  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [{}, {"aud": ["us"]}, {"azp": "us"}, {"nbf": STAMP}, {"exp": STAMP + 300.5}],
)
def test_a_right_token_tells_its_subject(changed: dict[str, Any]) -> None:
    assert checked(changed) == "248289761001"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"iss": "https://id.example.org/"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "them"}, "audience"),
        ({"aud": ["us", "them"]}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": None}, "audience"),
        ({"azp": "them"}, "authorized-party"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": 5}, "nonce"),
        ({"at_hash": "AAAA"}, "access-token"),
        ({"exp": None}, "times"),
        ({"iat": None}, "times"),
        ({"exp": str(STAMP + 300)}, "times"),
        ({"exp": True}, "times"),
        ({"exp": float("inf")}, "times"),
        ({"iat": float("nan")}, "times"),
        ({"nbf": "now"}, "times"),
        ({"sub": None}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sub": 5}, "subject"),
        ({"sub": "a" * 256}, "subject"),
        ({"sub": "a\x00b"}, "subject"),
        ({"sub": "ā"}, "subject"),
    ],
)
def test_a_token_for_others_is_not_believed(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(WrongToken, match=f"^{why}$"):
        checked(changed)


@pytest.mark.parametrize(
    ("changed", "later", "why"),
    [
        ({"exp": STAMP}, 59, None),
        ({"exp": STAMP}, 59.999, None),
        ({"exp": STAMP}, 60, "expired"),
        ({"exp": STAMP}, 61, "expired"),
        ({"iat": STAMP + 60}, 0, None),
        ({"iat": STAMP + 61}, 0, "from-the-future"),
        ({"iat": STAMP + 61}, 1, None),
        ({"nbf": STAMP + 60}, 0, None),
        ({"nbf": STAMP + 61}, 0, "from-the-future"),
    ],
)
def test_clocks_may_differ_by_a_minute(
    changed: dict[str, Any], later: float, why: str | None
) -> None:
    now = NOW + timedelta(seconds=later)
    if why is None:
        assert checked(changed, now=now)
    else:
        with pytest.raises(WrongToken, match=f"^{why}$"):
            checked(changed, now=now)


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [("RS256", hashlib.sha256), ("ES256", hashlib.sha256), ("EdDSA", hashlib.sha512)],
)
def test_the_hash_of_the_access_token_is_its_left_half(algorithm: str, digest: Any) -> None:
    whole = digest(b"at").digest()
    half = base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode()
    assert checked({"at_hash": half}, algorithm=algorithm)
    with pytest.raises(WrongToken, match="access-token"):
        checked({"at_hash": half}, algorithm=algorithm, access_token="another")
    with pytest.raises(WrongToken, match="access-token"):
        checked({"at_hash": half}, algorithm=algorithm, access_token=None)


def test_the_hash_of_the_specifications_own_example() -> None:
    """OpenID Connect Core 1.0 appendix A.3."""
    assert checked(
        {"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"},
        access_token="jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
    )


@pytest.mark.parametrize(
    ("claims", "groups"),
    [
        ({"groups": ["a", "b"]}, {"a", "b"}),
        ({"groups": "a"}, {"a"}),
        ({"groups": []}, set()),
        ({"groups": None}, set()),
        ({"groups": {"a": 1}}, set()),
        ({"groups": ["a", 5, None, ["b"]]}, {"a"}),
        ({}, None),
    ],
)
def test_groups_are_a_list_of_texts(claims: dict[str, Any], groups: set[str] | None) -> None:
    assert groups_in(claims, "groups") == groups


def test_groups_that_stand_elsewhere_are_not_no_groups() -> None:
    with pytest.raises(WrongToken, match="groups-elsewhere"):
        groups_in({"_claim_names": {"groups": "src1"}}, "groups")


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        ({"email": "Anna@Example.org", "email_verified": True}, "anna@example.org"),
        ({"email": "a@b.lv", "email_verified": "true"}, "a@b.lv"),
        ({"email": "a@b.lv"}, None),
        ({"email": "a@b.lv", "email_verified": False}, None),
        ({"email": "a@b.lv", "email_verified": "false"}, None),
        ({"email": "a@b.lv", "email_verified": 1}, None),
        ({"email": "a@b@c.lv", "email_verified": True}, None),
        ({"email": "a b@c.lv", "email_verified": True}, None),
        ({"email": "a@localhost", "email_verified": True}, None),
        ({"email": "a\x00@b.lv", "email_verified": True}, None),
        ({"email": "", "email_verified": True}, None),
        ({"email": ["a@b.lv"], "email_verified": True}, None),
        ({"email": "a" * 250 + "@b.lv", "email_verified": True}, None),
        ({"email_verified": True}, None),
    ],
)
def test_only_an_address_the_provider_verified_counts(
    claims: dict[str, Any], email: str | None
) -> None:
    assert verified_email(claims) == email


def test_a_name_is_shown_as_far_as_it_can_be() -> None:
    assert name_in({"name": " Anna\x00 Ozola\n"}) == "Anna Ozola"
    assert name_in({"name": "x" * 300}) == "x" * 200
    assert name_in({"name": "\x00"}) is None
    assert name_in({"name": 5}) is None
    assert name_in({}) is None


def test_an_institutions_provider_gives_and_vouches_for_consultants_alone() -> None:
    assert may_give(INSTITUTION) == may_vouch_for(INSTITUTION) == {"consultant"}


def test_no_provider_makes_interpreters_or_software() -> None:
    assert may_give(None) == {"coordinator", "finance"}
    assert may_vouch_for(None) == {"coordinator", "finance", "interpreter"}


GROUPS: dict[str, list[Role]] = {"desk": ["coordinator"], "money": ["finance", "coordinator"]}


def test_each_group_adds_its_roles_to_everybodys() -> None:
    assert roles_given({"desk"}, GROUPS, []) == {"coordinator"}
    assert roles_given({"desk", "money", "others"}, GROUPS, []) == {"coordinator", "finance"}
    assert roles_given(set(), GROUPS, ["finance"]) == {"finance"}
    assert roles_given({"DESK"}, GROUPS, []) == set()
    assert roles_spoken_of(GROUPS, []) == {"coordinator", "finance"}
    assert roles_spoken_of({"desk": ["coordinator"]}, []) == {"coordinator"}


ROLES = st.sets(st.sampled_from(["coordinator", "finance", "consultant", "interpreter"]))


@given(current=ROLES, given=ROLES, spoken_of=ROLES)
def test_the_provider_decides_about_what_it_speaks_of_and_nothing_else(
    current: Any, given: Any, spoken_of: Any
) -> None:
    given &= spoken_of
    after = roles_after(current, given=given, spoken_of=spoken_of)
    assert set(after) & spoken_of == given
    assert set(after) - spoken_of == current - spoken_of
    assert len(after) == len(set(after))
    assert roles_after(after, given=given, spoken_of=spoken_of) == after
