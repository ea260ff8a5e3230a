"""Mail, against real servers: what arrives, what is refused, and what is never shown to anybody."""

import asyncio
import logging
import re
import socket
import traceback
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.mail_addresses import read_mail_sender
from interpreters.gateways.letters import compose
from interpreters.gateways.mail import Mail, MailGateway
from interpreters.gateways.trouble import TryLater, Undeliverable
from post_office import PASSWORD, USER, Authority, PostOffice, opened, saying

pytestmark = pytest.mark.anyio

SENDER = "Tulku birojs Rīgā <desk@example.org>"
ARABIC = "موعدك مع المترجم غدًا الساعة 10:30"
PERSIAN = "قرار شما با مترجم، ساعت ۱۰:۳۰ در مرکز ریگا. لطفاً «بله» یا «نه» را انتخاب کنید."  # noqa: RUF001 - its own digits
FIRST_WAY = "<https://interpreters.example/u/" + "a1B2" * 40 + ">"
UNSUBSCRIBE = f"{FIRST_WAY}, <mailto:stop@example.org>"
CREDENTIALS = f"{USER}:{quote(PASSWORD)}@"


def a_mail(**changes) -> Mail:
    fields = {
        "message_id": "0199.a-1@interpreters.example",
        "to": "person@example.net",
        "subject": "Your code",
        "text": "It is on this line.\n",
    }
    return Mail(**{**fields, **changes})


def gateway(office: PostOffice, *, url="smtp://127.0.0.1:{}", wait=5.0, tls=None) -> MailGateway:
    return MailGateway(url.format(office.port), SENDER, wait=wait, tls=tls)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.found(tmp_path)


# What arrives


def lines_of(text: str) -> list[str]:
    """The lines of a text, however they end, without the empty ones after the last."""
    return text.replace("\r\n", "\n").rstrip("\n").split("\n")


async def test_a_mail_arrives_as_it_was_written():
    mail = a_mail(
        subject=ARABIC,
        text=PERSIAN + "\n.\n..twice\n",
        html=f'<p dir="rtl">{PERSIAN}</p>',
        headers={"List-Unsubscribe": UNSUBSCRIBE},
        at=datetime(2026, 11, 24, 8, 0, tzinfo=UTC),
    )
    async with opened(PostOffice()) as office:
        await gateway(office).send(mail)

    [envelope] = office.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("desk@example.org", ["person@example.net"])
    read = office.message()
    assert read["Subject"] == ARABIC
    assert read["From"] == SENDER
    assert read["To"] == "person@example.net"
    assert read["Message-ID"] == "<0199.a-1@interpreters.example>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Date"].datetime == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    plain, html = read.get_body(["plain"]), read.get_body(["html"])
    assert plain is not None
    assert html is not None
    assert lines_of(plain.get_content()) == [PERSIAN, ".", "..twice"]
    assert html.get_content().strip() == f'<p dir="rtl">{PERSIAN}</p>'
    assert read.get_content_type() == "multipart/alternative"
    assert read.defects == []


async def test_every_server_can_carry_it_and_a_long_address_stays_whole():
    mail = a_mail(subject=ARABIC * 8, text=PERSIAN * 30, headers={"List-Unsubscribe": UNSUBSCRIBE})
    async with opened(PostOffice()) as office:
        await gateway(office).send(mail)

    raw = office.raw()
    assert raw.isascii()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
    long = [line for line in raw.split(b"\r\n") if len(line) > 78]
    assert long == [f"List-Unsubscribe: {FIRST_WAY},".encode()]
    assert office.message()["Subject"] == ARABIC * 8
    assert office.message()["List-Unsubscribe"] == UNSUBSCRIBE


async def test_a_repeat_has_the_same_message_id():
    async with opened(PostOffice()) as office:
        for _ in range(2):
            await gateway(office).send(a_mail())

    assert {office.message(one)["Message-ID"] for one in (0, 1)} == {
        "<0199.a-1@interpreters.example>"
    }


def shown_sender(content: bytes) -> tuple[str, str]:
    """The sender's name and address. The library's newer parser adds spaces in long names."""
    plain = message_from_bytes(content, policy=policy.default)["From"].addresses[0]
    said = str(message_from_bytes(content)["From"])
    if not said.startswith("=?"):
        return plain.display_name, plain.addr_spec
    name, _, address = str(make_header(decode_header(said))).rpartition(" <")
    return name, address.rstrip(">")


