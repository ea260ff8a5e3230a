"""The columns a table may have, and by which names: as people head their lists."""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final, Literal, TypeAlias

import msgspec

from interpreters.domain.imports import Kind, RowError, Table, shown

How: TypeAlias = Literal[
    "text", "phone", "number", "whole", "yes", "choice", "choices", "country", "day", "language",
    "languages", "level", "quiet", "weekly", "papers",
]  # fmt: skip
"""How a cell is read; `import_cells` does it."""

YES: Final = {
    "yes": True, "y": True, "true": True, "1": True, "x": True, "ja": True, "jā": True, "да": True,
    "no": False, "n": False, "false": False, "0": False, "nei": False, "nē": False, "нет": False,
}  # fmt: skip
GENDERS: Final = {
    "f": "female", "w": "female", "woman": "female", "sieviete": "female", "s": "female",
    "женщина": "female", "ж": "female", "kvinne": "female", "k": "female",
    "m": "male", "man": "male", "vīrietis": "male", "v": "male", "мужчина": "male", "м": "male",
    "mann": "male", "cits": "other", "другой": "other", "annet": "other",
}  # fmt: skip
MODES: Final = {
    "in person": "in_person", "face to face": "in_person", "klātienē": "in_person",
    "очно": "in_person", "oppmøte": "in_person", "telephone": "phone", "tālrunis": "phone",
    "telefoniski": "phone", "телефон": "phone", "telefon": "phone", "видео": "video",
}  # fmt: skip
QUALIFICATIONS: Final = {
    "language speaker": "language_speaker", "none": "language_speaker",
    "sertificēts": "certified", "сертифицированный": "certified", "sertifisert": "certified",
    "apmācīts": "trained", "обученный": "trained", "utdannet": "trained",
}  # fmt: skip
ENGAGEMENTS: Final = {
    "employee": "staff", "darbinieks": "staff", "штатный": "staff", "ansatt": "staff",
    "freelancer": "freelance", "ārštata": "freelance", "внештатный": "freelance",
    "frilans": "freelance", "brīvprātīgais": "volunteer", "волонтёр": "volunteer",
    "frivillig": "volunteer",
}  # fmt: skip
LEVELS: Final = {
    "mother tongue": "native", "dzimtā": "native", "родной": "native", "morsmål": "native",
    "c2": "fluent", "c1": "fluent", "brīvi": "fluent", "свободно": "fluent", "flytende": "fluent",
    "b2": "working", "darba": "working", "рабочий": "working", "god": "working", "good": "working",
}  # fmt: skip
TOPICS: Final = (
    "legal", "health", "psychology", "education", "social", "employment", "housing",
    "administration", "banking", "supervised_contact", "emergency", "other",
)  # fmt: skip
KINDS: Final = (
    "ngo", "state", "municipality", "social_service", "crisis_centre", "education", "health",
    "justice", "bank", "employer", "other",
)  # fmt: skip


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column: its name, other names it goes by, how its cells are read, what to write there.

    `choices` are the values there are; `words` other words for them. `field` is its place in the
    door's body.
    """

    name: str
    aliases: Sequence[str] = ()
    how: How = "text"
    advice: str
    choices: Sequence[str] = ()
    words: Mapping[str, str] = {}
    is_required: bool = False
    place: int = 0  # of `language 2`, `level 2`


REFERENCE: Final = Column(
    name="external_reference", advice="write your own number for it, such as P-17",
    aliases=("reference", "personnel number", "number", "id", "numurs", "номер", "nummer"),
)  # fmt: skip
LANGUAGES: Final = Column(
    name="languages", how="languages", advice="write Dari:native; lv:fluent", is_required=True,
    aliases=("valodas", "языки", "språk", "languages spoken"),
)  # fmt: skip
INTERPRETERS: Final = (
    REFERENCE,
    Column(name="display_name", advice="write the name", is_required=True,
           aliases=("name", "full name", "interpreter", "vārds", "vārds uzvārds", "имя", "фио",
                    "navn", "tolk", "tulks")),
    Column(name="phone", how="phone",
           advice="write the number with its country, such as +371 25565098",
           aliases=("telephone", "mobile", "phone number", "tel", "tālrunis", "telefons",
                    "mobilais", "телефон", "telefon", "mobil")),
    Column(name="email", advice="write an address such as name@example.org",
           aliases=("e-mail", "mail", "e-pasts", "epasts", "почта", "эл. почта", "e-post",
                    "epost")),
    LANGUAGES,
    Column(name="gender", how="choice", advice="write female, male or other",
           choices=("female", "male", "other"), words=GENDERS,
           aliases=("sex", "dzimums", "пол", "kjønn")),
    Column(name="time_zone", advice="write an IANA name such as Europe/Riga",
           aliases=("timezone", "zone", "laika josla", "часовой пояс", "tidssone")),
    Column(name="city", advice="write the name of the city",
           aliases=("town", "home", "pilsēta", "город", "by", "sted")),
    Column(name="latitude", how="number", advice="write degrees such as 56.95",
           aliases=("lat",)),
    Column(name="longitude", how="number", advice="write degrees such as 24.11",
           aliases=("lon", "lng")),
    Column(name="travel_radius_km", how="whole", advice="write whole kilometres such as 50",
           aliases=("radius", "travel radius", "km")),
    Column(name="modes", how="choices", advice="write in_person, phone, video",
           choices=("in_person", "phone", "video"), words=MODES,
           aliases=("mode", "veids", "формат")),
    Column(name="qualification", how="choice",
           advice="write certified, trained or language_speaker",
           choices=("certified", "trained", "language_speaker"), words=QUALIFICATIONS,
           aliases=("kvalifikācija", "квалификация", "kvalifikasjon")),
    Column(name="topics", how="choices", advice=f"write some of {', '.join(TOPICS)}",
           choices=TOPICS, aliases=("topic", "tēmas", "темы", "temaer")),
    Column(name="urgent_opt_in", how="yes", advice="write yes or no",
           aliases=("urgent", "steidzami", "срочно", "haster")),
    Column(name="quiet_hours", how="quiet", advice="write 22:00-07:00"),
    Column(name="engagement", how="choice", advice="write staff, freelance or volunteer",
           choices=("staff", "freelance", "volunteer"), words=ENGAGEMENTS,
           aliases=("employment", "contract", "līgums", "договор", "ansettelse")),
    Column(name="active", how="yes", advice="write yes or no",
           aliases=("aktīvs", "активен", "aktiv")),
    Column(name="weekly_hours", how="weekly",
           advice="write mon-fri 09:00-17:00; sat 10:00-12:00, at quarter hours",
           aliases=("hours", "working hours", "availability", "darba laiks", "рабочее время",
                    "arbeidstid")),
    Column(name="outside_hours", how="choice", advice="write ask or never",
           choices=("ask", "never")),
    Column(name="credentials", how="papers",
           advice="write court:LV-12:2024-01-01..2027-01-01; child_protection",
           aliases=("papers", "certificates", "sertifikāti", "документы", "sertifikater")),
)  # fmt: skip
CLIENTS: Final = (
    Column(name="institution", advice="write its id, its own reference here, or its exact name",
           aliases=("institution_id", "iestāde", "учреждение", "institusjon")),
    Column(name="reference", advice="write the institution's own code for the person, no name",
           is_required=True,
           aliases=("client", "client reference", "case", "code", "kods", "код", "kode",
                    "referanse", "external_reference")),
    msgspec.structs.replace(LANGUAGES, is_required=False, advice="write dari; lv"),
    Column(name="nationality", how="country", advice="write a country such as AF",
           aliases=("country", "citizenship", "valstspiederība", "гражданство", "nasjonalitet")),
    Column(name="gender_preference", how="choice", advice="write female, male or other",
           choices=("female", "male", "other"), words=GENDERS,
           aliases=("preferred gender", "gender")),
    Column(name="status", advice="write the status", aliases=("statuss", "статус")),
    Column(name="status_since", how="day", advice="write a day such as 2026-12-31",
           aliases=("status date", "since")),
    Column(name="group", advice="write the group", aliases=("grupa", "группа", "gruppe")),
)  # fmt: skip
INSTITUTIONS: Final = (
    REFERENCE,
    Column(name="name", advice="write the institution's name", is_required=True,
           aliases=("institution", "display_name", "nosaukums", "iestāde", "название", "navn")),
    Column(name="kind", how="choice", advice=f"write one of {', '.join(KINDS)}", choices=KINDS,
           is_required=True, aliases=("type", "veids", "тип", "type institusjon")),
    Column(name="country", how="country", advice="write a country such as LV",
           aliases=("valsts", "страна", "land")),
    Column(name="time_zone", advice="write an IANA name such as Europe/Riga",
           aliases=("timezone", "laika josla", "часовой пояс", "tidssone")),
    Column(name="working_language", how="language", advice="write a language such as lv",
           aliases=("language", "darba valoda", "рабочий язык", "arbeidsspråk")),
)  # fmt: skip
COLUMNS: Final[Mapping[Kind, Sequence[Column]]] = {
    "interpreters": INTERPRETERS, "clients": CLIENTS, "institutions": INSTITUTIONS,
}  # fmt: skip
NUMBERED: Final = re.compile(
    r"(language|valoda|язык|språk|level|līmenis|уровень|nivå) ?([1-9]\d?)?"
)
A_LANGUAGE: Final = ("language", "valoda", "язык", "språk")


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a table: which is where, and what is wrong with their names."""

    columns: Mapping[int, Column]
    names: Mapping[str, str]  # what the file calls them
    width: int
    missing: frozenset[str]
    errors: Sequence[RowError]


