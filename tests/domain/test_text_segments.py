"""How many messages a body is: expectations from 3GPP TS 23.038 §6.2.1 and TS 23.040 §9.2.3.24."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.text_segments import segments

PLAIN = "a"  # one septet
DOUBLED = "€"  # 1B 65: two septets
WIDE = "د"  # outside the alphabet: one unit of UCS-2
FACE = "\U0001f642"  # outside the BMP: two units


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("", 1),
        (PLAIN * 160, 1),
        (PLAIN * 161, 2),
        (PLAIN * 306, 2),
        (PLAIN * 307, 3),
        (WIDE * 70, 1),
        (WIDE * 71, 2),
        (WIDE * 134, 2),
        (WIDE * 135, 3),
        (DOUBLED * 80, 1),
        (DOUBLED * 80 + PLAIN, 2),
        (FACE * 35, 1),
        (FACE * 35 + WIDE, 2),
    ],
)
def test_a_part_ends_where_the_specification_ends_it(body, parts):
    assert segments(body) == parts


def test_an_escaped_character_is_not_cut_in_two():
    # 306 septets would fill two parts, but place 153 may not hold half a €
    assert segments(PLAIN * 152 + DOUBLED + PLAIN * 152) == 3
    assert segments(PLAIN * 151 + DOUBLED + PLAIN * 153) == 2


def test_a_surrogate_pair_is_not_cut_in_two():
    assert segments(WIDE * 66 + FACE + WIDE * 66) == 3
    assert segments(WIDE * 65 + FACE + WIDE * 67) == 2


@pytest.mark.parametrize(
    "alphabet",
    [
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ",
        "".join(chr(code) for code in range(0x20, 0x5B) if chr(code) not in "$@"),
        "".join(chr(code) for code in range(0x61, 0x7B)),
        "¤¡ÄÖÑÜ§¿äöñüà",
    ],
)
def test_the_alphabet_takes_one_place_a_character(alphabet):
    for one in alphabet:
        assert segments(one * 160) == 1, one
        assert segments(one * 161) == 2, one


def test_the_extension_takes_two_places_a_character():
    for one in "\f^{}\\[~]|€":
        assert segments(one * 80) == 1, one
        assert segments(one * 81) == 2, one


@pytest.mark.parametrize(
    "one", ["ç", "á", "`", "ā", "č", "Ё", "د", "\u2019", "…", "\t", "\x1b", "\u00a0"]
)
def test_a_character_outside_the_alphabet_makes_every_place_sixteen_bits(one):
    assert segments(PLAIN * 69 + one) == 1
    assert segments(PLAIN * 70 + one) == 2


@given(st.text(max_size=700), st.text(max_size=20))
def test_a_longer_body_is_never_fewer_parts(body, more):
    assert segments(body) <= segments(body + more)


@given(st.text(max_size=700))
def test_the_parts_hold_the_body(body):
    octets = len(body.encode("utf-16-le", "surrogatepass"))
    assert 1 <= segments(body) <= max(1, math.ceil(octets / 132))  # at worst 66 units in a part
