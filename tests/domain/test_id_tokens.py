"""Whose signature a token bears: RFC 7515, RFC 8725, OpenID Connect Core 1.0 §10.1."""

import json
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from interpreters.domain.id_tokens import UnknownKey, WrongToken, read_id_token
from openid import KEY, OTHER_KEY, b64, signed, signed_by_password, unsigned

CLAIMS = {"iss": "https://id.example.org", "sub": "1"}
PUBLIC = KEY.as_dict(private=False)


def public(key: Any, **changed: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **changed}


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", KEY),
        ("PS256", KEY),
        ("ES256", ECKey.generate_key("P-256", {"kid": "ec"})),
        ("Ed25519", OKPKey.generate_key("Ed25519", {"kid": "ed"})),
        ("EdDSA", OKPKey.generate_key("Ed25519", {"kid": "ed"})),
    ],
)
def test_a_token_is_read_by_each_of_the_known_algorithms(algorithm: str, key: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # of making one, not of reading it
        token = signed(CLAIMS, key, algorithm=algorithm)
    found = read_id_token(token, [public(OTHER_KEY), public(key)])
    assert (found.algorithm, found.claims) == (algorithm, CLAIMS)


def test_a_token_without_a_signature_is_not_believed() -> None:
    with pytest.raises(WrongToken, match="algorithm"):
        read_id_token(unsigned(CLAIMS), [PUBLIC])


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_published_key_is_no_password(algorithm: str) -> None:
    password = KEY.as_pem(private=False)
    token = signed_by_password(CLAIMS, password, algorithm)
    as_key = {"kty": "oct", "kid": "first", "k": b64(password)}
    for keys in ([PUBLIC], [as_key], [PUBLIC, as_key]):
        with pytest.raises(WrongToken, match="algorithm"):
            read_id_token(token, keys)


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS384", "PS512"])
def test_other_algorithms_are_not_taken(algorithm: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        token = signed(CLAIMS, KEY, algorithm=algorithm)
    with pytest.raises(WrongToken, match="algorithm"):
        read_id_token(token, [PUBLIC])


def test_another_key_of_the_same_name_is_not_believed() -> None:
    forger = RSAKey.generate_key(2048, {"kid": "first"})
    with pytest.raises(WrongToken, match="signature"):
        read_id_token(signed(CLAIMS, forger), [PUBLIC])


def test_a_key_that_is_not_there_may_be_a_new_one() -> None:
    with pytest.raises(UnknownKey):
        read_id_token(signed(CLAIMS, OTHER_KEY), [PUBLIC])


def test_a_token_that_names_no_key_needs_just_one_that_fits() -> None:
    token = signed(CLAIMS, KEY, kid=None)
    assert read_id_token(token, [PUBLIC]).claims == CLAIMS
    with pytest.raises(UnknownKey):
        read_id_token(token, [PUBLIC, public(OTHER_KEY)])
    with pytest.raises(UnknownKey):  # the one there is was changed
        read_id_token(token, [public(OTHER_KEY)])


@pytest.mark.parametrize("part", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_that_comes_with_the_token_is_not_looked_at(part: str) -> None:
    forger = RSAKey.generate_key(2048, {"kid": "first"})
    brought = {"jwk": public(forger), "x5c": ["AAAA"]}.get(part, "https://evil.example.org/keys")
    with pytest.raises(WrongToken, match="signature"):
        read_id_token(signed(CLAIMS, forger, **{part: brought}), [PUBLIC])


@pytest.mark.parametrize(
    "changed",
    [
        {"use": "enc"}, {"alg": "RS512"}, {"kty": "EC"}, {"key_ops": ["encrypt"]},
        {"key_ops": "verify"}, {"n": 5}, {"n": "AQAB"}, {"n": "A" * 5000}, {"e": []},
    ],
)  # fmt: skip
def test_a_key_for_something_else_does_not_count(changed: dict[str, Any]) -> None:
    with pytest.raises(UnknownKey):
        read_id_token(signed(CLAIMS, KEY), [{**PUBLIC, **changed}])


def test_a_weak_key_does_not_count() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        weak = RSAKey.generate_key(1024, {"kid": "weak"})
        token = signed(CLAIMS, weak)
    with pytest.raises(UnknownKey):
        read_id_token(token, [public(weak)])


def test_what_is_critical_and_not_understood_is_refused() -> None:
    head = b64(b'{"alg":"RS256","kid":"first","crit":["b64"],"b64":false}')
    with pytest.raises(WrongToken):
        read_id_token(f"{head}.{{}}.AAAA", [PUBLIC])


def test_a_changed_claim_breaks_the_signature() -> None:
    head, _, signature = signed(CLAIMS, KEY).split(".")
    body = b64(b'{"iss":"https://id.example.org","sub":"2"}')
    with pytest.raises(WrongToken, match="signature"):
        read_id_token(f"{head}.{body}.{signature}", [PUBLIC])


@given(st.text() | st.binary().map(b64) | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True))
def test_whatever_is_sent_is_refused_and_nothing_worse(token: str) -> None:
    with pytest.raises(WrongToken):
        read_id_token(token, [PUBLIC])


@given(
    st.dictionaries(
        st.sampled_from(["alg", "kid", "crit", "typ", "jwk", "b64"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())
        | st.dictionaries(st.text(), st.text()) | st.sampled_from(["RS256", "first"]),
    ),
)  # fmt: skip
def test_whatever_head_a_token_has_nothing_worse_than_a_refusal_follows(head: Any) -> None:
    made = b64(json.dumps(head).encode())
    with pytest.raises(WrongToken):
        read_id_token(f"{made}.{b64(b'{}')}.{b64(b'x' * 256)}", [PUBLIC])