def read_header(kind: Kind, table: Table) -> Header:
    """Return which column is which; unknown, repeated and missing ones are errors of row 1."""
    columns: dict[int, Column] = {}
    errors: list[RowError] = []
    names: dict[str, str] = {}
    for place, name in enumerate(table.header):
        found = column_of(kind, name)
        if found is None:
            errors += _unknown(kind, table, place)
        elif found.name in names:
            detail = f"This is {found.name}, as the column {names[found.name]!r}: keep one"
            errors.append(_of_header(name, "duplicate-column", detail))
        else:
            columns[place], names[found.name] = found, name
    missing = frozenset(_missing(kind, columns))
    errors += [_of_header(name, "missing-column", _needed(kind, name)) for name in sorted(missing)]
    return Header(
        columns=columns, names=names, width=len(table.header), missing=missing, errors=errors
    )


def fitting(table: Table) -> list[Kind]:
    """Return the kinds of table whose columns these are, with all that are needed."""
    return [one for one in COLUMNS if not read_header(one, table).errors]


@cache
def is_known(name: str) -> bool:
    """Tell whether any kind of table has a column of this name."""
    return any(column_of(kind, name) is not None for kind in COLUMNS)


def folded(text: str) -> str:
    """Return a name or a word as it is compared: without case, and `_`, `-`, `*` as spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[_*:()\-\s]+", " ", plain).split())


def column_of(kind: Kind, name: str) -> Column | None:
    """Return the column that goes by a name; None where a table of the kind has none such."""
    key = folded(name)
    found = _named(kind).get(key)
    if found is not None or kind == "institutions":
        return found
    numbered = NUMBERED.fullmatch(key)
    if numbered is None:
        return None
    place = int(numbered[2] or 1)
    if numbered[1] in A_LANGUAGE:
        advice = "write a language such as Dari"
        return Column(name=f"language {place}", how="language", advice=advice, place=place)
    return Column(
        name=f"level {place}",
        how="level",
        advice="write native, fluent or working",
        choices=("native", "fluent", "working"),
        place=place,
    )


@cache
def _named(kind: Kind) -> Mapping[str, Column]:
    named: dict[str, Column] = {}
    for column in COLUMNS[kind]:
        named |= {folded(alias): column for alias in column.aliases if folded(alias) not in named}
    return named | {folded(column.name): column for column in COLUMNS[kind]}


def _unknown(kind: Kind, table: Table, place: int) -> Iterator[RowError]:
    name = table.header[place]
    if not name.strip():
        if any(place < len(line.cells) and line.cells[place].strip() for line in table.lines):
            detail = f"Column {place + 1} has no name and cells that are filled: name it"
            yield _of_header(name, "unknown-column", detail)
        return
    near = difflib.get_close_matches(folded(name), _named(kind), n=1, cutoff=0.6)
    known = ", ".join(column.name for column in COLUMNS[kind])
    meant = f"did you mean {_named(kind)[near[0]].name}?" if near else f"there are {known}"
    yield _of_header(name, "unknown-column", f"There is no column {shown(name)!r}; {meant}")


def _missing(kind: Kind, columns: Mapping[int, Column]) -> Iterator[str]:
    names = {column.name for column in columns.values()}
    if any(column.how == "language" and column.place for column in columns.values()):
        names.add("languages")
    yield from (one.name for one in COLUMNS[kind] if one.is_required and one.name not in names)
    if kind == "interpreters" and not {"phone", "email"} & names:
        yield "phone"


def _needed(kind: Kind, name: str) -> str:
    if name == "phone":
        return "A column phone or email is needed"
    column = next(one for one in COLUMNS[kind] if one.name == name)
    others = ", ".join(column.aliases[:3])
    return f"A column {name} is needed (also read: {others})"


def _of_header(name: str, fault: str, detail: str) -> RowError:
    return RowError(row=1, column=shown(name), value=None, code=fault, detail=detail)
