"""Tables in documents: what stands between two marks is written anew, the rest stays."""

MARK = "<!-- {}: written by `make simulate-tables` -->"
END = "<!-- end of {} -->"


def put_between(text: str, name: str, table: str) -> str:
    """Return the text with the table between the marks of that name.

    Raises:
        ValueError: the text has no such marks.
    """
    begin, end = MARK.format(name), END.format(name)
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"there are no marks for {name}")
    return f"{before}{begin}\n{table}{end}{after}"
