"""Every statement about `networks.receipt_key`: by which a network signs receipts. Sealed."""

from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.receipts import ReceiptKey
from interpreters.vault import vault_of

# $1 network_id
FIND: Final[LiteralString] = """
    SELECT n.receipt_key FROM networks n WHERE n.network_id = $1
"""


async def find(db: Db, *, network_id: UUID) -> ReceiptKey | None:
    """Return the network's pair, if it was made."""
    stored = await db.fetchval(FIND, network_id)
    return None if stored is None else ReceiptKey.read(vault_of(db).unseal(network_id, stored))


# $1 network_id, $2 receipt_key
ADD: Final[LiteralString] = """
    UPDATE networks AS n SET receipt_key = $2 WHERE n.network_id = $1 AND n.receipt_key IS NULL
"""


async def add(db: Db, *, network_id: UUID, key: ReceiptKey) -> None:
    """Keep the pair, unless another was made meanwhile."""
    await db.execute(ADD, network_id, vault_of(db).seal(network_id, key.secret))
