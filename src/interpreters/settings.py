"""Settings: read once from the environment by each process, checked whole before it starts."""

import os
import re
import sys
import zoneinfo
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec
import pycountry
from msgspec import Meta

from interpreters.domain.mail_addresses import WrongMailAddress, read_mail_sender

PREFIX: Final = "INTERPRETERS_"
UNPREFIXED: Final = {"pg_bin": "PG_BIN", "valkey_bin": "VALKEY_BIN"}
HIDDEN: Final = "hidden"
# May also be named by a file: INTERPRETERS_SMS_TOKEN_FILE=/run/secrets/sms-token
SECRETS: Final = (
    "database_url",
    "owner_database_url",
    "redis_url",
    "metrics_token",
    "smtp_url",
    "sms_token",
)
STARTTLS: Final = ("auto", "required", "never")
SMS_FROM: Final = r"^(\+[1-9][0-9]{6,14}|[A-Za-z0-9 ]{1,11}|MG[0-9a-f]{32})\Z"
LOCAL: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]*)(:\d{1,5})?")

Text = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"^[^\x00]*\Z")]
PerMinute = Annotated[int, Meta(ge=1, le=10_000_000)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]
LogLevel = Literal["debug", "info", "warning", "error"]


class WrongSettings(Exception):
    """Some variable of the environment cannot be used; the text names it and says why."""


def variable(name: str) -> str:
    """Return the variable of the environment behind a field."""
    return UNPREFIXED.get(name, PREFIX + name.upper())


