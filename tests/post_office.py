"""Real SMTP servers for tests: aiosmtpd's, and one that says and breaks off what a test wants."""

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "desk", "p@ss word"


@dataclass
class PostOffice:
    """What a server was given, and what it answers where that is not 250."""

    answers: dict[str, str] = field(default_factory=dict)  # by command
    breaks_off: bool = False  # with the text in its hands, before it answers
    taken: list[Envelope] = field(default_factory=list)
    sessions: list[Any] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0
    lines: list[SMTP] = field(default_factory=list)

    def message(self, number: int = 0) -> EmailMessage:
        """One of the mails, as a reader of mail understands it."""
        read = message_from_bytes(self.raw(number), policy=policy.default)
        assert isinstance(read, EmailMessage)
        return read

    def raw(self, number: int = 0) -> bytes:
        content = self.taken[number].original_content
        assert content is not None
        return content

    def open_lines(self) -> int:
        return sum(one.transport is not None for one in self.lines)

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:  # noqa: N802 - aiosmtpd's name
        envelope.mail_from, envelope.mail_options = address, options
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 - aiosmtpd's name
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken.append(envelope)
        self.sessions.append(session)
        if self.breaks_off:
            server.transport.abort()
        return self.answers.get("DATA", "250 OK")

    def authenticate(self, server, session, envelope, mechanism, data) -> AuthResult:
        self.commands.append(f"AUTH {mechanism}")
        right = LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=data == right, handled=False)


@contextlib.asynccontextmanager
async def opened(
    office: PostOffice, *, tls: ssl.SSLContext | None = None, starttls: bool = False, **options: Any
) -> AsyncIterator[PostOffice]:
    """Run a server for the office; `tls` from the first byte, or after STARTTLS."""

    def line() -> SMTP:
        made = SMTP(
            office,
            hostname="mail.example",
            authenticator=office.authenticate,
            tls_context=tls if starttls else None,
            **options,
        )
        office.lines.append(made)
        return made

    first = None if starttls else tls
    server = await asyncio.get_running_loop().create_server(line, "127.0.0.1", 0, ssl=first)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        for one in office.lines:
            if one.transport is not None:
                one.transport.abort()
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def saying(
    lines: Sequence[str | None], *, pause: float = 0
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Run a server that says one line at a time, each but the first after one of the client's.

    None: it says nothing and keeps the line open. After the last line it breaks off. Yields its
    port and what it heard.
    """
    heard: list[bytes] = []
    over = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for number, line in enumerate(lines):
                if number:
                    text = (lines[number - 1] or "").startswith("354")
                    heard.append(await reader.readuntil(b"\r\n.\r\n" if text else b"\n"))
                if line is None:
                    await over.wait()
                    return
                await asyncio.sleep(pause)
                writer.write(line.encode() + b"\r\n")
                await writer.drain()
            if lines:
                heard.append(await reader.readline())
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        over.set()
        server.close()
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Authority:
    """A certificate authority made for a test; nobody else trusts it."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def found(cls, folder: Path) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate("Test authority", key.public_key(), "Test authority", key, ca=True)
        return cls(folder=folder, key=key, certificate=made)

    def trusted(self) -> ssl.SSLContext:
        """What a client that trusts it alone verifies with."""
        pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def server(self, *names: str) -> ssl.SSLContext:
        """What a server proves one of the names with: DNS names or IP addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(names[0], key.public_key(), "Test authority", self.key, names=names)
        file = self.folder / f"{names[0]}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _certificate(
    subject: str,
    key: ec.EllipticCurvePublicKey,
    issuer: str,
    signs: ec.EllipticCurvePrivateKey,
    *,
    ca: bool = False,
    names: Sequence[str] = (),
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signs.public_key()), critical=False
        )
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_name(one) for one in names]), critical=False
        )
    if ca:
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(signs, hashes.SHA256())


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
