"""Wrong settings stop a process before it starts, and the message names the variable."""

import subprocess
import sys

import pytest

from interpreters.settings import Settings, WrongSettings, load


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
        }
    )

    shown = f"{settings!r} {settings}"
    assert "geheim" not in shown
    assert "db.example" in shown


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