LETTERS = st.characters(exclude_categories=("C", "Z"))
WORDS = st.lists(
    st.text(LETTERS, min_size=1, max_size=40) | st.text("ابتث", min_size=1, max_size=9), max_size=20
)


@given(WORDS, WORDS.filter(bool), st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_subject_name_and_text_are_read_as_they_were_written(words, name, text):
    subject = " ".join(words)
    name = " ".join(name).translate(dict.fromkeys(map(ord, '<>"\\')))
    body = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")

    letter = compose(a_mail(subject=subject, text=body), read_mail_sender(f"{name} <a@b.c>"))

    read = message_from_bytes(letter.content, policy=policy.default)
    assert read["Subject"] == subject.replace("=?", "= ?")
    assert shown_sender(letter.content) == (name.strip(), "a@b.c")
    assert lines_of(read.get_content()) == lines_of(body)
    assert {name.lower() for name in read} == {
        "from", "to", "subject", "message-id", "auto-submitted",
        "content-type", "content-transfer-encoding", "mime-version",
    }  # fmt: skip
    assert all(len(line) <= 998 for line in letter.content.split(b"\r\n"))


# What cannot be sent


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "person@example.net\r\nRCPT TO:<thief@example.net>"}, "wrong-address"),
        ({"to": "person@example.net, thief@example.net"}, "wrong-address"),
        ({"to": "nobody"}, "wrong-address"),
        ({"subject": "Hello\r\nBcc: thief@example.net"}, "wrong-subject"),
        ({"subject": "Hello\nBcc: thief@example.net"}, "wrong-subject"),
        ({"subject": "Hello\rBcc: thief@example.net"}, "wrong-subject"),
        ({"subject": "Hello\u2028Bcc: thief@example.net"}, "wrong-subject"),
        ({"subject": "\ud800"}, "wrong-subject"),
        ({"text": "half a \udfff"}, "wrong-text"),
        ({"html": "\x00"}, "wrong-text"),
        ({"message_id": "a@b>\r\nBcc: <thief@example.net"}, "wrong-message-id"),
        ({"message_id": "no-at-sign"}, "wrong-message-id"),
        ({"headers": {"List-Unsubscribe": "<a>\r\nBcc: thief@example.net"}}, "wrong-header"),
        ({"headers": {"X: y\r\nBcc": "thief@example.net"}}, "wrong-header"),
        ({"headers": {"Bcc": "thief@example.net"}}, "wrong-header"),
        ({"headers": {"content-type": "text/html"}}, "wrong-header"),
        ({"headers": {"Auto-Submitted": "no"}}, "wrong-header"),
        ({"headers": {"X-Name": "Jānis"}}, "wrong-header"),
        ({"headers": {"X-Long": "x" * 999}}, "wrong-header"),
    ],
)
async def test_a_field_that_could_begin_another_is_refused_before_any_call(changes, code):
    async with opened(PostOffice()) as office:
        with pytest.raises(Undeliverable) as refused:
            await gateway(office).send(a_mail(**changes))

    assert refused.value.code == code
    assert office.lines == []


async def test_an_encoded_word_in_a_subject_is_only_text():
    planted = "=?utf-8?q?Hello=0D=0ABcc:_thief@example.net?="
    async with opened(PostOffice()) as office:
        await gateway(office).send(a_mail(subject=planted))

    assert office.message()["Subject"] == planted.replace("=?", "= ?")
    assert office.message()["Bcc"] is None


async def test_auto_submitted_may_be_said_twice():
    async with opened(PostOffice()) as office:
        await gateway(office).send(a_mail(headers={"auto-submitted": "auto-generated"}))

    assert office.message().get_all("Auto-Submitted") == ["auto-generated"]


async def test_an_address_outside_ascii_needs_a_server_that_knows_them():
    mail = a_mail(to="دفتر@münchen.example", subject=ARABIC)
    async with opened(PostOffice(), enable_SMTPUTF8=True) as office:
        await gateway(office).send(mail)
    async with opened(PostOffice(), enable_SMTPUTF8=False) as older:
        with pytest.raises(Undeliverable, match=r"^no-smtputf8$"):
            await gateway(older).send(mail)

    [envelope] = office.taken
    assert envelope.rcpt_tos == ["دفتر@xn--mnchen-3ya.example"]
    assert "SMTPUTF8" in envelope.mail_options
    assert office.message()["To"] == "دفتر@xn--mnchen-3ya.example"
    assert office.message()["Subject"] == ARABIC
    assert older.taken == []


