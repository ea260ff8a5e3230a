"""Tables in documents: what stands between two marks is written anew, the rest stays."""

from collections.abc import Mapping
from typing import Final

MARK: Final = "<!-- {}: written by `make simulate-tables` -->"
END: Final = "<!-- end of {} -->"


def put_between(text: str, tables: Mapping[str, str]) -> str:
    """Return the text with those of the tables that it has marks for.

    Raises:
        ValueError: it has marks for none, or a mark without its end.
    """
    marked = {name: table for name, table in tables.items() if MARK.format(name) in text}
    if not marked:
        raise ValueError("there are no marks for any of the tables")
    for name, table in marked.items():
        begin, end = MARK.format(name), END.format(name)
        before, _, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not closed:
            raise ValueError(f"the mark of {name} has no end")
        text = f"{before}{begin}\n{table}{end}{after}"
    return text
