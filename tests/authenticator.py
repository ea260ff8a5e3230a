"""A passkey's holder in software: what a telephone or a security key does, byte by byte.

`soft_webauthn` makes keys and signatures but never verifies its person, which is required here; so
its answers get that flag (WebAuthn level 3 section 6.1), and are signed again.
"""

import json
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.utils import sha256
from soft_webauthn import SoftWebauthnDevice
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

FLAGS: Final = 32  # their place: after the hash of the domain
VERIFIED: Final = 0x04
ORIGIN: Final = "http://localhost:8000"


class Authenticator:
    """A device with one passkey; a `copy` has the same one, and counts for itself."""

    def __init__(self, *, verifies: bool = True) -> None:
        self.device: Any = SoftWebauthnDevice()
        self.flag = VERIFIED if verifies else 0

    def make(
        self, options: dict[str, Any], origin: str = ORIGIN, *, anew: bool = True
    ) -> dict[str, Any]:
        """Answer creation options as a browser on a page of `origin` does, as JSON.

        With the passkey it has already, unless `anew`.
        """
        if not anew:
            self.device.cred_init = lambda *_: None
        asked = {
            **options,
            "challenge": base64url_to_bytes(options["challenge"]),
            "user": {**options["user"], "id": base64url_to_bytes(options["user"]["id"])},
            "pubKeyCredParams": [
                {"type": "public-key", "alg": one["alg"]} for one in options["pubKeyCredParams"]
            ],
        }
        made = self.device.create({"publicKey": asked}, origin)
        attestation: Any = cbor.decode(made["response"]["attestationObject"])
        attestation["authData"] = self._verified(attestation["authData"])
        return self._credential(
            clientDataJSON=made["response"]["clientDataJSON"],
            attestationObject=cbor.encode(attestation),
        )

    def answer(self, options: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
        """Answer request options as a browser on a page of `origin` does, as JSON."""
        asked = {**options, "challenge": base64url_to_bytes(options["challenge"])}
        got = self.device.get({"publicKey": asked}, origin)["response"]
        data = self._verified(got["authenticatorData"])
        signed = data + sha256(got["clientDataJSON"])
        return self._credential(
            clientDataJSON=got["clientDataJSON"],
            authenticatorData=data,
            signature=self.device.private_key.sign(signed, ec.ECDSA(hashes.SHA256())),
            userHandle=self.device.user_handle,
        )

    def copy(self) -> "Authenticator":
        made = Authenticator()
        made.device.__dict__ |= self.device.__dict__
        return made

    def _verified(self, data: bytes) -> bytes:
        return data[:FLAGS] + bytes([data[FLAGS] | self.flag]) + data[FLAGS + 1 :]

    def _credential(self, **response: bytes) -> dict[str, Any]:
        name = bytes_to_base64url(self.device.credential_id)
        return {
            "id": name, "rawId": name, "type": "public-key",
            "response": {key: bytes_to_base64url(value) for key, value in response.items()},
        }  # fmt: skip


def said(credential: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return the credential with other client data than was signed."""
    raw = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    response = {
        **credential["response"],
        "clientDataJSON": bytes_to_base64url(json.dumps({**raw, **changed}).encode()),
    }
    return {**credential, "response": response}
