"""What a gateway says when a message did not go out: give it up, or try later.

Both carry a `code` and nothing else: no address, no text, and no word of the other side, which
likes to repeat the address. They are raised `from None` for the same reason.
"""


class Undeliverable(Exception):
    """It will never go out like this; the same again gets the same answer.

    `code` is the other side's number ("550 5.1.1", "21610"), or ours in kebab-case.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Gone(Undeliverable):
    """The other side wants nothing more at this address, ever: it can be forgotten."""


class TryLater(Exception):
    """It did not go out, or nobody can tell. `retry_after`: seconds the other side asks for."""

    def __init__(self, code: str, *, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
