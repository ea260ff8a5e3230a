"""What people write into one field for several things is read, whatever keyboard they have."""

from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.errors import FieldError
from interpreters.web.fields import Fields, listed, told_trouble
from interpreters.web.finance_words import minor_units
from interpreters.web.roster_words import weekly_of

COMMAS = (",", ", ", "،", "، ", ";", "؛", "、", "\n")
WORDS = st.text(st.characters(whitelist_categories=("Lu", "Ll", "Lo", "Nd")), min_size=1)


@given(st.lists(WORDS), st.sampled_from(COMMAS))
def test_things_are_told_apart_by_the_comma_of_any_script(words: list[str], comma: str) -> None:
    assert listed(comma.join(words)) == words


def test_nothing_between_two_commas_is_nothing() -> None:
    assert listed(" ، ,\n") == []


def test_numbers_hours_and_amounts_are_read_in_the_digits_of_any_keyboard() -> None:
    persian = str.maketrans("0123456789.", "".join(map(chr, range(0x6F0, 0x6FA))) + "\u066b")
    hours = "9-12\N{ARABIC COMMA} 13:00-17:30".translate(persian)
    said = Fields([("breaks", "45".translate(persian)), ("sat", hours), ("none", "45 min")])

    assert (said.number("breaks"), said.number("none")) == (45, "45 min")
    assert weekly_of(said) == [
        {"day": "sat", "from": "09:00", "to": "12:00"},
        {"day": "sat", "from": "13:00", "to": "17:30"},
    ]
    assert minor_units("45.50".translate(persian), "EUR") == 4550
    codes = Fields([("client", "LV-1042".translate(persian)), ("none", " ")])
    assert (codes.coded("client"), codes.coded("none")) == ("LV-1042", None)


def test_letters_that_are_too_many_are_told_what_they_should_be() -> None:
    wrong = [
        FieldError(pointer=one, code="out-of-range", detail="") for one in ("/currency", "/name")
    ]
    told = told_trouble("en", wrong)
    assert told["/currency"] == "Please write the three letters of the currency, such as EUR."
    assert told["/name"] == "This is too little or too much, too early or too late."
