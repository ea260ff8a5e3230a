"""A command as another user who can write nothing but one folder, as a careful container runs it.

Where the tests run as root the whole tree is read-only for the command: a mount namespace of its
own, an unprivileged account, no capabilities and no way to new ones, an empty /tmp. Where root may
make no namespaces, as in a container, it is that account without the walls; an ordinary user
runs the command as himself. Run as a script inside the new namespace, this builds the walls:
`walled.py UID GID FOLDER COMMAND…`.
"""

import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
INSIDE: Final = Path("/tmp/data")  # where the folder lies for the command
EMPTY: Final = (Path("/tmp"), Path("/dev/shm"))
STASH: Final = Path("/mnt")
KERNEL: Final = ("/proc", "/sys", "/dev")  # file systems that keep no files
POWERLESS: Final = (
    *("--clear-groups", "--no-new-privs", "--bounding-set=-all"),
    *("--inh-caps=-all", "--ambient-caps=-all"),
)


def can_be_walled() -> bool:
    """Tell whether this machine lets us build the walls."""
    if os.geteuid() != 0:
        return False
    tried = subprocess.run(
        ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"],
        capture_output=True, check=False,
    )  # fmt: skip
    return tried.returncode == 0


def walled(argv: Sequence[str], folder: Path) -> list[str]:
    """Return the command line that runs `argv` behind the walls, `folder` lying at `INSIDE`."""
    numbers = _nobody()
    new = ["unshare", "--mount", "--propagation", "private", sys.executable, "-I"]
    return [*new, str(Path(__file__)), *numbers, str(folder), *argv]


def beside(pid: int, argv: Sequence[str]) -> list[str]:
    """Return the command line that runs `argv` behind the walls of a running process."""
    return ["nsenter", "--mount", "--target", str(pid), *unprivileged(argv)]


def unprivileged(argv: Sequence[str]) -> list[str]:
    """Return the command line that runs `argv` as another user without powers; for root."""
    return [*_powerless(*_nobody()), *argv]


def give(folder: Path) -> None:
    """Make the folder that user's own."""
    uid, gid = _nobody()
    os.chown(folder, int(uid), int(gid))


def writable(pid: int) -> set[str]:
    """Return where file systems are writable for a process, those of the kernel left out."""
    mounts = [line.split() for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines()]
    found = {words[4] for words in mounts if "rw" in words[5].split(",")}
    return {one for one in found if one == "/dev/shm" or not one.startswith(KERNEL)}


def build(uid: str, gid: str, folder: Path, argv: Sequence[str]) -> None:
    """Build the walls around this process and become the command."""
    _mount("-t", "tmpfs", "none", STASH)
    (STASH / "data").mkdir()
    _mount("--bind", folder, STASH / "data")
    wanted = [Path(sys.base_prefix), Path(sys.prefix), ROOT]
    covers = {*EMPTY, *(one for path in wanted if (one := _first_closed(path)))}
    outer = [
        path for path in wanted if not any(path != q and path.is_relative_to(q) for q in wanted)
    ]
    covered = [path for path in outer if any(path.is_relative_to(one) for one in covers)]
    for number, path in enumerate(covered):
        (STASH / str(number)).mkdir()
        _mount("--rbind", path, STASH / str(number))
    for one in covers:
        _mount("-t", "tmpfs", "-o", f"mode={1777 if one in EMPTY else 755}", "none", one)
    for number, path in enumerate(covered):
        path.mkdir(parents=True, exist_ok=True)
        _mount("--rbind", STASH / str(number), path)
    INSIDE.mkdir()
    _mount("--bind", STASH / "data", INSIDE)
    subprocess.run(["umount", "--recursive", "--lazy", STASH], check=True)
    _close()
    os.chdir(EMPTY[0])
    command = [*_powerless(uid, gid), *argv]
    os.execvp(command[0], command)


def _nobody() -> tuple[str, str]:
    account = pwd.getpwnam("nobody")
    return str(account.pw_uid), str(account.pw_gid)


def _powerless(uid: str, gid: str) -> list[str]:
    return ["setpriv", "--reuid", uid, "--regid", gid, *POWERLESS]


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _first_closed(path: Path) -> Path | None:
    """Return the first folder on the way down to `path` that others may not enter."""
    way = [*reversed(path.parents), path]
    return next((one for one in way if not one.stat().st_mode & stat.S_IXOTH), None)


def _close() -> None:
    """Make every mount read-only but the folder, what is empty, and the kernel's own."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    open_ones = {str(INSIDE), *map(str, EMPTY)}
    for point in [line.split()[4] for line in lines]:
        if point not in open_ones and not point.startswith(KERNEL):
            _mount("-o", "remount,bind,ro", point)


if __name__ == "__main__":
    build(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
