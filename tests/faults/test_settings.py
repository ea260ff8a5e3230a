"""Wrong settings stop a process before it starts, and the message names the variable."""

import subprocess
import sys
from pathlib import Path

import pytest

from interpreters.settings import SECRETS, Settings, WrongSettings, load, variable


def test_with_nothing_set_everything_runs_on_this_machine() -> None:
    settings = load({"PATH": "/bin", "HOME": "/root"})

    assert settings == Settings()
    assert settings.database_url is None
    assert settings.redis_url is None
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert (settings.rate_token_per_minute, settings.rate_token_burst) == (3000, 500)
    assert (settings.rate_address_per_minute, settings.rate_address_burst) == (1200, 500)
    assert (settings.network_time_zone, settings.network_currency) == ("UTC", "EUR")


def test_values_are_read_in_their_own_types() -> None:
    settings = load(
        {
            "INTERPRETERS_DATABASE_URL": "postgresql://app@db.example/interpreters",
            "INTERPRETERS_REDIS_URL": "unix:///run/valkey.sock",
            "INTERPRETERS_PORT": "8443",
            "INTERPRETERS_STATEMENT_TIMEOUT_SECONDS": "2.5",
            "INTERPRETERS_ALLOW_PRIVATE_URLS": "1",
            "INTERPRETERS_NETWORK_TIME_ZONE": "Europe/Riga",
            "INTERPRETERS_NETWORK_COUNTRY": "LV",
            "PG_BIN": "/opt/pg/bin",
        }
    )

    assert settings.database_url == "postgresql://app@db.example/interpreters"
    assert settings.redis_url == "unix:///run/valkey.sock"
    assert settings.port == 8443
    assert settings.statement_timeout_seconds == 2.5
    assert settings.allow_private_urls is True
    assert settings.network_time_zone == "Europe/Riga"
    assert settings.network_country == "LV"
    assert settings.pg_bin == "/opt/pg/bin"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///interpreters?host=/run/postgresql",
        "postgresql://app@one:5432,two:5433/interpreters",
        "postgres://app:p%40ss@[::1]:5432/interpreters",
    ],
)
def test_every_form_of_a_database_address_is_accepted(url: str) -> None:
    assert load({"INTERPRETERS_DATABASE_URL": url}).database_url == url