async def test_a_domain_outside_ascii_needs_nothing():
    async with opened(PostOffice(), enable_SMTPUTF8=False) as office:
        await gateway(office).send(a_mail(to="post@münchen.example"))

    assert office.taken[0].rcpt_tos == ["post@xn--mnchen-3ya.example"]


# What the server answers


@pytest.mark.parametrize(
    ("command", "answer", "kind", "code"),
    [
        ("RCPT", "550 5.1.1 <person@example.net> is nobody here", Undeliverable, "550 5.1.1"),
        ("RCPT", "553 no", Undeliverable, "553"),
        ("DATA", "554 5.7.1 spam", Undeliverable, "554 5.7.1"),
        ("RCPT", "450 4.2.1 greylisted", TryLater, "450 4.2.1"),
        ("RCPT", "421 4.3.2 going down", TryLater, "421 4.3.2"),
        ("DATA", "451 4.3.0 disk full", TryLater, "451 4.3.0"),
        ("MAIL", "550 5.7.1 desk@example.org may not send", TryLater, "550 5.7.1"),
        ("MAIL", "530 5.7.0 sign in first", TryLater, "530 5.7.0"),
    ],
)
async def test_a_refused_recipient_is_final_and_the_rest_is_tried_again(
    command, answer, kind, code
):
    async with opened(PostOffice(answers={command: answer})) as office:
        with pytest.raises(kind) as trouble:
            await gateway(office).send(a_mail())
        await asyncio.sleep(0.05)
        assert office.open_lines() == 0

    assert type(trouble.value) is kind
    assert trouble.value.code == code


async def test_a_server_that_turns_everybody_away_is_tried_again():
    async with saying(["554 no service"]) as (port, _):
        with pytest.raises(TryLater, match=r"^554$"):
            await MailGateway(f"smtp://127.0.0.1:{port}", SENDER).send(a_mail())


async def test_nobody_there_is_tried_again():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(TryLater, match=r"^no-connection$"):
            await MailGateway(url, SENDER).send(a_mail())


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["220 mail.example"],
        ["220 mail.example", "250 mail.example"],
        ["220 mail.example", "250 mail.example", "250 OK", "250 OK", "354 go on"],
        ["what is this"],
    ],
)
async def test_a_server_that_breaks_off_is_tried_again(lines):
    async with saying(lines) as (port, _):
        with pytest.raises(TryLater):
            await MailGateway(f"smtp://127.0.0.1:{port}", SENDER, wait=2).send(a_mail())


async def test_a_mail_taken_without_an_answer_is_sent_again_under_the_same_id():
    async with opened(PostOffice(breaks_off=True)) as office:
        with pytest.raises(TryLater, match=r"^no-connection$"):
            await gateway(office).send(a_mail())
        office.breaks_off = False
        await gateway(office).send(a_mail())

    assert office.message(0)["Message-ID"] == office.message(1)["Message-ID"]


async def test_a_server_that_only_forgets_to_say_goodbye_has_the_mail():
    lines = ["220 hello", "250 hello", "250 OK", "250 OK", "354 go on", "250 taken"]
    for goodbye in [], [None], ["what?"]:
        async with saying([*lines, *goodbye]) as (port, heard):
            await MailGateway(f"smtp://127.0.0.1:{port}", SENDER, wait=0.3).send(a_mail())

        assert heard[-1] == b"QUIT\r\n"


@pytest.mark.parametrize(
    "lines", [[None], ["220 hello", None], ["220 hello", "250 hello", "250 OK", None]]
)
async def test_a_silent_server_is_waited_for_as_long_as_said(lines):
    clock = asyncio.get_running_loop().time
    async with saying(lines) as (port, _):
        began = clock()
        with pytest.raises(TryLater, match=r"^timeout$"):
            await MailGateway(f"smtp://127.0.0.1:{port}", SENDER, wait=0.2).send(a_mail())
        took = clock() - began

    assert 0.2 <= took < 1.5


async def test_a_server_that_answers_slowly_each_time_has_an_end_too():
    clock = asyncio.get_running_loop().time
    lines = ["220 hello", "250 hello", "250 OK", "250 OK", "354 go on", "250 OK"]
    async with saying(lines, pause=0.25) as (port, _):
        began = clock()
        with pytest.raises(TryLater, match=r"^timeout$"):
            await MailGateway(f"smtp://127.0.0.1:{port}", SENDER, wait=0.3).send(a_mail())
        took = clock() - began

    assert took < 2


# Encryption and sign-in


