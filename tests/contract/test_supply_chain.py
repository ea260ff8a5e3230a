"""What the product stands on: pinned, licensed as accepted, listed as it is, and looked up."""

import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import licences
import sbom
from closure import BUILD, DEV, PRODUCT, PROGRAMS, RUNTIME, Locked, Unreadable, edges, locked
from interpreters.embedded.binaries import find_postgres, find_valkey

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = [*sorted((ROOT / "src").rglob("*.py")), *sorted(RUNTIME.parent.glob("*.py"))]
EVERYTHING: Final = {one.name for one in locked(DEV) if one.applies}


# --- the lock ---


@pytest.mark.parametrize("lock", [RUNTIME, DEV], ids=lambda one: one.name)
def test_every_locked_package_is_one_version_with_its_hashes(lock: Path) -> None:
    packages = locked(lock)
    here = [one.name for one in packages if one.applies]

    assert len(packages) > 60
    assert len(set(here)) == len(here)
    unhashed = [
        one.name
        for one in packages
        if not one.hashes
        or any(not re.fullmatch(r"sha256:[0-9a-f]{64}", hashed) for hashed in one.hashes)
    ]
    assert unhashed == []


@pytest.mark.parametrize(
    "line",
    [
        "one @ https://example.org/one.whl",
        "-e .",
        "--index-url https://example.org/simple",
        "one>=1",
        "one",
        "one==1.*",
    ],
)
def test_a_lock_that_leaves_something_open_is_refused(line: str, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"{line} \\\n    --hash=sha256:{'0' * 64}\n")

    with pytest.raises(Unreadable, match="pins nothing"):
        locked(lock)


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    asked = {
        RUNTIME: project["project"]["dependencies"] + groups["build"],
        DEV: groups["dev"],
    }

    for lock, texts in asked.items():
        versions = {one.name: Version(one.version) for one in locked(lock)}
        wanted = [Requirement(text) for text in texts]
        wrong = [
            str(one)
            for one in wanted
            if not one.specifier.contains(versions.get(canonicalize_name(one.name), Version("0")))
        ]
        assert wrong == []


def test_the_product_is_locked_with_all_it_needs_and_nothing_else() -> None:
    graph = edges()

    needed = set().union(*graph.values(), BUILD)

    assert needed == {one.name for one in locked(RUNTIME) if one.applies}


def test_what_ships_is_checked_in_the_same_versions() -> None:
    checked = {one.name: one.version for one in locked(DEV)}

    assert {one.name: one.version for one in locked(RUNTIME)}.items() <= checked.items()


# --- licences ---


def test_the_list_of_licences_is_what_is_installed() -> None:
    packages = licences.found(locked(RUNTIME))

    assert (ROOT / "docs/licences.md").read_text() == licences.page(packages), "run `make licences`"


def test_every_licence_is_accepted() -> None:
    packages = licences.found(locked(RUNTIME))

    assert [one for one in packages if not licences.accepted(one)] == []


def test_no_exception_outlives_its_package() -> None:
    names = {one.name for one in locked(RUNTIME)}

    assert licences.ONE_BY_ONE.keys() - names == set()
    assert PROGRAMS.keys() - names == set()


