"""Tables between marks of a document: they are replaced, and nothing else is."""

from pathlib import Path

import pytest

from interpreters.domain.charts import Chart, Series, svg
from interpreters.simulation.documents import END, MARK, put_between

DOCS = Path(__file__).parents[2] / "docs"
NAMES = ("policies", "seeds", "misses", "settings", "willing", "fairness", "on call")


def test_the_table_is_put_between_its_marks_and_the_rest_stays() -> None:
    text = f"before\n{MARK.format('a')}\nold\n{END.format('a')}\nafter\n"
    found = put_between(text, {"a": "new\n", "b": "elsewhere\n"})
    assert found == text.replace("old", "new")
    assert put_between(found, {"a": "new\n"}) == found


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no marks"):
        put_between("text", {"a": "new\n"})
    with pytest.raises(ValueError, match="no end"):
        put_between(MARK.format("a"), {"a": "new\n"})


@pytest.mark.parametrize(
    ("document", "names"), [("simulation.md", NAMES), ("dispatch.md", ("policies",))]
)
def test_the_documents_have_their_tables(document: str, names: tuple[str, ...]) -> None:
    text = (DOCS / document).read_text(encoding="utf-8")
    for name in names:
        table = text.partition(MARK.format(name))[2].partition(END.format(name))[0]
        assert table.count("\n|") >= 3


def test_both_documents_tell_the_same() -> None:
    def table(document: str) -> str:
        text = (DOCS / document).read_text(encoding="utf-8")
        return text.partition(MARK.format("policies"))[2].partition(END.format("policies"))[0]

    assert table("simulation.md") == table("dispatch.md") != ""


def test_the_picture_is_there() -> None:
    drawn = (DOCS / "simulation.svg").read_text(encoding="utf-8")
    empty = svg(Chart(title="", unit="", places=[], series=[Series(name="", values=[])]))
    assert drawn.startswith(empty.partition("<title")[0])
    assert "one by one" in drawn
