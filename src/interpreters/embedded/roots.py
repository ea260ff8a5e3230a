"""Who the servers run as: PostgreSQL refuses to be root, and people do start us as root."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Final, Literal

import msgspec

from interpreters.embedded.trouble import Trouble

How = Literal["plain", "namespace", "nobody"]
LAUNCH: Final = Path(__file__).with_name("launch.py")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The account servers run as. `uid` and `gid` count unless `how` is plain."""

    how: How
    uid: int
    gid: int


def choose_account(binary: Path, *, how: How | None = None) -> Account:
    """Return the account to run `binary` as: ourselves, or as root something lesser.

    Raises:
        Trouble: we are root and the machine has no other account at all.
    """
    if how == "plain" or (how is None and os.geteuid() != 0):
        return Account(how="plain", uid=os.geteuid(), gid=os.getegid())
    # initdb looks its uid up, so even inside a namespace it must be one the machine knows
    lesser = _lesser_account()
    inside = Account(how="namespace", uid=lesser.pw_uid, gid=lesser.pw_gid)
    if how == "namespace" or (how is None and _runs(binary, inside)):
        return inside
    return Account(how="nobody", uid=lesser.pw_uid, gid=lesser.pw_gid)


def command(account: Account, argv: list[str], *, death: str) -> list[str]:
    """Return the command line that runs `argv` as `account`, tied to this process's life."""
    how, uid, gid = account.how, str(account.uid), str(account.gid)
    return [sys.executable, "-I", "-S", str(LAUNCH), death, str(os.getpid()), how, uid, gid, *argv]


def give(path: Path, account: Account) -> None:
    """Make `path`, and what is in it, the account's own. Parents are left alone.

    Raises:
        Trouble: we are an ordinary user and it belongs to somebody else.
    """
    uid, gid = (
        (account.uid, account.gid) if account.how == "nobody" else (os.geteuid(), os.getegid())
    )
    if path.stat().st_uid == uid:
        return
    if os.geteuid() != 0:
        raise Trouble(f"{path} belongs to another user; start as that user, or use --data-dir")
    for inner in (path, *path.rglob("*")):
        os.chown(inner, uid, gid, follow_symlinks=False)


def first_closed(path: Path, account: Account) -> Path | None:
    """Return the first folder on the way down to `path`, it included, closed to the account."""
    if account.how != "nobody":
        return None
    whole = path.resolve()
    way = [*reversed(whole.parents), whole]
    return next((one for one in way if not _may(one, account, stat.S_IXOTH)), None)


def within_reach(folder: Path, account: Account, *, copies: Path) -> Path:
    """Return the folder of programs, or a copy below `copies` where the account can run them."""
    installation = folder.parent
    libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
    if libraries.is_dir():  # a wheel's programs look for their libraries at this relative place
        installation = installation.parent
    wanted = [one for one in (installation, libraries) if one.is_dir()]
    if account.how != "nobody" or all(_is_open(one, account) for one in wanted):
        return folder
    copy = copies / f"{installation.name}-{int(installation.stat().st_mtime)}"
    if not copy.exists():
        _copy(wanted, copy, fresh=copies / "copying")
    return copy / installation.name / folder.relative_to(installation)


def _lesser_account() -> pwd.struct_passwd:
    accounts = {one.pw_name: one for one in pwd.getpwall() if one.pw_uid != 0}
    if not accounts:
        raise Trouble("PostgreSQL does not run as root and this machine has no other account")
    return accounts.get("nobody") or next(iter(accounts.values()))


def _runs(binary: Path, account: Account) -> bool:
    tried = subprocess.run(  # noqa: S603 - our own binary
        command(account, [str(binary), "--version"], death="SIGKILL"),
        check=False,
        capture_output=True,
    )
    return tried.returncode == 0


def _copy(folders: list[Path], target: Path, *, fresh: Path) -> None:
    """Copy the folders into `target`, readable by all, whole or not at all."""
    shutil.rmtree(fresh, ignore_errors=True)
    for one in folders:
        shutil.copytree(one, fresh / one.name, ignore=shutil.ignore_patterns("include"))
    for one in (fresh, *fresh.rglob("*")):
        runs = one.is_dir() or one.stat().st_mode & stat.S_IXUSR
        one.chmod(0o755 if runs else 0o644)
    fresh.rename(target)


def _is_open(installation: Path, account: Account) -> bool:
    if first_closed(installation, account) is not None:
        return False
    folders_and_programs = (
        (one, stat.S_IROTH | (one.stat().st_mode & stat.S_IXUSR) >> 6)
        for one in installation.rglob("*")
    )
    return all(_may(one, account, bits) for one, bits in folders_and_programs)


def _may(path: Path, account: Account, bits: int) -> bool:
    """Tell whether the account has the rights `bits`, written as those of others."""
    about = path.stat()
    if about.st_uid == account.uid:
        bits <<= 6
    elif about.st_gid == account.gid:
        bits <<= 3
    return about.st_mode & bits == bits