def test_a_variable_set_to_nothing_counts_as_not_set() -> None:
    assert load({"INTERPRETERS_DATABASE_URL": "", "INTERPRETERS_PORT": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTERPRETERS_PORT", "eighty"),
        ("INTERPRETERS_PORT", "0"),
        ("INTERPRETERS_PORT", "65536"),
        ("INTERPRETERS_POOL_SIZE", "0"),
        ("INTERPRETERS_POOL_SIZE", "99999999999999999999"),
        ("INTERPRETERS_STATEMENT_TIMEOUT_SECONDS", "-1"),
        ("INTERPRETERS_STATEMENT_TIMEOUT_SECONDS", "nan"),
        ("INTERPRETERS_STATEMENT_TIMEOUT_SECONDS", "inf"),
        ("INTERPRETERS_NETWORK_TIME_ZONE", "Europe/Atlantis"),
        ("INTERPRETERS_NETWORK_TIME_ZONE", "../../etc/passwd"),
        ("INTERPRETERS_NETWORK_CURRENCY", "eur"),
        ("INTERPRETERS_NETWORK_CURRENCY", "EUR\n"),
        ("INTERPRETERS_NETWORK_COUNTRY", "XX"),
        ("INTERPRETERS_NETWORK_COUNTRY", "Latvia"),
        ("INTERPRETERS_NETWORK_NAME", "n" * 201),
        ("INTERPRETERS_DATABASE_URL", "mysql://db/interpreters"),
        ("INTERPRETERS_DATABASE_URL", "postgresql://db:port/interpreters"),
        ("INTERPRETERS_DATABASE_URL", "postgresql://"),
        ("INTERPRETERS_DATABASE_URL", "postgresql://[db/interpreters"),
        ("INTERPRETERS_OWNER_DATABASE_URL", "interpreters"),
        ("INTERPRETERS_REDIS_URL", "http://cache"),
        ("INTERPRETERS_SMTP_URL", "https://mail.example"),
        ("INTERPRETERS_SMTP_URL", "smtp:///mail"),
        ("INTERPRETERS_SMTP_URL", "smtp://mail.example"),  # and no sender
        ("INTERPRETERS_SMTP_URL", "smtp://mail.example?starttls=maybe"),
        ("INTERPRETERS_SMTP_URL", "smtps://mail.example?starttls=never"),
        ("INTERPRETERS_SMTP_URL", "smtp://mail.example?verify=0"),
        ("INTERPRETERS_MAIL_FROM", "the desk"),
        ("INTERPRETERS_MAIL_FROM", "desk@example.org\r\nBcc: thief@example.net"),
        ("INTERPRETERS_SMS_URL", "ftp://sms.example"),
        ("INTERPRETERS_SMS_URL", "http://sms.example"),
        ("INTERPRETERS_SMS_URL", "http://8.8.8.8"),
        ("INTERPRETERS_SMS_URL", "https://user:word@sms.example"),
        ("INTERPRETERS_SMS_URL", "https://sms.example/?to="),
        ("INTERPRETERS_SMS_ACCOUNT", "AC1"),  # and neither token nor sender
        ("INTERPRETERS_SMS_ACCOUNT", "AC1/../AC2"),
        ("INTERPRETERS_SMS_FROM", "+0123"),
        ("INTERPRETERS_SMS_FROM", "A name far too long"),
        ("INTERPRETERS_LOG_LEVEL", "loud"),
        ("INTERPRETERS_ALLOW_PRIVATE_URLS", "perhaps"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(WrongSettings) as refused:
        load({name: value})

    assert str(refused.value).startswith(f"{name}: ")


def test_a_misspelt_variable_is_refused_instead_of_being_passed_over() -> None:
    with pytest.raises(WrongSettings) as refused:
        load({"INTERPRETERS_DATABSE_URL": "postgresql://db/x", "INTERPRETERS_PROT": "1"})

    assert str(refused.value) == (
        "INTERPRETERS_DATABSE_URL, INTERPRETERS_PROT: there is no such setting"
    )


def test_printing_the_settings_shows_no_password_and_no_token() -> None:
    settings = load(
        {
            "INTERPRETERS_DATABASE_URL": "postgresql://app:geheim1@db.example/x?password=geheim2",
            "INTERPRETERS_OWNER_DATABASE_URL": "postgresql://owner:geheim3@db.example/x",
            "INTERPRETERS_REDIS_URL": "redis://:geheim4@cache.example/0",
            "INTERPRETERS_METRICS_TOKEN": "geheim5",
            "INTERPRETERS_SMTP_URL": "smtp://desk:geheim6@mail.example:587?starttls=required",
            "INTERPRETERS_MAIL_FROM": "desk@example.org",
            "INTERPRETERS_SMS_ACCOUNT": "AC1",
            "INTERPRETERS_SMS_TOKEN": "geheim7",
            "INTERPRETERS_SMS_FROM": "+37120000000",
        }
    )

    shown = f"{settings!r} {settings}"
    assert "geheim" not in shown
    assert "db.example" in shown
    assert "mail.example" in shown


def test_no_setting_that_may_hold_a_secret_was_forgotten() -> None:
    open_to_all = {"sms_url", "public_url"}  # neither takes a password
    named = {name for name in Settings.__struct_fields__ if name.endswith(("_token", "_url"))}

    assert set(SECRETS) == named - open_to_all


SECRET_VALUES = {
    "INTERPRETERS_DATABASE_URL": "postgresql://app:geheim@db.example/x",
    "INTERPRETERS_OWNER_DATABASE_URL": "postgresql://owner:geheim@db.example/x",
    "INTERPRETERS_REDIS_URL": "redis://:geheim@cache.example/0",
    "INTERPRETERS_METRICS_TOKEN": "geheim",
    "INTERPRETERS_SMTP_URL": "smtps://desk:geheim@mail.example",
    "INTERPRETERS_SMS_TOKEN": "geheim",
}
BESIDE = {
    "INTERPRETERS_MAIL_FROM": "desk@example.org",
    "INTERPRETERS_SMS_ACCOUNT": "AC1",
    "INTERPRETERS_SMS_FROM": "Desk",
}


def test_every_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    files = {}
    for name, value in SECRET_VALUES.items():
        file = tmp_path / name
        file.write_text(f"{value}\n")
        files[f"{name}_FILE"] = str(file)

    settings = load({**files, **BESIDE})

    assert {variable(name) for name in SECRETS} == set(SECRET_VALUES)
    assert settings == load({**SECRET_VALUES, **BESIDE})
    assert "geheim" not in repr(settings)


def test_the_file_of_a_secret_is_refused_by_the_name_of_its_variable(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "noise").write_bytes(b"\xff\xfe")
    (tmp_path / "good").write_text("geheim")

    for file, why in [
        ("none", "the file cannot be read (No such file or directory)"),
        ("", "the file cannot be read (Is a directory)"),
        ("noise", "the file cannot be read (it is not text)"),
        ("empty", "the file is empty"),
    ]:
        with pytest.raises(WrongSettings) as refused:
            load({"INTERPRETERS_METRICS_TOKEN_FILE": str(tmp_path / file)})
        assert str(refused.value) == f"INTERPRETERS_METRICS_TOKEN_FILE: {why}"

    with pytest.raises(WrongSettings) as refused:
        load(
            {
                "INTERPRETERS_METRICS_TOKEN": "geheim",
                "INTERPRETERS_METRICS_TOKEN_FILE": str(tmp_path / "good"),
            }
        )
    assert str(refused.value) == (
        "INTERPRETERS_METRICS_TOKEN_FILE: INTERPRETERS_METRICS_TOKEN is set too"
    )


def test_only_secrets_have_a_file(tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match="there is no such setting"):
        load({"INTERPRETERS_PORT_FILE": str(tmp_path)})


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("smtp://127.0.0.1:2525", "desk@example.org"),
        ("smtp://desk:p%40ss@mail.example:587?starttls=required", "Desk <desk@example.org>"),
        ("smtp://mail.example?starttls=auto", '"Birojs, Rīgā" <desk@example.org>'),
        ("smtp://[::1]?starttls=never", "desk@example.org"),
        ("smtps://desk:x@mail.example", "desk@example.org"),
    ],
)
def test_every_form_of_a_mail_server_is_accepted(url: str, sender: str) -> None:
    given = {"INTERPRETERS_SMTP_URL": url, "INTERPRETERS_MAIL_FROM": sender}

    assert load(given).smtp_url == url


@pytest.mark.parametrize("sender", ["+37120000000", "Desk", "MG" + "0a" * 16, "12345"])
@pytest.mark.parametrize(
    "url",
    ["https://api.twilio.com", "http://127.0.0.1:8080/sms", "http://10.0.0.5", "http://localhost"],
)
def test_every_form_of_a_text_gateway_is_accepted(url: str, sender: str) -> None:
    settings = load(
        {
            "INTERPRETERS_SMS_URL": url,
            "INTERPRETERS_SMS_ACCOUNT": "AC1",
            "INTERPRETERS_SMS_TOKEN": "geheim",
            "INTERPRETERS_SMS_FROM": sender,
        }
    )

    assert (settings.sms_url, settings.sms_from) == (url, sender)


def test_a_wrong_password_url_is_not_repeated_in_the_message() -> None:
    with pytest.raises(WrongSettings) as refused:
        load({"INTERPRETERS_DATABASE_URL": "mysql://app:geheim@db/x"})

    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("command", ["up", "serve", "work", "migrate", "doctor"])
def test_a_process_with_wrong_settings_names_the_variable_and_ends_with_2(command: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "interpreters", command],
        env={"PATH": "/usr/bin:/bin", "INTERPRETERS_POOL_SIZE": "many"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 2
    assert "INTERPRETERS_POOL_SIZE: expected `int`" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_doctor_says_whether_mail_and_texts_are_sent_and_by_whom(tmp_path: Path) -> None:
    given = {**SECRET_VALUES, **BESIDE}
    messages = {name: given[name] for name in given if "SM" in name or "MAIL" in name}
    said = []
    for environ in ({}, messages):
        ended = subprocess.run(
            [sys.executable, "-m", "interpreters", "doctor", "--data-dir", str(tmp_path)],
            env={"PATH": "/usr/bin:/bin", **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        said.append(ended.stdout)
        assert "geheim" not in ended.stdout + ended.stderr

    assert "mail: none is sent: INTERPRETERS_SMTP_URL is not set" in said[0]
    assert "text messages: none are sent: INTERPRETERS_SMS_ACCOUNT is not set" in said[0]
    assert "mail: handed over to mail.example (not called)" in said[1]
    assert "text messages: handed over to api.twilio.com (not called)" in said[1]
