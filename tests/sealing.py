"""The vault of the tests, and its keys as a process is given them."""

from typing import Final

from interpreters.secret_keys import keys_of
from interpreters.vault import Vault

SECRET_KEYS: Final = "1:" + "A" * 43
VAULT: Final = Vault(keys_of(SECRET_KEYS))
