"""Charts as SVG: bars, or lines, over months, each with a table of the same numbers.

Everything that is written in is escaped. For readers of screens the picture is one image with a
title and a description (WAI-ARIA `img`, SVG 2 accessibility), and the numbers are the table's.
Series are told apart by their pattern of dashes and by their place, not by colour alone.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final, Literal, TypeAlias

import msgspec

Shape: TypeAlias = Literal["bars", "lines"]
WIDTH: Final = 720
HEIGHT: Final = 320
LEFT: Final = 64
TOP: Final = 48
BOTTOM: Final = 56
RIGHT: Final = 16
STEPS: Final = (1, 2, 5, 10)
# Okabe and Ito's palette, told apart by people who see colours differently; then dashes.
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
DASHES: Final = ("none", "6 3", "2 3", "8 3 2 3", "1 4", "10 4", "4 4")
MOST_SERIES: Final = len(COLOURS)
MARK: Final = 30  # of a name's colour and the space after it
LETTER: Final = 7.2  # a letter's width at most, on average


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn of one thing: a value for each place on the axis; None where it is hidden."""

    name: str
    values: Sequence[int | None]


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """What a chart shows. `places` are the names along the axis, `unit` what the numbers count."""

    title: str
    unit: str
    places: Sequence[str]
    series: Sequence[Series]
    shape: Shape = "bars"
    hidden: str = "few"  # what stands in the table for a hidden value
    comma: str = ", "  # what stands between the parts of the description
    way: Literal["ltr", "rtl"] = "ltr"  # which way its words, and so its months, run


def svg(chart: Chart) -> str:
    """Return the chart as one SVG document."""
    highest = nice_top(max((abs(value) for value in _values(chart)), default=0))
    parts = [
        *_grid(chart, highest),
        *(_bars if chart.shape == "bars" else _lines)(chart, highest),
        *_legend(chart),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="chart-title chart-description" font-family="sans-serif" font-size="12" '
        f'direction="{chart.way}">'
        f'<title id="chart-title">{_text(chart.title)}</title>'
        f'<desc id="chart-description">{_text(described(chart))}</desc>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
        f'<text x="{_x(chart, LEFT)}" y="20" font-size="16" font-weight="bold">'
        f"{_text(chart.title)}</text>"
        f"{''.join(parts)}</svg>"
    )


