"""Addresses that mail can be sent to (RFC 5321 §4.1.2 and §4.5.3.1, RFC 6531 §3.3, RFC 5890)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.mail_addresses import (
    WrongMailAddress,
    read_mail_address,
    read_mail_sender,
)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("desk@example.org", "desk@example.org"),
        ("Desk.Two+tag@EXAMPLE.org", "Desk.Two+tag@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("post@münchen.example", "post@xn--mnchen-3ya.example"),
        (
            "post@straße.example",
            "post@xn--strae-oqa.example",
        ),  # not strasse.example, which is another's
        ("دفتر@example.org", "دفتر@example.org"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_the_domain_is_written_as_the_name_system_knows_it(text, spec):
    assert read_mail_address(text).spec == spec


@pytest.mark.parametrize(
    "text",
    [
        "",
        "desk",
        "@example.org",
        "desk@",
        "desk@@example.org",
        "a@b@example.org",
        "desk @example.org",
        "desk@example.org ",
        "desk@example.org\r\nBcc: thief@example.net",
        "desk\n@example.org",
        "desk@example.org\n",
        "a,b@example.org",
        "<desk@example.org>",
        '"a b"@example.org',
        "desk@[192.0.2.1]",
        ".desk@example.org",
        "desk.@example.org",
        "de..sk@example.org",
        "desk@example..org",
        "desk@-example.org",
        "desk@exa_mple.org",
        "desk@example.org.",
        "desk\x00@example.org",
        "desk\u202egro@example.org",
        "desk\ud800@example.org",
        "d" * 65 + "@example.org",
        "desk@" + "d" * 64 + ".org",
        "desk@" + "d." * 130 + "org",
        "desk@exa\u2028mple.org",
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(text):
    with pytest.raises(WrongMailAddress) as refused:
        read_mail_address(text)

    assert str(refused.value) in {
        "not an address such as desk@example.org",
        "longer than an address may be",
        "its domain cannot exist",
    }


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text):
    try:
        spec = read_mail_address(text).spec
    except WrongMailAddress:
        return
    assert read_mail_address(spec).spec == spec
    assert not any(one.isspace() for one in spec)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("desk@example.org", ""),
        ("<desk@example.org>", ""),
        ("The Desk <desk@example.org>", "The Desk"),
        ('"Desk, the" <desk@example.org>', "Desk, the"),
        ("Tulku birojs Rīgā <desk@example.org>", "Tulku birojs Rīgā"),
    ],
)
def test_a_sender_may_have_a_name(text, name):
    sender = read_mail_sender(text)

    assert (sender.spec, sender.name) == ("desk@example.org", name)


@pytest.mark.parametrize(
    "text",
    [
        "Desk",
        "Desk <desk>",
        "Desk <desk@example.org> <two@example.org>",
        "Desk\r\nBcc: x <desk@example.org>",
        "бюро@example.org",
    ],
)
def test_what_is_no_sender_is_refused(text):
    with pytest.raises(WrongMailAddress):
        read_mail_sender(text)
