"""The image and its composition as files: well formed, whole, no more power than needed."""

import json
import re
import sys
import zipfile
from pathlib import Path
from shutil import copy, copytree

import msgspec
import pytest

from composition import (
    BIN,
    COMPOSE,
    DOCKERFILE,
    OURS,
    ROOT,
    argv_of,
    copied,
    instructions,
    run,
    services,
)
from interpreters.settings import PREFIX, Settings


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(["hadolint", DOCKERFILE], id="the Dockerfile has no known mistake"),
        pytest.param(["yamllint", "-s", COMPOSE], id="the composition is tidy"),
        pytest.param(
            ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE],
            id="the composition fits its schema",
        ),
    ],
)
def test_the_files_are_well_formed(argv: list[str | Path]) -> None:
    done = run([str(BIN / argv[0]), *map(str, argv[1:])], {})

    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_copied_is_there_and_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}

    wanted = copied()

    assert wanted
    assert "*" in lines
    assert [one for one in wanted if not (ROOT / one).exists()] == []
    assert [one for one in wanted if one not in let_in] == []


def test_the_image_runs_as_nobody_special() -> None:
    users = [value for name, value in instructions() if name == "USER"]

    assert len(users) == 1
    assert int(users[0].partition(":")[0]) > 0


def test_the_dependencies_are_installed_by_their_hashes() -> None:
    installs = re.findall(r"pip install ([^&]+)", " && ".join(v for _, v in instructions()))

    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-deps" in installs[1]


def test_a_wheel_of_what_is_copied_holds_what_is_read_at_run_time(tmp_path: Path) -> None:
    for one in copied():
        target = tmp_path / "build" / one
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / one).is_dir():
            copytree(ROOT / one, target)
        else:
            copy(ROOT / one, target)
    options = "--no-deps --no-build-isolation --no-index --quiet --disable-pip-version-check"

    done = run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            *options.split(),
            "--wheel-dir",
            tmp_path,
            "./build",
        ],
        {},
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    read = [
        *(f"interpreters/migrations/{one.relative_to(ROOT / 'migrations')}"
          for one in (ROOT / "migrations").rglob("*.sql") if one.name != "schema.sql"),
        *(f"interpreters/{one.relative_to(ROOT / 'src/interpreters')}"
          for one in (ROOT / "src/interpreters").rglob("*")
          if one.is_file() and one.suffix != ".pyc"),
    ]  # fmt: skip
    assert [one for one in read if one not in names] == []


@pytest.mark.parametrize("name", OURS)
def test_each_command_exists(name: str) -> None:
    argv = argv_of(services()[name])
    if argv[0] == "interpreters":
        done = run([str(BIN / argv[0]), *argv[1:], "--help"], {})
        assert done.returncode == 0, done.stderr
        assert f"interpreters {argv[1]}" in done.stdout
    else:
        assert argv[:2] == ["python", "-m"]
        done = run([sys.executable, "-c", f"import {argv[2]}"], {})
        assert done.returncode == 0, done.stderr


def test_each_setting_exists() -> None:
    known = {field.encode_name for field in msgspec.structs.fields(Settings)}
    texts = DOCKERFILE.read_text() + json.dumps(services())

    used = set(re.findall(rf"\b{PREFIX}[A-Z_]+", texts))

    assert used
    assert used - known == set()


def test_only_the_migration_knows_the_owner() -> None:
    knowing = {name for name in OURS if "owner" in json.dumps(services()[name]).lower()}

    assert knowing == {"migrate"}


def test_only_who_reads_personal_texts_has_their_keys() -> None:
    knowing = {name for name, one in services().items() if "SECRET_KEYS" in json.dumps(one)}

    assert knowing == {"web", "worker", "first-network"}


def test_no_secret_has_a_value_in_the_files() -> None:
    text = COMPOSE.read_text()

    assert re.findall(r"PASSWORD:-|KEYS:-|TOKEN:-[^}]", text) == []
    assert re.findall(r"^\s+\w*(?:PASSWORD|KEYS): (?!\$\{)", text, re.MULTILINE) == []


def test_no_container_has_more_power_than_it_needs() -> None:
    """The first four by the image's account, the servers by one of their own."""
    for name, service in services().items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "cap_add" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name
        assert service["tmpfs"], name
        if name in OURS:
            assert "user" not in service, name
            assert "volumes" not in service, name
        else:
            assert service["user"] not in {"root", "0", "0:0"}, name


def test_the_world_is_reached_through_loopback_alone() -> None:
    ports = [port for one in services().values() for port in one.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image_carries_the_list_of_its_parts() -> None:
    (building,) = [value for name, value in instructions() if "sbom.py >" in value]

    assert building.endswith("python requirements/sbom.py > /opt/interpreters/share/sbom.json")
    assert {"requirements/sbom.py", "requirements/closure.py"} <= set(copied())
