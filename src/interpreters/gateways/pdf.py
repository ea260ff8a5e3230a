"""Printed pages: typeset by Typst as PDF/UA-1, in the fonts that come with the product.

The same data gives the same bytes: there is no clock, no machine and no font of the system in it.
It takes a tenth of a second and more, so it is never done within a transaction.
"""

import asyncio
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Final

import msgspec
import typst

FAMILIES: Final = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic", "fontpkg_noto_sans_tamil")
TAGGED: Final = "ua-1"
PACKAGE: Final = "interpreters.gateways"


async def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """Return the PDF of a template beside this module, `template.typ`, filled with the data.

    Letters that no font has stand as boxes; such a page is a plain tagged PDF, since PDF/UA
    forbids them.
    """
    source = (files(PACKAGE) / f"{template}.typ").read_bytes()
    given = {"data": msgspec.json.encode(data).decode()}
    return await asyncio.to_thread(_typeset, source, given)


def _typeset(source: bytes, given: dict[str, str]) -> bytes:
    try:
        return _compiled(source, given, [TAGGED])
    except typst.TypstError as error:
        if "glyph" not in str(error) and "display" not in str(error):
            raise
        return _compiled(source, given, [])


def _compiled(source: bytes, given: dict[str, str], standards: list[Any]) -> bytes:
    compiler = typst.Compiler(source, font_paths=_fonts())
    made = compiler.compile(format="pdf", sys_inputs=given, pdf_standards=standards)
    assert isinstance(made, bytes)  # without a place to write to
    return made


@cache
def _fonts() -> typst.Fonts:
    folders = []
    for family in FAMILIES:
        with as_file(files(family) / "files") as folder:
            folders.append(str(folder))
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders)
    )
