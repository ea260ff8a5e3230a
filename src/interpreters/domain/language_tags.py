"""BCP 47 tags with more than one subtag: what region and script say about speech."""

import re
from typing import Final

from interpreters.domain.language_catalogue import Catalogue, Meaning

TAG: Final = re.compile(
    r"(?P<base>[a-z]{2,3})(?:-(?P<extlang>[a-z]{3}))?(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
)
SIGNED: Final = "sgn"
# ISO 15924, as far as the catalogue's languages are written. A closed list, because "luo-nuer"
# is two languages and not Luo in a script called Nuer.
SCRIPTS: Final = frozenset({
    "adlm", "arab", "aran", "armn", "beng", "brai", "cans", "cyrl", "deva", "ethi", "geor",
    "grek", "gujr", "guru", "hang", "hans", "hant", "hebr", "jpan", "khmr", "knda", "kore",
    "laoo", "latn", "mlym", "mong", "mtei", "mymr", "nkoo", "olck", "orya", "rohg", "sinh",
    "sylo", "syrc", "taml", "telu", "tfng", "thaa", "thai", "tibt", "zxxx", "zyyy",
})  # fmt: skip


def tag_meanings(text: str, known: Catalogue) -> list[Meaning]:
    """Return what the tag `text` may mean, the most specific first; empty when it is no tag.

    A listed tag decides (`fa-AF` is Dari, `zh-HK` Cantonese). Otherwise script and region are
    left aside, for they say how it is written: `pt-AO` is Portuguese, `zh-Hans` is "Chinese".
    """
    tag = text.strip().lower().replace("_", "-")
    if whole := known.tags.get(tag):
        return [whole]
    parts = TAG.fullmatch(tag)
    if parts is None or "-" not in tag:
        return []
    base, extlang, script, region = parts.group("base", "extlang", "script", "region")
    if script and script not in SCRIPTS:
        return []
    if extlang:
        return [Meaning((extlang,))] if _extends(base, extlang, known) else []
    listed = [f"{base}-{script}-{region}", f"{base}-{region}", f"{base}-{script}"]
    meanings = [known.tags[one] for one in listed if one in known.tags]
    return [*meanings, known.index.get(base, Meaning((base,)))]


def _extends(base: str, extlang: str, known: Catalogue) -> bool:
    """`zh-yue` and `sgn-ase` are tags; `fa-afg` is not."""
    wider = known.index.get(base, Meaning(())).codes
    if base == SIGNED:
        language = known.languages.get(extlang)
        return language is not None and language.modality == "signed"
    return any(
        one.language.code == extlang for macro in wider for one in known.members.get(macro, ())
    )