def table(chart: Chart) -> str:
    """Return the same numbers as an HTML table, with headings of rows and columns."""
    head = "".join(f'<th scope="col">{_text(one.name)}</th>' for one in chart.series)
    rows = "".join(
        f'<tr><th scope="row">{_text(place)}</th>'
        + "".join(f"<td>{_shown(chart, one.values[at])}</td>" for one in chart.series)
        + "</tr>"
        for at, place in enumerate(chart.places)
    )
    return (
        f"<table><caption>{_text(chart.title)} ({_text(chart.unit)})</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def described(chart: Chart) -> str:
    """Return in words what the picture shows: every number, series by series."""
    return " ".join(
        (f"{one.name}: " if one.name else "")
        + chart.comma.join(
            f"{place} {_shown(chart, value)}"
            for place, value in zip(chart.places, one.values, strict=True)
        )
        + f" {chart.unit}."
        for one in chart.series
    )


def nice_top(highest: int) -> int:
    """Return where the axis ends: the next 1, 2 or 5 times a power of ten, at least 1."""
    power: int = 10 ** max(0, len(str(highest)) - 1)
    return next(step * power for step in STEPS if step * power >= max(1, highest))


def _shown(chart: Chart, value: int | None) -> str:
    return _text(chart.hidden) if value is None else str(value)


def _values(chart: Chart) -> Iterator[int]:
    for one in chart.series:
        yield from (value for value in one.values if value is not None)


def _height(value: int, highest: int) -> float:
    return (HEIGHT - TOP - BOTTOM) * max(0, value) / highest


def _x(chart: Chart, x: float, width: float = 0) -> str:
    """Return where something that is so wide begins: mirrored for who reads from the right."""
    return f"{WIDTH - x - width if chart.way == 'rtl' else x:.1f}"


def _slot(chart: Chart) -> float:
    return (WIDTH - LEFT - RIGHT) / max(1, len(chart.places))


def _grid(chart: Chart, highest: int) -> Iterator[str]:
    ground = HEIGHT - BOTTOM
    for value in sorted({0, highest // 2, highest}):
        y = ground - _height(value, highest)
        ends = f'x1="{_x(chart, LEFT)}" x2="{_x(chart, WIDTH - RIGHT)}"'
        yield f'<line {ends} y1="{y:.1f}" y2="{y:.1f}" stroke="#cccccc"/>'
        x = _x(chart, LEFT - 8)
        yield f'<text x="{x}" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
    every = max(1, -(-len(chart.places) // 12))  # twelve names fit
    for at, place in enumerate(chart.places):
        if at % every == 0:
            x = _x(chart, LEFT + _slot(chart) * (at + 0.5))
            yield f'<text x="{x}" y="{ground + 16}" text-anchor="middle">{_text(place)}</text>'


def _bars(chart: Chart, highest: int) -> Iterator[str]:
    width = _slot(chart) * 0.8 / max(1, len(chart.series))
    for number, one in enumerate(chart.series):
        for at, value in enumerate(one.values):
            if value is not None:
                x = _x(chart, LEFT + _slot(chart) * (at + 0.1) + width * number, width)
                height = _height(value, highest)
                yield (
                    f'<rect x="{x}" y="{HEIGHT - BOTTOM - height:.1f}" width="{width:.1f}" '
                    f'height="{height:.1f}" fill="{COLOURS[number % MOST_SERIES]}"/>'
                )


def _lines(chart: Chart, highest: int) -> Iterator[str]:
    """Draw each run of known values; a hidden one leaves a gap."""
    for number, one in enumerate(chart.series):
        run: list[str] = []
        for at, value in enumerate([*one.values, None]):
            if value is not None:
                x = _x(chart, LEFT + _slot(chart) * (at + 0.5))
                run.append(f"{x},{HEIGHT - BOTTOM - _height(value, highest):.1f}")
            elif run:
                yield _run(run, number)
                run = []


def _run(points: Sequence[str], number: int) -> str:
    colour = COLOURS[number % MOST_SERIES]
    if len(points) == 1:
        x, _, y = points[0].partition(",")
        return f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'
    return (
        f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{DASHES[number % MOST_SERIES]}"/>'
    )


def _legend(chart: Chart) -> Iterator[str]:
    """Write the names beside each other, each as wide as it is; where they need more room than
    there is, long ones are cut: the table has them whole.
    """
    room = WIDTH - LEFT - RIGHT - len(chart.series) * MARK
    letters = max(3, int(room / LETTER))
    most = _longest([len(one.name) for one in chart.series], letters)
    x = float(LEFT)
    for number, one in enumerate(chart.series):
        name = one.name if len(one.name) <= most else f"{one.name[: most - 1]}…"
        y = HEIGHT - 16
        colour = COLOURS[number % MOST_SERIES]
        mark = _x(chart, x, 10)
        yield f'<rect x="{mark}" y="{y - 9}" width="10" height="10" fill="{colour}"/>'
        # Isolated, so that the dots after a cut Latin name stay at its end.
        yield f'<text x="{_x(chart, x + 16)}" y="{y}">&#x2068;{_text(name)}&#x2069;</text>'
        x += MARK + LETTER * len(name)


def _longest(lengths: Sequence[int], letters: int) -> int:
    """Return how long a name may be so that all together have so many letters."""
    most = max(lengths, default=0)
    while most > 3 and sum(min(one, most) for one in lengths) > letters:  # noqa: PLR2004 - "Da…"
        most -= 1
    return most


def _text(value: str) -> str:
    """Escape for XML; what no XML document may hold is left out."""
    allowed = "".join(
        one for one in value if one in "\t\n" or (one >= " " and not "\ud800" <= one <= "\udfff"
                                                   and one not in "\x7f\ufffe\uffff")
    )  # fmt: skip
    return escape(allowed, quote=True)
