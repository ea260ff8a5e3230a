"""The numbers of persons, cards and accounts that are looked for in texts, as data.

The check digits are python-stdnum's. What it does not know stands here: the Russian SNILS, the
Iranian national code (both public algorithms), and the Afghan e-tazkira, which has no known check.
"""

import re
from collections.abc import Callable
from enum import Enum
from typing import Final, NamedTuple

from stdnum import iban, luhn
from stdnum.at import vnr
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.ch import ssn as ahv
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.in_ import aadhaar
from stdnum.is_ import kennitala
from stdnum.it import codicefiscale
from stdnum.lt import asmens
from stdnum.lv import pvn
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pk import cnic
from stdnum.pl import pesel
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.si import emso
from stdnum.tr import tckimlik
from stdnum.ua import rntrc
from stdnum.us import ssn

# What a number stands alone between: no letter or digit, no part of a date, a decimal, an address.
ALONE_BEFORE: Final = r"(?<![\w+])(?<!\d[-./:,])(?<![\w?&][/=])"
ALONE_AFTER: Final = r"(?!\w)(?![-./:,]\d)(?!-\w)"
DAY_MONTH: Final = r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])"


class When(Enum):
    """What it takes, besides form and check, to take a number for the person's.

    `SHAPE`: nothing; letters or separators are the kind's own. `BARE`: nothing, unless a word
    before says what else it is, such as `Zoom`. `WHOLE`: a telling word, or it is the whole of a
    reference. `NAMED`: a telling word.
    """

    SHAPE = 0
    BARE = 1
    WHOLE = 2
    NAMED = 3


class Kind(NamedTuple):
    """One way one kind of number is written.

    A group `yy` in the form is a year that could as well be that of a case or an order: `stamped`
    numbers of the present years need a telling word.
    """

    name: str
    form: re.Pattern[str]
    holds: Callable[[str], bool]
    when: When


def _kind(name: str, form: str, holds: Callable[[str], bool], when: When) -> Kind:
    alone = f"{ALONE_BEFORE}(?:{form}){ALONE_AFTER}"
    return Kind(name, re.compile(alone, re.IGNORECASE), holds, when)


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit())


def _always(_: str) -> bool:
    return True


def _baltic(text: str) -> bool:
    return ik.is_valid(text) or asmens.is_valid(text)


def _danish(text: str) -> bool:
    """Modulo 11, which numbers of 1 January do without: they ran out of it."""
    digits = _digits(text)
    return cpr.is_valid(digits) and (cpr.checksum(digits) == 0 or digits.startswith("0101"))


def _is_iban(text: str) -> bool:
    """Whether it begins with an account's number: words may follow it."""
    packed = "".join(text.split())
    return any(iban.is_valid(packed[:length]) for length in range(15, len(packed) + 1))


def _is_card(text: str) -> bool:
    return luhn.is_valid(_digits(text))


def _is_snils(text: str) -> bool:
    digits = _digits(text)
    total = sum(int(one) * (9 - place) for place, one in enumerate(digits[:9]))
    return total % 101 % 100 == int(digits[9:])


def _is_iranian(text: str) -> bool:
    digits = _digits(text)
    rest = sum(int(one) * (10 - place) for place, one in enumerate(digits[:9])) % 11
    check = rest if rest in (0, 1) else 11 - rest
    return len(set(digits)) > 1 and int(digits[9]) == check


LATVIAN: Final = "Latvian personal code"
SWEDISH: Final = "Swedish personal number"
CARD: Final = "payment card number"
SSN: Final = "American social security number"
GERMAN: Final = "German tax identification number"
SHAPE, BARE, WHOLE, NAMED = When

