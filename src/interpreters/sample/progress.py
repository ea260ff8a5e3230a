"""How far something long is: a bar on a terminal, a line for each tenth elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

TEXT: Final = "Replaying fifteen months of the sample network"
TENTHS: Final = 10


@contextmanager
def shown_progress(out: TextIO, text: str = TEXT) -> Iterator[Callable[[int, int], None]]:
    """Show on `out` what the yielded function is told: how many are done, and of how many."""
    if not out.isatty():
        yield _lines(out, text)
        return
    columns = (TextColumn(text), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=out), transient=True) as bar:
        task = bar.add_task(text)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(out: TextIO, text: str) -> Callable[[int, int], None]:
    written = -1

    def tell(done: int, total: int) -> None:
        nonlocal written
        tenth = done * TENTHS // max(total, 1)
        if tenth > written:
            written = tenth
            out.write(f"{text}: {done} of {total}\n")
            out.flush()

    return tell