async def test_a_password_is_given_after_starttls(authority):
    office = PostOffice()
    options = {"tls": authority.server("127.0.0.1"), "starttls": True, "auth_required": True}
    async with opened(office, **options):
        url = f"smtp://{CREDENTIALS}127.0.0.1:{{}}"
        await gateway(office, url=url, tls=authority.trusted()).send(a_mail())

    assert office.sessions[0].ssl is not None
    assert len(office.commands) == 1
    assert office.message()["To"] == "person@example.net"


async def test_encryption_from_the_first_byte(authority):
    office = PostOffice()
    # aiosmtpd does not see the encryption below it, so it would not offer a sign-in
    async with opened(office, tls=authority.server("127.0.0.1"), auth_require_tls=False):
        url = f"smtps://{CREDENTIALS}127.0.0.1:{{}}"
        await gateway(office, url=url, tls=authority.trusted()).send(a_mail())

    assert len(office.taken) == 1
    assert len(office.commands) == 1


@pytest.mark.parametrize("starttls", [True, False])
async def test_a_certificate_of_nobody_we_trust_ends_it(authority, starttls):
    office = PostOffice()
    url = "smtp://127.0.0.1:{}" if starttls else "smtps://127.0.0.1:{}"
    async with opened(office, tls=authority.server("127.0.0.1"), starttls=starttls):
        with pytest.raises(TryLater, match=r"^wrong-certificate$"):
            await gateway(office, url=url).send(a_mail())

    assert office.taken == []


async def test_a_certificate_for_another_name_ends_it(authority):
    office = PostOffice()
    async with opened(office, tls=authority.server("other.example"), starttls=True):
        with pytest.raises(TryLater, match=r"^wrong-certificate$"):
            await gateway(office, tls=authority.trusted()).send(a_mail())

    assert office.taken == []


@pytest.mark.parametrize(
    "url",
    [
        "smtp://127.0.0.1:{}?starttls=required",
        f"smtp://{CREDENTIALS}127.0.0.1:{{}}",
        f"smtp://{CREDENTIALS}127.0.0.1:{{}}?starttls=required",
        f"smtp://{CREDENTIALS}127.0.0.1:{{}}?starttls=auto",
    ],
)
async def test_without_encryption_where_it_must_be_nothing_is_said(url):
    office = PostOffice()
    async with opened(office, auth_require_tls=False):
        with pytest.raises(TryLater, match=r"^no-encryption$"):
            await gateway(office, url=url).send(a_mail())

    assert office.taken == []
    assert office.commands == []


async def test_never_means_never():
    office = PostOffice()
    async with opened(office, auth_require_tls=False):
        url = f"smtp://{CREDENTIALS}127.0.0.1:{{}}?starttls=never"
        await gateway(office, url=url).send(a_mail())

    assert len(office.taken) == 1
    assert len(office.commands) == 1


async def test_a_wrong_password_is_the_operators_to_mend():
    office = PostOffice()
    async with opened(office, auth_require_tls=False):
        url = f"smtp://{USER}:wrong@127.0.0.1:{{}}?starttls=never"
        with pytest.raises(TryLater, match=r"^sign-in-refused$"):
            await gateway(office, url=url).send(a_mail())

    assert office.taken == []


async def test_a_server_without_sign_in_is_not_given_a_password():
    office = PostOffice()
    async with opened(office):  # it offers none without encryption
        url = f"smtp://{CREDENTIALS}127.0.0.1:{{}}?starttls=never"
        with pytest.raises(TryLater, match=r"^no-sign-in$"):
            await gateway(office, url=url).send(a_mail())

    assert office.commands == []


# What nobody sees


async def test_no_log_and_no_trouble_names_a_person_or_repeats_a_text(caplog):
    caplog.set_level(logging.DEBUG)
    mail = a_mail(to="canary1@example.net", subject="canary2", text="canary3", html="canary4")
    shown = [repr(mail), repr(compose(mail, read_mail_sender(SENDER)))]
    answers = [
        {"RCPT": "550 5.1.1 canary1@example.net is nobody"},
        {"DATA": "451 I did not like canary2, canary3 and canary4"},
        {},
    ]
    for answer in answers:
        async with opened(PostOffice(answers=answer)) as office:
            try:
                await gateway(office).send(mail)
            except (Undeliverable, TryLater) as trouble:
                shown.append("".join(traceback.format_exception(trouble)))
    shown += [
        record.getMessage() for record in caplog.records if not record.name.startswith("mail.")
    ]  # mail.log is the server's own

    assert len(shown) >= 4
    assert "canary" not in "".join(shown)
