"""Shapes that several doors answer with."""

import msgspec

from interpreters.domain.languages import describe


class LanguageView(msgspec.Struct, frozen=True, kw_only=True):
    """A spoken or signed language; `code` is ISO 639-3."""

    code: str
    bcp47: str
    name: str
    autonym: str | None

    @classmethod
    def of(cls, code: str) -> "LanguageView":
        """Shape a stored code."""
        one = describe(code)
        return cls(code=one.code, bcp47=one.bcp47, name=one.name, autonym=one.autonym)


class MoneyView(msgspec.Struct, frozen=True, kw_only=True):
    """An amount in minor units: 4500 EUR is 45.00 euro."""

    amount_minor: int
    currency: str
