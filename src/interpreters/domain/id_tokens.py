"""Whose signature an ID token bears: JWS in its compact form, under a provider's published keys.

Only asymmetric algorithms are known here at all, and each only with keys of its own kind: no
token without a signature, none "signed" with a published key as if it were a password (RFC 8725
§3.1, §3.2). A key that comes inside the token, or an address of one, is not looked at.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "RS256": {"kty": "RSA"},
    "PS256": {"kty": "RSA"},
    "ES256": {"kty": "EC", "crv": "P-256"},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},  # its name until RFC 9864
    "Ed25519": {"kty": "OKP", "crv": "Ed25519"},
}
LONGEST_HEADER: Final = 8192  # some providers send their certificates along
RSA_LENGTHS: Final = range(342, 1366 + 1)  # of a modulus in base64: 2048 to 8192 bits
UNREADABLE: Final = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


class WrongToken(Exception):
    """The token is not to be believed. `why` is one word of ours, and tells nothing of anybody."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class UnknownKey(WrongToken):
    """None of the keys is the one it names: the provider may have changed them."""


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says, and the algorithm it is signed with."""

    algorithm: str
    claims: dict[str, Any]


class _Registry(jws.JWSRegistry):
    """The algorithms that are known, and headers that are longer than the library's usual ones."""

    max_header_length = LONGEST_HEADER
    algorithms = {
        name: jws.JWSRegistry.algorithms["Ed25519" if name == "EdDSA" else name] for name in KINDS
    }


REGISTRY: Final = _Registry(algorithms=list(KINDS), strict_check_header=False)


def read_id_token(token: str, keys: Sequence[Mapping[str, Any]]) -> Signed:
    """Return what a token says, once one of the keys (JWK, RFC 7517) is found to have signed it.

    Raises:
        UnknownKey: the key it names is not among them.
        WrongToken: it is no such token, or its signature is not right.
    """
    try:
        found = jws.extract_compact(token.encode(), registry=REGISTRY)
        header = found.headers()
        algorithm, kid = header.get("alg"), header.get("kid")
    except UNREADABLE as error:
        raise WrongToken("no-token") from error
    if not isinstance(algorithm, str) or algorithm not in KINDS:
        raise WrongToken("algorithm")
    if "crit" in header or "b64" in header:  # RFC 7515 §4.1.11: we understand none
        raise WrongToken("critical-header")
    key = _key(keys, algorithm, kid)
    if not _is_signed(found, key):
        raise WrongToken("signature") if kid is not None else UnknownKey("signature")
    return Signed(algorithm=algorithm, claims=_claims(found.payload))


def _is_signed(found: jws.CompactSignature, key: Key) -> bool:
    try:
        return jws.validate_compact(found, key, registry=REGISTRY)
    except UNREADABLE:
        return False


def _key(keys: Sequence[Mapping[str, Any]], algorithm: str, kid: object) -> Key:
    """Return the one key that fits; without a `kid` there must be just one (OpenID Core §10.1)."""
    fitting = [one for one in keys if _fits(one, algorithm) and kid in (None, one.get("kid"))]
    if len(fitting) != 1:
        raise UnknownKey("key")
    try:
        return JWKRegistry.import_key(
            {name: fitting[0][name] for name in ("kty", "crv", "x", "y", "n", "e")
             if name in fitting[0]}
        )  # fmt: skip
    except UNREADABLE as error:
        raise UnknownKey("key") from error


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    """Tell whether a key is one to check signatures of the algorithm with."""
    kind = KINDS[algorithm]
    same = all(key.get(name) == value for name, value in kind.items())
    uses = key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm
    operations = key.get("key_ops", ["verify"])
    meant = isinstance(operations, list) and "verify" in operations
    return same and uses and meant and (kind["kty"] != "RSA" or _is_strong(key))


def _is_strong(key: Mapping[str, Any]) -> bool:
    """Weaker keys are forged, longer ones only cost us time."""
    modulus = key.get("n")
    return isinstance(modulus, str) and len(modulus) in RSA_LENGTHS


def _claims(payload: bytes | None) -> dict[str, Any]:
    try:
        return msgspec.json.decode(payload or b"", type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WrongToken("no-claims") from error
