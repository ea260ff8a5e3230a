"""One browser for all tests of a module that browse."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from browser import kept_open


@pytest.fixture(scope="module", autouse=True)
def one_browser(request: pytest.FixtureRequest) -> None:
    if "browsing" in vars(request.module):
        request.getfixturevalue("open_browser")


@pytest.fixture(scope="module")
async def open_browser(anyio_backend: Any) -> AsyncIterator[None]:
    async with kept_open():
        yield
