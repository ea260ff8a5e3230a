"""Charts are documents that anybody can read, whatever their words are."""

from xml.etree import ElementTree as ET

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.charts import Chart, Series, nice_top, svg, table

SVG = "{http://www.w3.org/2000/svg}"
YEAR = Chart(
    title="Sessions <2026>", unit="sessions", places=["2026-05", "2026-06", "2026-07"],
    series=[Series(name="Dari & Pashto", values=[4, None, 12]),
            Series(name='"Arabic"', values=[0, 7, 3])],
)  # fmt: skip


def test_it_is_one_image_with_a_title_and_a_description_of_every_number() -> None:
    root = ET.fromstring(svg(YEAR))
    assert root.get("role") == "img"
    named = root.get("aria-labelledby", "").split()
    assert [root.find(f"{SVG}title").get("id"), root.find(f"{SVG}desc").get("id")] == named  # type: ignore[union-attr]  # they are there
    assert root.findtext(f"{SVG}title") == "Sessions <2026>"
    assert root.findtext(f"{SVG}desc") == (
        "Dari & Pashto: 2026-05 4, 2026-06 few, 2026-07 12 sessions. "
        '"Arabic": 2026-05 0, 2026-06 7, 2026-07 3 sessions.'
    )


def test_what_is_not_grouped_is_described_without_a_name() -> None:
    alone = Chart(
        title="Sessions", unit="sessions", places=["2026-05"], series=[Series(name="", values=[4])]
    )
    assert ET.fromstring(svg(alone)).findtext(f"{SVG}desc") == "2026-05 4 sessions."


def test_a_hidden_number_has_no_bar_and_reads_few_in_the_table() -> None:
    bars = ET.fromstring(svg(YEAR)).findall(f"{SVG}rect")
    assert len(bars) == 1 + 5 + 2  # the ground, five known numbers, two names
    cells = [one.text for one in ET.fromstring(table(YEAR)).iter("td")]
    assert cells[1:] == ["4", "0", "few", "7", "12", "3"]


def test_a_bar_is_as_high_as_its_number() -> None:
    bars = ET.fromstring(svg(YEAR)).findall(f"{SVG}rect")[1:6]
    heights = [float(one.get("height", "")) for one in bars]
    assert abs(heights[1] - 3 * heights[0]) < 0.2  # to a tenth of a point
    assert heights[2] == 0


def test_a_line_has_a_gap_where_a_number_is_hidden() -> None:
    lines = Chart(title="", unit="", places=["1", "2", "3", "4"], shape="lines",
                  series=[Series(name="", values=[1, None, 3, 4])])  # fmt: skip
    root = ET.fromstring(svg(lines))
    assert len(root.findall(f"{SVG}circle")) == 1
    assert [len(one.get("points", "").split()) for one in root.iter(f"{SVG}polyline")] == [2]


def test_months_run_from_the_right_for_who_reads_from_there() -> None:
    root = ET.fromstring(svg(msgspec.structs.replace(YEAR, way="rtl")))
    plain = ET.fromstring(svg(YEAR))
    assert (root.get("direction"), plain.get("direction")) == ("rtl", "ltr")
    for mirrored, bar in zip(root.iter(f"{SVG}rect"), plain.iter(f"{SVG}rect"), strict=True):
        begins, ends = (float(one.get("x", "0")) for one in (bar, mirrored))
        assert abs(begins + float(bar.get("width", "")) + ends - 720) < 0.2  # a tenth, twice


def test_the_axis_ends_at_a_round_number() -> None:
    assert [nice_top(one) for one in (0, 1, 3, 7, 10, 11, 20, 21, 99, 501)] == [
        1, 1, 5, 10, 10, 20, 20, 50, 100, 1000,
    ]  # fmt: skip


@given(
    st.text(), st.text(), st.lists(st.text(), min_size=1, max_size=30),
    st.lists(st.tuples(st.text(), st.integers(-(10**12), 10**12) | st.none()), max_size=9),
    st.sampled_from(["bars", "lines"]),
)  # fmt: skip
def test_whatever_the_words_are_it_is_well_formed_and_runs_nothing(
    title: str, unit: str, places: list[str], rows: list[tuple[str, int | None]], shape: str
) -> None:
    chart = Chart(
        title=title, unit=unit, places=places, shape=shape,  # type: ignore[arg-type]  # one of two
        series=[Series(name=name, values=[value] * len(places)) for name, value in rows],
    )  # fmt: skip
    for made in (svg(chart), table(chart)):
        root = ET.fromstring(made)
        kinds = {one.tag.rpartition("}")[2] for one in root.iter()}
        assert kinds <= {
            "svg", "title", "desc", "rect", "text", "line", "circle", "polyline", "table",
            "caption", "thead", "tbody", "tr", "td", "th",
        }  # fmt: skip
        assert not any(name.startswith("on") for one in root.iter() for name in one.attrib)
