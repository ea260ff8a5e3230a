"""Become a server: tie this process to its parent's life, leave root behind, then exec.

Run as a script between the supervisor and the server (`launch.py SIGNAL PARENT HOW UID GID
COMMAND…`), because all of this must happen in the child and a forked copy of a process with
threads may not run Python code safely. Standard library only: it runs with `-I -S`.

HOW is who the command runs as:

- `plain`: whoever we are.
- `namespace`: we are root and become UID in a user namespace of our own. For the kernel's files
  we are still root's uid, so folders of mode 0700 stay reachable, but without its capabilities.
- `nobody`: we are root and become UID for good.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000


def main(arguments: list[str]) -> None:
    """Change into what the arguments say and never return."""
    death, parent, how, uid, gid, *command = arguments
    if how == "namespace":
        enter_namespace(int(uid), int(gid))
    elif how == "nobody":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    die_with_parent(signal.Signals[death])  # last: a change of credentials forgets it
    if os.getppid() != int(parent):
        sys.exit("the supervisor ended while this server was starting")
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def enter_namespace(uid: int, gid: int) -> None:
    """Enter a user namespace in which this process has the given, non-zero ids.

    Raises:
        OSError: the kernel or the container refuses user namespaces.
    """
    outside_uid, outside_gid = os.geteuid(), os.getegid()
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are refused")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {outside_uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {outside_gid} 1", encoding="ascii")


def die_with_parent(death: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send `death` to this process when its parent ends, even by kill -9.

    Linux only: the signal comes when the *thread* that started this process ends. Elsewhere
    nothing happens, and the next start finds and stops what was left behind.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death))


if __name__ == "__main__":
    main(sys.argv[1:])
