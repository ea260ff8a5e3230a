"""The words by which a number in a text is known to be a person's, or to be something else."""

import re
from typing import Final

# What follows identifies a person. The words are beginnings: their endings vary.
TELLING: Final = (
    # English
    r"personal (?:identification |identity )?(?:code|number|no\b|id\b)", r"person(?:al)? id\b",
    r"identity (?:code|number|no\b|card|document|paper)", r"identification (?:code|number|no\b)",
    r"id[- ]?(?:code|number|no|nr|card|kood|kaar|kart|kort)\b", r"national (?:id\b|insur|number)",
    r"national code", "social secur", r"ssn\b", r"nino\b", "passport", "birth number",
    r"tax (?:id\b|number)", "credit card", "debit card", r"card (?:number|no\b)", r"visa card",
    r"visa\b", "mastercard",
    # Latvian, Estonian, Lithuanian
    r"person(?:as|u) kod", r"p\. ?k\.", r"pk\b", r"pas(?:e|es|i)\b", "maksājumu kart",
    "bankas kart", "kartes n",
    "personas aplie", r"eid\b", "isikutunnistus", "asmens tapatyb",
    "isikukood", "isikutunnus", "passi n", "asmens kod", r"a\. ?k\.",
    # Finnish, Swedish, Norwegian, Danish, Icelandic
    "henkilötunnus", "henkilotunnus", r"hetu\b", "personnummer", "samordningsnummer", "f[øo]dselsn",
    "d-nummer", r"cpr\b", "kennital",
    # Polish, Czech, Slovak, Romanian, South Slavic, Greek
    "pesel", "dow[oó]d", "paszport", "rodn[eé] [čc]", r"cnp\b", "cod numeric", "buletin",
    "pa[sșş]aport", "jmbg", r"em[šs]o\b", r"oib\b", r"amka\b", "αμκα", "ταυτότητα",
    # German, French, Italian, Spanish, Dutch
    "personenkennz", r"steuer-?id\b", "steueridentif", "steuerliche id", r"idnr\b",
    "sozialversicherungsn", r"ahv\b", "reisepass", "personalausweis", "ausweisn",
    "s[ée]curit[ée] sociale", "passeport", "codice fiscale", "passaporto", "pasaporte", r"bsn\b",
    "burgerservicenummer", "rijksregister", "registre national", "paspoort",
    # Turkish, Hindi, Urdu, Dari, Persian, Pashto, Arabic
    "kimlik", r"tckn\b", "aadhaa?r", "आधार", r"cnic\b", "nicop", "شناختی کارڈ", "ta[zs]k[ie]ra",
    "تذکره", "تذکرہ", "کد ?ملی", "شماره ملی", "شناسنامه", "پاسپورت", "گذرنامه", "الهوية",
    "الرقم الوطني", "رقم وطني", "جواز",
    # Russian, Ukrainian, Bulgarian
    "паспорт", "удостоверени", "посвідченн", "личный код", "личен код", "персональный код",
    "особистий код", r"егн\b", r"[іи]нн\b", "рнокпп", r"іпн\b", "снилс", r"snils\b",
    "ідентифікаційн", "идентификационн", "податков", "карты", "картки",
    # ETSI EN 319 412-1: PNOLV-…
    r"pno[a-z]{2}\b",
)  # fmt: skip
# What follows is something else.
INNOCENT: Final = (
    # Sessions on a screen, orders, cases: also where they have an "id number".
    (
        r"(?:zoom|teams|webex|meet|webinar|skype|conference|event|session|room|sapulces|koosolek|"
        r"order|case|booking|ticket|invoice)\w*(?: id)?(?: number| no\b| nr\b| code)?"
    ),
    # Telephones and what is typed into them
    r"tel\b", "tele[fp]", "phone", r"mob\b", "mobil", "call", "dial", r"fax\b", r"sms\b",
    "whatsapp", "viber", "signal", "telegram", "t[āa]lr", "zvan", "tālrun", r"тел\b", "телеф",
    "телеграм", r"моб\b", "мобил", "мобіл", "звон", "дзвон", r"puh\b", "puhelin", "skambin",
    r"pin\b", "passcode", "parol", "пароль", "password", "door code", "extension", r"ext\b",
    "تلفن", "موبایل", "هاتف", "تماس",
    # Papers
    "pasūt", "rēķin", r"lieta\b", r"lietas\b", "tellimus", r"arve\b", r"дело\b", r"дела\b",
    "справ", "заказ", "замовл", "сч[её]т", "рахун", "dossier", r"file\b", "reference", r"ref\b",
    "protocol", r"kab\b", "kabin", "číslo jednací", r"spraw[ay]\b", r"sygn\b", "aktenzeichen",
    r"az\b",
)  # fmt: skip
# What may stand between a telling word and its number: its ending, "no.", "is".
FILLER: Final = (
    r"[^\W\d]{0,12}[\s:#№()=-]*"
    r"(?:(?:no|nr|n°|number|num[mu]r[si]?|code|is|ir|on|yra|это|номер)\b\.?[\s:#№()=-]*){0,2}"
)
DOCUMENT: Final = r"[A-Z]{1,3}[ -]?\d{6,9}|\d(?:[ .-]?\d){6,15}"


def _words(words: tuple[str, ...]) -> str:
    return r"(?<![^\W\d_])(?:" + "|".join(words) + ")"


TELLS: Final = re.compile(_words(TELLING), re.IGNORECASE)
CLEARS: Final = re.compile(_words(INNOCENT), re.IGNORECASE)
TOLD_AFTER: Final = re.compile(
    r"[\s(,:=-]{1,3}(?:is |ir |on |это )?" + _words(TELLING), re.IGNORECASE
)
TOLD: Final = re.compile(rf"{_words(TELLING)}{FILLER}(?P<number>{DOCUMENT})(?!\w)", re.IGNORECASE)
