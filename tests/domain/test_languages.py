"""What people type leads to the one spoken language meant, to a question, or to nothing."""

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.errors import NotFound
from interpreters.domain.languages import (
    Language,
    NeedsVariety,
    UnknownLanguage,
    describe,
    look_up,
    members,
    name_in,
    resolve,
    resolve_any,
)

# Macro-languages of ISO 639-3 that the field books as one language.
FOLDING = [
    "aka", "aym", "aze", "bal", "chm", "del", "din", "doi", "est", "grn", "iku", "ipk", "kau",
    "kok", "kom", "lav", "mlg", "mon", "msa", "nep", "nor", "ori", "orm", "pus", "sqi", "swa",
    "tgl", "uzb", "yid", "zza", "san",
]  # fmt: skip
RETIRED = {"ajp": "apc", "mol": "ron", "scc": "srp", "drh": "mon"}


def options_of(text: str) -> list[str]:
    with pytest.raises(NeedsVariety) as asked:
        resolve(text)
    return [option["code"] for option in asked.value.extra["options"]]


def test_dari_is_answered_with_its_own_code_tag_name_and_script() -> None:
    assert resolve("dari").language == Language(
        code="prs", bcp47="fa-AF", name="Dari", autonym="دری", modality="spoken"
    )


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("prs", "prs"), ("PRS", "prs"), ("lv", "lav"), ("lav", "lav"), ("ps", "pus"),
        ("Дари", "prs"), ("دری", "prs"), ("puštu", "pus"), ("  DARI  ", "prs"),
        ("dari valoda", "prs"), ("limba română", "ron"), ("Arabic (Levantine)", "apc"),
        ("українська мова", "ukr"), ("турецкий язык", "tur"), ("турски език", "tur"),
        ("Kurdish (Sorani)", "ckb"), ("kurdish\u00a0 -  sorani", "ckb"),
        ("TÜRKÇE", "tur"), ("Farsi", "pes"), ("فارسی", "pes"), ("ger", "deu"), ("rum", "ron"),
        ("lsl", "lsl"), ("latviešu zīmju valoda", "lsl"), ("International Sign", "ils"),
    ],
)  # fmt: skip
def test_codes_names_and_autonyms_in_any_case_and_spacing_resolve(typed: str, code: str) -> None:
    assert resolve(typed).language.code == code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("فارسی", "فارسي"),  # Persian and Arabic yeh
        ("کرمانجی", "كرمانجي"),  # and kaf
        ("вʼєтнамська", "в'єтнамська"),
        ("вʼєтнамська", "вʼєтнамська".replace("\u02bc", "\u2019")),
        ("o\u02bbzbekcha", "o`zbekcha"), ("o\u02bbzbekcha", "o'zbekcha"),
        ("o\u02bbzbekcha", "o\u02bczbekcha"), ("o\u02bbzbekcha", "o\u2018zbekcha"),
        ("کوردیی ناوەندی", "کوردیی\u200c ناوەندی"),
        ("latviešu", "latvies\u030cu"),  # a caron that stands alone
    ],
)  # fmt: skip
def test_letters_that_look_alike_are_the_same(one: str, other: str) -> None:
    assert resolve(one) == resolve(other)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("pustu", "pus"), ("latviesu", "lav"), ("romana", "ron"), ("kurmanci", "kmr"),
     ("vjetnamiesu valoda", "vie"), ("francais", "fra"), ("tieng viet", "vie")],
)  # fmt: skip
def test_a_name_typed_without_its_diacritics_resolves(typed: str, code: str) -> None:
    assert resolve(typed).language.code == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("darija", "ary"), ("mandarīnu", "cmn"), ("mandarină", "cmn"), ("мандарински", "cmn"),
        ("farsi dari", "prs"), ("pashto southern", "pus"), ("western punjabi", "pnb"),
        ("شامي", "apc"), ("arabă levantină", "apc"), ("arabă marocană", "ary"),
        ("kurdă de nord", "kmr"), ("persian (afghanistan)", "prs"), ("en", "eng"),
    ],
)  # fmt: skip
def test_names_that_libraries_get_silently_wrong_are_right(typed: str, code: str) -> None:
    assert resolve(typed).language.code == code