class Settings(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename=variable,
):
    """One field for each variable; with nothing set, everything runs on this machine."""

    # where things are
    database_url: Text | None = None  # none: the embedded PostgreSQL
    owner_database_url: Text | None = None  # for `migrate`; the application's role owns nothing
    redis_url: Text | None = None  # none: the embedded Valkey
    data_dir: Text = "./data"
    pg_bin: Text | None = None
    valkey_bin: Text | None = None

    # what seals personal texts in the database
    secret_keys: Text | None = None  # `number:base64`, between commas; none: the file
    secret_keys_file: Text | None = None  # none: `secret-keys` in the data folder

    # the web process
    host: Text = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    web_workers: Annotated[int, Meta(ge=1, le=64)] = 1
    metrics_token: Text | None = None  # none: /metrics answers loopback only
    public_url: Text | None = None  # where people reach us; none: http://host:port
    demo: bool = False  # pages that only a demonstration on this machine may show
    supervised: bool = False  # set by `up` and `demo` for their children: end when they end

    # mail and text messages; none: nothing is sent that way
    smtp_url: Text | None = None  # smtp://user:password@host:587?starttls=required, smtps://…
    mail_from: Text | None = None  # an address, with or without a name
    sms_url: Text = "https://api.twilio.com"
    sms_account: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,100}\Z")] | None = None
    sms_token: Text | None = None
    # texts a day to the own country, and a tenth of it to any other
    texts_per_day: Annotated[int, Meta(ge=0, le=1_000_000)] = 300
    sms_from: Annotated[str, Meta(pattern=SMS_FROM)] | None = None

    # the database pool of each process
    pool_size: Annotated[int, Meta(ge=1, le=100)] = 4
    statement_timeout_seconds: Seconds = 10.0

    # the first network of `up`
    network_name: Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]+\Z")] = "Interpreters"
    network_time_zone: Text = "UTC"
    network_currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")] = "EUR"
    network_country: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")] | None = None

    # limits: requests per minute, and how many at once
    rate_token_per_minute: PerMinute = 3000
    rate_token_burst: PerMinute = 500
    rate_address_per_minute: PerMinute = 1200
    rate_address_burst: PerMinute = 500
    rate_sign_in_per_minute: PerMinute = 60  # of one address, on top of its own limit
    rate_sign_in_burst: PerMinute = 30
    trusted_proxies: Text | None = None  # whose X-Forwarded-For counts: addresses, networks

    allow_private_urls: bool = False  # webhooks may go to private addresses
    log_level: LogLevel = "info"

    def __post_init__(self) -> None:
        _check_url("database_url", self.database_url, ("postgresql", "postgres"))
        _check_url("owner_database_url", self.owner_database_url, ("postgresql", "postgres"))
        _check_url("public_url", self.public_url, ("https", "http"))
        _check_url("redis_url", self.redis_url, ("redis", "rediss", "unix"))
        _check_mail(self.smtp_url, self.mail_from)
        _check_texts(self.sms_url, (self.sms_account, self.sms_token, self.sms_from))
        _ = self.proxies
        if self.network_time_zone not in zoneinfo.available_timezones():
            raise _wrong("network_time_zone", "is not a time zone such as Europe/Riga")
        country = self.network_country
        if country is not None and pycountry.countries.get(alpha_2=country) is None:
            raise _wrong("network_country", "is not a country of ISO 3166-1 such as LV")

    @property
    def base_url(self) -> str:
        """Where people reach us, without a slash at the end; a local address where none is set."""
        host = LOCAL.get(self.host, self.host)
        near = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        return (self.public_url or near).rstrip("/")

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of the proxies that are believed."""
        named = [one.strip() for one in (self.trusted_proxies or "").split(",") if one.strip()]
        try:
            return tuple(ip_network(one) for one in named)
        except ValueError:
            raise _wrong("trusted_proxies", "is no list such as 10.0.0.0/8,::1") from None

    def __repr__(self) -> str:
        """Show everything but passwords and tokens."""
        shown = {name: _shown(name, getattr(self, name)) for name in self.__struct_fields__}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def load(environ: Mapping[str, str]) -> Settings:
    """Return the settings; a variable set to nothing counts as not set.

    The file of a NAME_FILE is read here and never again.

    Raises:
        WrongSettings: a value is wrong, or the name of an INTERPRETERS_ variable is unknown.
    """
    known = {field.encode_name for field in msgspec.structs.fields(Settings)}
    given = {
        name: value
        for name, value in environ.items()
        if value and (name in known or name.startswith(PREFIX))
    }
    for name in map(variable, SECRETS):
        if path := given.pop(f"{name}_FILE", None):
            if name in given:
                raise WrongSettings(f"{name}_FILE: {name} is set too")
            given[name] = _read_secret(f"{name}_FILE", path)
    if unknown := sorted(set(given) - known):
        raise WrongSettings(f"{', '.join(unknown)}: there is no such setting")
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise WrongSettings(_sentence(str(error))) from error


def load_or_exit() -> Settings:
    """Return the settings of this process, or say what is wrong on stderr and exit with 2."""
    try:
        return load(os.environ)
    except WrongSettings as wrong:
        sys.stderr.write(f"interpreters: {wrong}\n")
        raise SystemExit(2) from None


def _read_secret(name: str, path: str) -> str:
    try:
        read = Path(path).read_text(encoding="utf-8").strip("\r\n")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise WrongSettings(f"{name}: the file cannot be read ({why})") from None
    if not read:
        raise WrongSettings(f"{name}: the file is empty")
    return read


def _check_mail(url: str | None, sender: str | None) -> None:
    _check_url("smtp_url", url, ("smtp", "smtps"))
    if url is not None:
        parts = urlsplit(url)
        allowed = [f"starttls={one}" for one in STARTTLS] if parts.scheme == "smtp" else []
        if not parts.hostname or parts.path not in {"", "/"} or parts.fragment:
            raise _wrong("smtp_url", "is not an address such as smtp://user:password@host:587")
        if parts.query and parts.query not in allowed:
            raise _wrong(
                "smtp_url", "may end with ?starttls=auto, required or never (smtp:// only)"
            )
        if sender is None:
            raise _wrong("smtp_url", f"needs {variable('mail_from')} beside it")
    try:
        read_mail_sender(sender or "desk@example.org")
    except WrongMailAddress as error:
        raise _wrong("mail_from", "is not a sender such as Desk <desk@example.org>") from error


def _check_texts(url: str, given: Sequence[str | None]) -> None:
    _check_url("sms_url", url, ("https", "http"))
    parts = urlsplit(url)
    if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise _wrong("sms_url", "is not an address such as https://api.twilio.com")
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise _wrong("sms_url", "must be https://, except to a private address")
    if None in given and any(given):
        raise _wrong("sms_account", "is used together with _SMS_TOKEN and _SMS_FROM only")


def _is_near(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_private
    except ValueError:
        return False


def _check_url(name: str, url: str | None, schemes: Sequence[str]) -> None:
    if url is None:
        return
    try:
        parts = urlsplit(url)
        hosts = parts.netloc.rpartition("@")[2].split(",")  # PostgreSQL allows several
        fits = parts.scheme in schemes and all(HOST.fullmatch(one) for one in hosts)
        fits = fits and bool(parts.netloc or parts.path)
    except ValueError:
        fits = False
    if not fits:
        wanted = " or ".join(f"{one}://" for one in schemes)
        raise _wrong(name, f"is not an address that starts with {wanted}")


def _wrong(name: str, why: str) -> ValueError:
    return ValueError(f"{variable(name)}: it {why}")


def _sentence(said: str) -> str:
    """Put the variable first: "Expected `int` - at `$.NAME`" becomes "NAME: expected `int`"."""
    found = re.fullmatch(r"(.+) - at `\$\.(\w+)`", said)
    return said if found is None else f"{found[2]}: {found[1][0].lower()}{found[1][1:]}"


def _shown(name: str, value: object) -> object:
    if value is None:
        return None
    if name.endswith(("_token", "secret_keys")):
        return HIDDEN
    if isinstance(value, str) and name.endswith("_url"):
        # a password may also stand in the query: nothing after the host is shown
        parts = urlsplit(value)
        return f"{parts.scheme}://{HIDDEN if '@' in parts.netloc else ''}@{parts.hostname or ''}"
    return value


def environment(settings: Settings) -> dict[str, str]:
    """Return this process's environment with the settings in it, for a child process."""
    others = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PREFIX) and name not in UNPREFIXED.values()
    }
    values, usual = msgspec.to_builtins(settings), msgspec.to_builtins(Settings())
    ours = {name: _text(value) for name, value in values.items() if value != usual[name]}
    return {**others, **ours}


def _text(value: object) -> str:
    return ("1" if value else "0") if isinstance(value, bool) else str(value)
