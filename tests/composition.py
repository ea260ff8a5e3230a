"""The Dockerfile and the composition as tests read them; their commands without containers."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from interpreters.settings import PREFIX
from servers import database_url, start_test_valkey

ROOT: Final = Path(__file__).parents[1]
BIN: Final = Path(sys.executable).parent
DOCKERFILE: Final = ROOT / "docker/Dockerfile"
COMPOSE: Final = ROOT / "docker/compose.yaml"
OURS: Final = ("migrate", "first-network", "web", "worker")
# Letters, digits and nothing else, as docker/compose.yaml asks.
SECRETS: Final = {
    f"{name}_PASSWORD": f"secret{name.lower()}" for name in ("OWNER", "APP", "POSTGRES")
} | {"SECRET_KEYS": f"1:{base64.b64encode(bytes(range(32))).decode()}"}
Service = Mapping[str, Any]


def services() -> Mapping[str, Service]:
    """Return the services of the composition."""
    found: Mapping[str, Service] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in their order, each with the rest of its line."""
    lines = [one for one in DOCKERFILE.read_text().splitlines() if not one.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    split = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [(name, value) for name, value in split]


def copied() -> list[str]:
    """What is copied from the repository."""
    found = [value.split() for name, value in instructions() if name == "COPY"]
    return [one for words in found if not words[0].startswith("--from") for one in words[:-1]]


def exec_form(wanted: str) -> list[str]:
    (value,) = (value for name, value in instructions() if name == wanted)
    found: list[str] = json.loads(value)
    return found


def argv_of(service: Service) -> list[str]:
    """What the container of a service runs."""
    entrypoint = service.get("entrypoint", exec_form("ENTRYPOINT"))
    return [*entrypoint, *service.get("command", exec_form("CMD"))]


def here(argv: list[str]) -> list[str]:
    """The same command out of this environment in place of the image's."""
    return [str(BIN / argv[0]), *argv[1:]]


def environment_of(service: Service, database: str) -> dict[str, str]:
    """The variables of a service, its servers replaced by those of the tests."""
    values = {name: filled(value) for name, value in service["environment"].items()}
    for name, value in values.items():
        parts = urlsplit(value)
        if parts.hostname == "database":
            assert parts.port == 5432
            assert parts.path == "/interpreters"
            assert parts.password in SECRETS.values()
            assert parts.username is not None
            values[name] = database_url(role=parts.username, database=database)
        elif parts.hostname == "queue":
            assert parts.port == 6379
            values[name] = start_test_valkey()
    return values


def filled(text: str) -> str:
    """Put the secrets, and the defaults of what is not set, in their places."""

    def value(found: re.Match[str]) -> str:
        name, how, rest = found.groups()
        assert how != ":?" or name in SECRETS
        return SECRETS[name] if how == ":?" else rest

    return re.sub(r"\$\{(\w+)(:[?-])([^}]*)\}", value, text)


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def run(
    argv: list[Any], environment: Mapping[str, str], *, cwd: Path = ROOT
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        argv, env={**clean(), **environment}, cwd=cwd, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
