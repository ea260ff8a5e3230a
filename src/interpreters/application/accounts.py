"""What a person sees of themselves: who they are here, their devices and their passkeys."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotSignedIn
from interpreters.sql import networks, passkeys, sign_ins, users
from interpreters.sql.networks import Network
from interpreters.sql.passkeys import Passkey
from interpreters.sql.sign_ins import SignIn
from interpreters.sql.users import User

MOST = 100  # devices shown


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A person in their network; `here` is the device they ask from."""

    user: User
    network: Network
    here: UUID | None
    devices: Sequence[SignIn]
    passkeys: Sequence[Passkey]


async def show_account(db: Db, caller: Caller, *, now: datetime) -> Account:
    """Return what the caller may know of themselves.

    Raises:
        NotSignedIn: the caller is software with a key: nobody.
    """
    if caller.user_id is None:
        raise NotSignedIn
    network_id, user_id = caller.network_id, caller.user_id
    user = await users.find(db, network_id=network_id, user_id=user_id)
    assert user is not None  # their sign-in refers to them
    return Account(
        user=user,
        network=await networks.get(db, network_id=network_id),
        here=caller.sign_in_id,
        devices=await sign_ins.of_user(
            db, network_id=network_id, user_id=user_id, now=now, before=None, limit=MOST
        ),
        passkeys=await passkeys.of_user(db, network_id=network_id, user_id=user_id),
    )