KINDS: Final = (
    # Born before July 2017 with the day; the seventh digit is the century, 0 was the nineteenth.
    _kind(LATVIAN, DAY_MONTH + r"\d\d-[12]\d{4}", pvn.is_valid, SHAPE),
    # Since then 32 and ten digits whose check nobody has published: the form is enough.
    _kind(LATVIAN, r"3[2-9]\d{4}-\d{5}", _always, SHAPE),
    _kind(LATVIAN, DAY_MONTH + r"\d\d ?[12]\d{4}", pvn.is_valid, BARE),
    _kind(LATVIAN, r"32\d{4} ?\d{5}", pvn.is_valid, WHOLE),
    _kind("Estonian or Lithuanian personal code", r"[3-6]\d{10}", _baltic, BARE),
    _kind("Finnish personal identity code", DAY_MONTH + r"\d\d[-+A-FU-Y]\d{3}[0-9A-Y]",
          lambda text: hetu.is_valid(text, allow_temporary=True), SHAPE),
    _kind("Norwegian birth number", r"[0-7]\d{5} ?\d{5}", fodselsnummer.is_valid, BARE),
    _kind(SWEDISH, r"(?:19|20)?(?P<yy>\d\d)\d{4}[-+]\d{4}", personnummer.is_valid, SHAPE),
    _kind(SWEDISH, r"(?:19|20)\d{10}|\d{10}", personnummer.is_valid, NAMED),
    _kind("Danish CPR number", DAY_MONTH + r"(?P<yy>\d\d)-\d{4}", _danish, SHAPE),
    _kind("Danish CPR number", DAY_MONTH + r"\d{6}", _danish, NAMED),
    _kind("Icelandic kennitala",
          r"[0-7]\d[01]\d(?P<yy>\d\d)-\d{3}[890]", kennitala.is_valid, SHAPE),
    _kind("Polish PESEL", r"(?P<yy>\d\d)\d{9}", pesel.is_valid, WHOLE),
    _kind("Bulgarian EGN", r"(?P<yy>\d\d)\d{8}", egn.is_valid, WHOLE),
    _kind("Romanian CNP", r"[1-9]\d{12}", cnp.is_valid, BARE),
    _kind("South Slavic personal number", r"\d{13}", emso.is_valid, BARE),
    _kind("Czech or Slovak birth number", r"(?P<yy>\d\d)\d{4}/\d{4}", rc.is_valid, SHAPE),
    _kind("Belgian national number", r"\d\d\.\d\d\.\d\d-\d{3}[.-]\d\d", nn.is_valid, SHAPE),
    _kind("Belgian national number", r"\d{11}", nn.is_valid, BARE),
    _kind("French social security number",
          r"[12] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", nir.is_valid, BARE),
    _kind("Italian tax code", r"[A-Z]{6}\d\d[A-EHLMPR-T]\d\d[A-Z]\d{3}[A-Z]",
          codicefiscale.is_valid, SHAPE),
    _kind("Spanish identity number", r"\d{8}[- ]?[A-Z]", dni.is_valid, SHAPE),
    _kind("Spanish identity number", r"[XYZ][- ]?\d{7}[- ]?[A-Z]", nie.is_valid, SHAPE),
    # His Majesty's Revenue and Customs, NIM39110: no check digit, a strict form.
    _kind("British national insurance number",
          r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
          r" ?\d\d ?\d\d ?\d\d ?[A-D]", _always, SHAPE),
    _kind("Swiss social security number", r"756\.\d{4}\.\d{4}\.\d\d", ahv.is_valid, SHAPE),
    _kind("Swiss social security number", r"756\d{10}", ahv.is_valid, BARE),
    _kind("Austrian insurance number", r"[1-9]\d{3} " + DAY_MONTH + r"\d\d", vnr.is_valid, BARE),
    _kind("Austrian insurance number", r"[1-9]\d{9}", vnr.is_valid, NAMED),
    _kind(GERMAN, r"\d\d \d{3} \d{3} \d{3}", idnr.is_valid, BARE),
    _kind(GERMAN, r"\d{11}", idnr.is_valid, NAMED),
    _kind(SSN, r"\d{3}-\d\d-\d{4}", ssn.is_valid, SHAPE),
    _kind("Russian SNILS", r"\d{3}-\d{3}-\d{3}[ -]\d\d", _is_snils, SHAPE),
    _kind("Pakistani CNIC", r"\d{5}-\d{7}-\d", cnic.is_valid, SHAPE),
    # Four digits of the Solar Hijri year of issue, four, five; issued since 2018.
    _kind("Afghan tazkira", r"1(?:39|4[0-4])\d-\d{4}-\d{5}", _always, SHAPE),
    _kind("Iranian national code", r"\d{3}-\d{6}-\d", _is_iranian, SHAPE),
    _kind(CARD, r"[2-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4}|3[47]\d\d([ -])\d{6}\2\d{5}",
          _is_card, SHAPE),
    _kind(CARD, r"[2-6]\d{12,18}", _is_card, NAMED),
    _kind("bank account number (IBAN)", r"[A-Z]{2}\d\d[ A-Z0-9]{11,45}", _is_iban, SHAPE),
    _kind("Turkish identity number", r"[1-9]\d{10}", tckimlik.is_valid, NAMED),
    _kind("Greek AMKA", r"\d{11}", amka.is_valid, NAMED),
    _kind("Croatian OIB", r"\d{11}", oib.is_valid, NAMED),
    _kind("Russian SNILS", r"\d{11}", _is_snils, NAMED),
    _kind("Indian Aadhaar", r"[2-9]\d{3}([ -]?)\d{4}\1\d{4}", aadhaar.is_valid, NAMED),
    _kind("Ukrainian tax number", r"\d{10}", rntrc.is_valid, NAMED),
    _kind("Iranian national code", r"\d{10}", _is_iranian, NAMED),
    _kind("Pakistani CNIC", r"\d{13}", cnic.is_valid, NAMED),
    _kind("Dutch BSN", r"\d{9}|\d{4}[. ]\d\d[. ]\d{3}", bsn.is_valid, NAMED),
    _kind(SSN, r"\d{9}|\d{3} \d\d \d{4}", lambda text: ssn.is_valid(_digits(text)), NAMED),
)  # fmt: skip
