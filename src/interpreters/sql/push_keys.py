"""Every statement about `networks.push_key`: by which push services know a network. Sealed."""

from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.push import PushKey
from interpreters.vault import vault_of

# $1 network_id
FIND: Final[LiteralString] = """
    SELECT n.push_key FROM networks n WHERE n.network_id = $1
"""


async def find(db: Db, *, network_id: UUID) -> PushKey | None:
    """Return the network's pair, if it was made."""
    stored = await db.fetchval(FIND, network_id)
    return None if stored is None else PushKey.read(vault_of(db).unseal(network_id, stored))


# $1 network_id, $2 push_key
ADD: Final[LiteralString] = """
    UPDATE networks AS n SET push_key = $2 WHERE n.network_id = $1 AND n.push_key IS NULL
"""


async def add(db: Db, *, network_id: UUID, key: PushKey) -> None:
    """Keep the pair, unless another was made meanwhile."""
    await db.execute(ADD, network_id, vault_of(db).seal(network_id, key.secret))