def test_hindko_is_never_hindi_but_one_of_two() -> None:
    assert options_of("hindko") == ["hno", "hnd"]


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("fa-AF", "prs"), ("fa_AF", "prs"), ("fa-Arab-AF", "prs"), ("fa-IR", "pes"),
        ("fa-TJ", "tgk"), ("ps-AF", "pus"), ("pa-IN", "pan"), ("pa-PK", "pnb"),
        ("pa-Arab", "pnb"), ("pa-Guru", "pan"), ("zh-HK", "yue"), ("zh-Hant-HK", "yue"),
        ("zh-yue", "yue"), ("zh-cmn-Hans-CN", "cmn"), ("yue-Hant", "yue"), ("cmn-Hans", "cmn"),
        ("zh-min-nan", "nan"), ("ku-TR", "kmr"), ("ku-Latn", "kmr"), ("ar-EG", "arz"),
        ("ar-MA", "ary"), ("ar-001", "arb"), ("sr-Cyrl-RS", "srp"), ("sr-ME", "cnr"),
        ("ro-MD", "ron"), ("en-GB-x-house", "eng"), ("uk-UA-u-ca-gregory", "ukr"),
        ("sgn-US", "ase"), ("sgn-lsl", "lsl"), ("nb-NO", "nor"),
    ],
)  # fmt: skip
def test_tags_with_region_and_script_say_what_is_spoken(tag: str, code: str) -> None:
    assert resolve(tag).language.code == code


@pytest.mark.parametrize("tag", ["zh-CN", "zh-TW", "zh-Hans", "ku-IQ", "ku-Arab", "ar-YE", "fa-DE"])
def test_a_region_or_script_that_decides_nothing_asks_back(tag: str) -> None:
    assert len(options_of(tag)) > 1


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00", "dari\x00", "xx", "xx-YY", "fa-afg", "luo-nuer", "dari pashto", "dar ija",
     "klingon", "lat", "language", "valoda", "limba", "e" * 1_000_000],
)  # fmt: skip
def test_what_is_no_living_language_is_unknown(text: str) -> None:
    with pytest.raises(UnknownLanguage):
        resolve(text)


@pytest.mark.parametrize(("typed", "meant"), [("ukrainain", "ukr"), ("armenisn", "hye")])
def test_a_slip_is_not_taken_for_a_language_but_suggests_one(typed: str, meant: str) -> None:
    with pytest.raises(UnknownLanguage) as refused:
        resolve(typed)

    suggestions = refused.value.extra["suggestions"]
    assert suggestions[0]["code"] == meant
    assert set(suggestions[0]) == {"code", "bcp47", "name", "autonym"}
    assert len(suggestions) <= 5


NAMES_THAT_ASK = {
    "kur": "kur ku Kurdish kurdu kurdă кюрдски курдська курдский kurdî کوردی",
    "ara": "ara ar Arabic arābu arabă арабски арабська арабский العربية",
    "zho": "zho zh chi Chinese ķīniešu chineză китайски китайська китайский 中文",
    "rom": "rom Romani čigānu romu țigănească ромски цигански ромська циганська цыганский",
    "fas": "fas fa per Persian persiešu persană персийски перська персидский",
    "hbs": "hbs sh Serbo-Croatian serbu-horvātu sârbo-croată сърбохърватски сербскохорватский",
    "ful": "ful ff Fula Fulani фула",
}
COMMONLY_MEANT = {
    "kur": {"kmr", "ckb", "sdh"},
    "ara": {"arb", "apc", "arz", "acm", "ary", "apd", "aeb", "arq", "ayl"},
    "zho": {"cmn", "yue", "wuu", "nan", "hak"},
    "rom": {"rmy", "rmn", "rmc", "rml", "rmo", "rmf", "rmw"},
    "fas": {"pes", "prs"},
    "hbs": {"bos", "hrv", "srp", "cnr"},
    "ful": {"fuc", "fuf", "fuv"},
}


@pytest.mark.parametrize(
    ("code", "name"),
    [(code, name) for code, names in NAMES_THAT_ASK.items() for name in names.split()],
)  # fmt: skip
def test_a_name_that_covers_languages_asks_which_one(code: str, name: str) -> None:
    options = options_of(name)

    assert set(options) >= COMMONLY_MEANT[code]
    assert all(resolve(option).language.code == option for option in options)


@pytest.mark.parametrize("name", ["sign language", "zīmju valoda", "жестовый язык", "sgn"])
def test_sign_language_alone_asks_which_one(name: str) -> None:
    options = options_of(name)

    assert {"lsl", "rms", "bqn", "ukl", "rsl"} <= set(options)
    assert {describe(option).modality for option in options} == {"signed"}


@pytest.mark.parametrize(
    ("typed", "code", "dialect"),
    [
        ("pbt", "pus", "Southern Pashto"), ("southern pashto", "pus", "Southern Pashto"),
        ("dienvidpuštu", "pus", "Southern Pashto"), ("pbu", "pus", "Northern Pashto"),
        ("pst", "pus", "Central Pashto"), ("uzn", "uzb", "Northern Uzbek"),
        ("uzs", "uzb", "Southern Uzbek"), ("azb", "aze", "South Azerbaijani"),
        ("aln", "sqi", "Gheg Albanian"), ("badini", "kmr", "Badini"), ("mo", "ron", "Moldovan"),
        ("twi", "aka", "Twi"), ("pt-BR", "por", "Brazilian Portuguese"), ("fil", "tgl", "Filipino"),
        ("lvs", "lav", None), ("ekk", "est", None), ("swh", "swa", None), ("pashto", "pus", None),
    ],
)  # fmt: skip
def test_a_folded_language_is_kept_as_the_dialect(
    typed: str, code: str, dialect: str | None
) -> None:
    resolved = resolve(typed)

    assert (resolved.language.code, resolved.dialect) == (code, dialect)


