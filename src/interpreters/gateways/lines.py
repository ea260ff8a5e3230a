"""A line to addresses that users gave: opened when first needed, its troubles known by name."""

import contextlib
from collections.abc import Iterator
from importlib.metadata import version
from types import TracebackType
from typing import Final, Self

import aiohttp

from interpreters.domain.addresses import InvalidAddress, PrivateAddress
from interpreters.gateways.addresses import guarded_session
from interpreters.gateways.trouble import TryLater

WAIT: Final = 15.0  # seconds for a whole call
AGENT: Final = f"interpreters/{version('interpreters')}"


class Line:
    """What the gateways that call users' addresses share; connections stay open until `close`."""

    def __init__(self, *, allow_private: bool, wait: float = WAIT) -> None:
        self._allow_private = allow_private
        self._wait = wait
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections; the next call opens them again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = guarded_session(
                allow_private=self._allow_private, timeout_seconds=self._wait
            )
            self._session.headers["User-Agent"] = AGENT
        return self._session


@contextlib.contextmanager
def trouble_named() -> Iterator[None]:
    """Turn what can go wrong with a call into TryLater, which tells nothing of the address.

    Codes: `private-address`, `invalid-address`, `timeout`, `wrong-certificate`, `no-connection`.
    """
    try:
        yield
    except (InvalidAddress, PrivateAddress) as refusal:
        raise TryLater(refusal.code) from None
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        raise TryLater(InvalidAddress.code) from None
    except TimeoutError:
        raise TryLater("timeout") from None
    except aiohttp.ClientConnectorCertificateError:
        raise TryLater("wrong-certificate") from None
    except (aiohttp.ClientError, OSError):
        raise TryLater("no-connection") from None
