"""Telephone numbers come in any common form with a country, and are kept as E.164."""

import pytest

from interpreters.http.fields import e164
from interpreters.http.reading import FieldProblem


@pytest.mark.parametrize(
    "written",
    [
        "+37125565098",
        "+371 25565098",
        "+371 (25) 565-098",
        "00371 25565098",
        "00 371 2556 5098",
        " +371-2556-5098 ",
        "tel:+37125565098",
    ],
)
def test_every_common_form_is_the_same_number(written: str) -> None:
    assert e164(written) == "+37125565098"


@pytest.mark.parametrize(
    "written", ["25565098", "+", "00", "+371", "+371 1", "dial me", "+999 12345678"]
)
def test_what_is_no_number_with_a_country_is_refused(written: str) -> None:
    with pytest.raises(FieldProblem) as refused:
        e164(written)
    assert refused.value.code == "invalid-phone"
