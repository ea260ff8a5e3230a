"""Print what the product is made of as CycloneDX 1.6 JSON, for this machine's kind.

The same lock and Python give the same bytes: the serial number is made from the content, and the
only time in it is SOURCE_DATE_EPOCH, where a build sets that. The file hashes of each package
stand in the lock, one for each kind of machine; they are not repeated here.
"""

import json
import sys
import uuid
from datetime import UTC, datetime
from importlib import metadata
from os import getenv
from typing import Any, Final

from closure import PRODUCT, PROGRAMS, RUNTIME, Locked, Unreadable, bundled, edges, licence, locked

SPACE: Final = uuid.UUID("8d7f1d0e-64a5-4c5e-9d0b-2f1f9f6f8a51")  # of our serial numbers


def main() -> int:
    """Print the bill of materials; end with 2 when what is installed is not what is locked."""
    try:
        text = render(bill(locked(RUNTIME), when=getenv("SOURCE_DATE_EPOCH") or None))
    except Unreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(text)
    return 0


def bill(packages: list[Locked], *, when: str | None = None) -> dict[str, Any]:
    """Return the bill of materials; `when` is its time in seconds since 1970.

    Raises:
        Unreadable: what is installed is not what is locked.
    """
    here = [one for one in packages if one.applies]
    references = {one.name: _purl(one.name, one.version) for one in here}
    product = _product()
    references[PRODUCT] = product["bom-ref"]
    found = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": product, **_time(when)},
        "components": [*(_component(one) for one in here), *map(_in_browsers, bundled())],
        "dependencies": _dependencies(references),
    }
    serial = uuid.uuid5(SPACE, json.dumps(found, sort_keys=True))
    return {**found, "serialNumber": f"urn:uuid:{serial}"}


def render(found: dict[str, Any]) -> str:
    """Return it as it is published: sorted, for people to compare."""
    return json.dumps(found, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _product() -> dict[str, Any]:
    about = metadata.metadata(PRODUCT)
    version = about["Version"]
    return {
        "type": "application",
        "bom-ref": _purl(PRODUCT, version),
        "name": PRODUCT,
        "version": version,
        "description": about["Summary"],
        "licenses": [{"expression": about["License-Expression"]}],
        "purl": _purl(PRODUCT, version),
    }


def _component(one: Locked) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": _purl(one.name, one.version),
        "name": one.name,
        "version": one.version,
        "licenses": [{"expression": licence(one)}],
        "purl": _purl(one.name, one.version),
    }
    if one.name in PROGRAMS:
        found["components"] = [_program(one)]
    return found


def _in_browsers(one: tuple[str, str, str]) -> dict[str, Any]:
    name, version, expression = one
    return {
        "type": "library",
        "bom-ref": f"pkg:npm/{name}@{version}",
        "name": name,
        "version": version,
        "licenses": [{"expression": expression}],
        "purl": f"pkg:npm/{name}@{version}",
    }


def _program(one: Locked) -> dict[str, Any]:
    """Return the program inside a package: scanners know its weaknesses by its own name."""
    inside = PROGRAMS[one.name]
    version = ".".join(one.version.split(".")[: inside.parts])
    return {
        "type": "application",
        "bom-ref": f"pkg:generic/{inside.name}@{version}",
        "name": inside.name,
        "version": version,
        "licenses": [{"expression": inside.licence}],
        "purl": f"pkg:generic/{inside.name}@{version}",
        "cpe": f"cpe:2.3:a:{inside.cpe}:{version}:*:*:*:*:*:*:*",
    }


def _dependencies(references: dict[str, str]) -> list[dict[str, Any]]:
    graph = edges()
    if unlocked := {below for needed in graph.values() for below in needed} - references.keys():
        raise Unreadable(f"needed and not locked: {', '.join(sorted(unlocked))}: make lock")
    browsers = [one["bom-ref"] for one in map(_in_browsers, bundled())]
    needed = {
        name: sorted(references[below] for below in graph.get(name, ())) for name in references
    }
    needed[PRODUCT] += browsers
    found = [
        {"ref": reference, "dependsOn": needed[name]}
        for name, reference in sorted(references.items())
    ]
    return [*found, *({"ref": one, "dependsOn": []} for one in browsers)]


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _time(when: str | None) -> dict[str, str]:
    if when is None:
        return {}
    return {"timestamp": datetime.fromtimestamp(int(when), UTC).isoformat().replace("+00:00", "Z")}


if __name__ == "__main__":
    sys.exit(main())