@pytest.mark.parametrize("code", ["ltg", "vro", "swc", "ind", "koi", "hyw", "pnb", "haz"])
def test_close_relatives_that_are_booked_apart_stay_themselves(code: str) -> None:
    assert resolve(code).language.code == code


@pytest.mark.parametrize(("retired", "code"), RETIRED.items())
def test_a_retired_code_leads_to_its_successor(retired: str, code: str) -> None:
    assert resolve(retired).language.code == code


def test_every_living_individual_language_of_iso_639_3_is_accepted_by_its_code() -> None:
    living = [one for one in pycountry.languages if (one.scope, one.type) == ("I", "L")]
    folded = {one.code for code in FOLDING for one in members(code)}
    changed = [
        one.alpha_3
        for one in living
        if resolve(one.alpha_3).language.code != one.alpha_3 and one.alpha_3 not in folded
    ]

    assert changed == []
    assert len(living) > 7000


def test_every_macro_language_is_one_identity_or_asks() -> None:
    macros = [one.alpha_3 for one in pycountry.languages if one.scope == "M"]

    for code in macros:
        if code in FOLDING:
            assert resolve(code).language.code == code
        else:
            assert set(options_of(code)) <= {one.code for one in members(code)}


def test_a_language_outside_the_catalogue_has_its_iso_name() -> None:
    assert resolve("aaa").language == Language(
        code="aaa", bcp47="aaa", name="Ghotuo", autonym="Ghotuo", modality="spoken"
    )
    assert describe("aed").modality == "signed"


def test_any_of_keeps_the_order_and_names_each_language_once() -> None:
    found = resolve_any(["kmr", "Sorani", "kurmanji", "pbt", "pus"])

    assert [one.code for one in found] == ["kmr", "ckb", "pus"]
    assert resolve_any([]) == ()


def test_any_of_refuses_a_name_that_still_asks() -> None:
    with pytest.raises(NeedsVariety):
        resolve_any(["kmr", "Arabic"])


def test_a_stored_code_is_described_also_when_it_is_wider_or_folded() -> None:
    assert describe("kur").name == "Kurdish"
    assert describe("pbt").name == "Southern Pashto"
    with pytest.raises(UnknownLanguage):
        describe("dari")


@pytest.mark.parametrize(
    ("address", "code"), [("prs", "prs"), ("kur", "kur"), ("pbt", "pus"), ("fa-AF", "prs")]
)
def test_an_address_shows_wider_languages_and_folds_members(address: str, code: str) -> None:
    assert look_up(address).code == code


def test_an_address_of_nothing_is_not_found() -> None:
    with pytest.raises(NotFound):
        look_up("klingon")


@pytest.mark.parametrize(
    ("code", "page", "name"),
    [
        ("prs", "lv", "darī"), ("prs", "uk", "дарі"), ("ckb", "ru", "сорани"),
        ("lsl", "ro", "limba semnelor letonă"), ("prs", "de", "Dari"), ("aaa", "lv", "Ghotuo"),
        ("bul", "bg", "български"), ("prs", "en", "Dari"), ("apc", "fa", "عربی شامی"),
        ("ase", "fa", "زبان اشارهٔ آمریکایی"), ("swe", "fa-AF", "سویدنی"), ("swe", "fa", "سوئدی"),
        ("apc", "fa-AF", "عربی شامی"), ("ckb", "en", "Sorani"), ("luo", "fr", "luo"),
    ],
)  # fmt: skip
def test_names_in_the_page_language_fall_back_to_english(code: str, page: str, name: str) -> None:
    assert name_in(code, page) == name


def test_members_are_those_of_iso_639_3_and_others_have_none() -> None:
    assert {one.code for one in members("pus")} == {"pbt", "pbu", "pst"}
    assert {one.code for one in members("kur")} == {"kmr", "ckb", "sdh"}
    assert members("prs") == ()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_any_text_resolves_or_is_refused_by_name(text: str) -> None:
    try:
        resolved = resolve(text)
    except (UnknownLanguage, NeedsVariety):
        return
    assert describe(resolved.language.code) == resolved.language


@given(st.from_regex(r"[a-z]{2,3}(-[a-zA-Z]{2,4}){0,3}", fullmatch=True))
def test_any_tag_resolves_or_is_refused_by_name(text: str) -> None:
    try:
        resolved = resolve(text)
    except (UnknownLanguage, NeedsVariety):
        return
    assert resolve(resolved.language.code).language == resolved.language
