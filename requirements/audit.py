"""Ask a vulnerability service about every locked package; say what is known, or that it is not.

Ends with 0 when every package was answered for and nothing is known, with 1 when a weakness is
known, and with 3 when no service answered for all of them: silence is not a clean answer.
Arguments are handed on to pip-audit, such as `--osv-url`; then only that service is asked.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from closure import DEV, RUNTIME, locked

# The second is asked when the first does not answer for all.
SERVICES: Final = (("--vulnerability-service", "pypi"), ("--vulnerability-service", "osv"))
CLEAN, WEAK, UNKNOWN = 0, 1, 3
# --strict: pip-audit's own default counts a package nobody knows as a clean one.
PIP_AUDIT: Final = (
    *(sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes"),
    *("--format", "json", "--progress-spinner", "off"),
)


def main(arguments: Sequence[str]) -> int:
    """Ask, say in a few lines what came of it, and return the exit code."""
    said = ""
    for service in [arguments] if arguments else SERVICES:
        answered, said = _ask(service)
        if answered is not None:
            return _judge(answered)
    sys.stderr.write(
        f"No vulnerability service answered for all {len(_wanted())} packages: nothing is known "
        f"about them, neither good nor bad. The last one asked: {said}\n"
    )
    return UNKNOWN


def _ask(service: Sequence[str]) -> tuple[list[dict[str, Any]] | None, str]:
    """Return what a service knows of each package, or None and what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        asked = [*PIP_AUDIT, *service, "--requirement", str(DEV), "--output", str(answer)]
        done = subprocess.run(asked, check=False, capture_output=True, text=True)  # noqa: S603 - fixed words and our own arguments
        if not answer.exists():
            return None, (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        found: list[dict[str, Any]] = json.loads(answer.read_text())["dependencies"]
    missing = _wanted() - {one["name"] for one in found if "vulns" in one}
    return (None, f"not about {', '.join(sorted(missing))}") if missing else (found, "")


def _judge(answered: list[dict[str, Any]]) -> int:
    shipped = {one.name for one in locked(RUNTIME)}
    weak = [one for one in answered if one["vulns"]]
    for one in weak:
        where = "in the product" if one["name"] in shipped else "only in its checks"
        for known in one["vulns"]:
            fixed = ", ".join(known["fix_versions"]) or "no version yet"
            sys.stderr.write(
                f"{one['name']} {one['version']} ({where}): {known['id']}, fixed in {fixed}\n"
            )
    sys.stdout.write(
        f"{len(answered)} packages were looked up, {len(weak)} have known weaknesses\n"
    )
    return WEAK if weak else CLEAN


def _wanted() -> set[str]:
    """Return the names of what is installed on this machine: dev.txt holds runtime.txt too."""
    return {one.name for one in locked(DEV) if one.applies}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
