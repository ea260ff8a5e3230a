"""What people write into one field for several things is read, whatever keyboard they have."""

from hypothesis import given
from hypothesis import strategies as st

from interpreters.web.fields import listed

COMMAS = (",", ", ", "،", "، ", ";", "؛", "、", "\n")
WORDS = st.text(st.characters(whitelist_categories=("Lu", "Ll", "Lo", "Nd")), min_size=1)


@given(st.lists(WORDS), st.sampled_from(COMMAS))
def test_things_are_told_apart_by_the_comma_of_any_script(words: list[str], comma: str) -> None:
    assert listed(comma.join(words)) == words


def test_nothing_between_two_commas_is_nothing() -> None:
    assert listed(" ، ,\n") == []