@pytest.mark.parametrize(
    ("licence", "accepted"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("Apache-2.0 AND MIT", True),
        ("Apache-2.0 AND GPL-3.0-only", False),
        ("MIT AND LGPL-2.1-only OR AGPL-3.0-only", False),
        ("GPL-2.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("LGPL-3.0-only", False),  # only for the packages that are named
        ("MPL-2.0", False),
        ("SSPL-1.0", False),
        ("BUSL-1.1", False),
        ("(MIT", False),  # what is not understood is not accepted
        ("unknown", False),
        ("", False),
    ],
)
def test_a_new_package_needs_an_accepted_licence(licence: str, accepted: bool) -> None:
    assert licences.accepted(licences.Found("newcomer", "1.0", licence)) is accepted


def test_an_exception_holds_for_its_package_and_its_licence_alone() -> None:
    assert licences.accepted(licences.Found("psycopg", "9", "LGPL-3.0-only"))
    assert not licences.accepted(licences.Found("psycopg", "9", "AGPL-3.0-only"))
    assert not licences.accepted(licences.Found("psycopg", "9", "MIT"))  # look again, then drop it


# --- the bill of materials ---


def test_the_bill_of_materials_fits_its_schema_and_is_made_the_same_each_time() -> None:
    first, second = (
        subprocess.run(
            [sys.executable, RUNTIME.parent / "sbom.py"], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    )

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(first) is None
    assert first == second


def test_the_bill_of_materials_names_every_package_and_who_needs_it() -> None:
    here = [one for one in locked(RUNTIME) if one.applies]

    bill = sbom.bill(here, when="1760000000")

    assert bill["metadata"]["timestamp"] == "2025-10-09T08:53:20Z"
    assert bill["metadata"]["component"]["name"] == PRODUCT
    named = {one["purl"] for one in bill["components"]}
    written = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    browsers = {f"pkg:npm/{name}@{one}" for name, one in written["dependencies"].items()}
    assert named == browsers | {f"pkg:pypi/{one.name}@{one.version}" for one in here}
    known = {one["ref"] for one in bill["dependencies"]}
    assert known == named | {bill["metadata"]["component"]["bom-ref"]}
    assert all(known >= set(one["dependsOn"]) for one in bill["dependencies"])


def test_what_was_installed_beside_the_lock_is_not_listed_silently() -> None:
    with pytest.raises(Unreadable, match=r"needed and not locked: .*litestar"):
        sbom.bill([one for one in locked(RUNTIME) if one.name != "litestar"])
    with pytest.raises(Unreadable, match=r"litestar is locked at 0\.0\.1"):
        sbom.bill([Locked("litestar", "0.0.1", "", ())])


def test_the_programs_inside_packages_are_listed_with_their_own_versions() -> None:
    programs = {
        one["name"]: one["version"]
        for package in sbom.bill(locked(RUNTIME))["components"]
        for one in package.get("components", ())
    }

    assert set(programs) == {"postgresql", "valkey"}
    assert re.search(rf"\b{programs['postgresql']}\b", _version(find_postgres() / "postgres"))
    assert re.search(rf"\bv={programs['valkey']}\b", _version(find_valkey()))


def _version(program: Path) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return done.stdout


# --- known weaknesses ---


class Service:
    """A vulnerability service on this machine, with what it knows and what it was asked."""

    def __init__(self) -> None:
        self.known: dict[str, list[dict[str, Any]]] = {}
        self.asked: set[str] = set()
        self.status = 200
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/query"

    def _handler(service) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - two selves below
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                name = json.loads(body)["package"]["name"]
                service.asked.add(name)
                found = service.known.get(name)
                answer = json.dumps({"vulns": found} if found else {}).encode()
                self.send_response(service.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def service() -> Iterator[Service]:
    one = Service()
    thread = threading.Thread(target=one.server.serve_forever)
    thread.start()
    yield one
    one.server.shutdown()
    thread.join()
    one.server.server_close()


def audit(service: Service) -> "subprocess.CompletedProcess[str]":
    asked = ["--vulnerability-service", "osv", "--osv-url", service.url, "--timeout", "5"]
    return subprocess.run(
        [sys.executable, RUNTIME.parent / "audit.py", *asked],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_an_audit_asks_about_everything_and_is_clean_when_nothing_is_known(
    service: Service,
) -> None:
    done = audit(service)

    assert done.returncode == 0, done.stderr
    assert service.asked == EVERYTHING
    assert done.stdout == f"{len(EVERYTHING)} packages were looked up, 0 have known weaknesses\n"


def test_a_known_weakness_fails_the_audit_with_its_package_and_its_cure(service: Service) -> None:
    package = {"name": "litestar", "ecosystem": "PyPI"}
    events = [{"introduced": "0"}, {"fixed": "99.1"}]
    affected = [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}]
    service.known["litestar"] = [{"id": "EXAMPLE-1", "summary": "", "affected": affected}]

    done = audit(service)

    assert done.returncode == 1
    assert "(in the product): EXAMPLE-1, fixed in 99.1\n" in done.stderr


def test_silence_is_not_a_clean_answer(service: Service) -> None:
    service.status = 503

    done = audit(service)

    assert done.returncode == 3
    assert f"answered for all {len(EVERYTHING)} packages: nothing is known" in done.stderr
    assert "Traceback" not in done.stderr


# --- our own code ---


def test_what_is_hidden_from_bandit_is_one_rule_with_its_reason() -> None:
    lines = [line for one in SOURCES for line in one.read_text(encoding="utf-8").splitlines()]
    hidden = [line for line in lines if "nosec" in line]

    assert [one for one in hidden if not re.search(r"# nosec B\d{3} [-#] \w+ \w+", one)] == []
    assert len(hidden) < 5  # more of one kind belong into pyproject.toml


def test_every_exception_from_a_security_rule_has_its_reason_on_the_line() -> None:
    lines = [line for one in SOURCES for line in one.read_text(encoding="utf-8").splitlines()]
    exceptions = [line for line in lines if re.search(r"# noqa: .*\bS\d{3}", line)]

    assert exceptions
    assert [one for one in exceptions if not re.search(r"# noqa: [A-Z0-9, ]+ - \w+", one)] == []


def test_what_bandit_leaves_out_is_held_by_ruff() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    ignored = project["ruff"]["lint"]["ignore"]

    for rule in project["bandit"]["skips"]:
        assert rule in {"B101", "B404"} or f"S{rule[1:]}" not in ignored
    assert project["ruff"]["lint"]["select"] == ["ALL"]
