"""The two networks that are drawn, as data: their towns, their languages, how many interpret.

Languages stand in order of demand; their weights follow Zipf's law, as long tails do.
"""

from typing import Final

import msgspec


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """A place of sessions: how much of the demand, and whether most interpreters live near."""

    name: str
    share: float
    latitude: float
    longitude: float
    near: bool = True


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """What a network is drawn from. Homes are spread around the towns, `spread_km` each way."""

    seed: int
    institution: str
    topics: tuple[str, ...]
    towns: tuple[Town, ...]
    languages: tuple[str, ...]
    people: int
    spread_km: float
    radii: tuple[tuple[int, float], ...]  # how far people travel, km, with weights


# Nobody on a roster speaks them, and somebody asks: Dinka, Oromo, Nepali, Lao, Quechua, Icelandic.
NOBODY: Final = (
    ("dik", 3.0), ("gaz", 3.0), ("npi", 3.0), ("lao", 2.0), ("quz", 1.0), ("isl", 1.0),
)  # fmt: skip

COURT: Final = Region(
    seed=17000,
    institution="Court of",
    topics=("legal",),
    towns=(
        Town(name="Birmingham", share=42, latitude=52.4862, longitude=-1.8904),
        Town(name="Coventry", share=18, latitude=52.4068, longitude=-1.5197),
        Town(name="Wolverhampton", share=14, latitude=52.5862, longitude=-2.1288),
        Town(name="Stoke-on-Trent", share=11, latitude=53.0027, longitude=-2.1794, near=False),
        Town(name="Worcester", share=8, latitude=52.1936, longitude=-2.2210, near=False),
        Town(name="Hereford", share=7, latitude=52.0567, longitude=-2.7150, near=False),
    ),
    languages=(
        "pol", "ron", "sqi", "ckb", "urd", "apc", "pan", "por", "lit", "tir", "vie", "ben", "pes",
        "cmn", "som", "bul", "rus", "tur", "spa", "prs", "pus", "hun", "slk", "guj", "amh", "fra",
        "ukr", "ces", "tam", "yue", "kmr", "lav",
    ),
    people=200,
    spread_km=14,
    radii=((25, 25.0), (50, 45.0), (90, 30.0)),
)  # fmt: skip

CITY: Final = Region(
    seed=21987,
    institution="Services of",
    topics=("health", "health", "social", "education", "housing", "administration"),
    towns=(
        Town(name="Camden", share=14, latitude=51.5290, longitude=-0.1255),
        Town(name="Hammersmith", share=13, latitude=51.4927, longitude=-0.2339),
        Town(name="Westminster", share=17, latitude=51.4975, longitude=-0.1357),
        Town(name="Kensington", share=12, latitude=51.4991, longitude=-0.1938),
        Town(name="Brent", share=14, latitude=51.5588, longitude=-0.2817),
        Town(name="Merton", share=9, latitude=51.4098, longitude=-0.2108),
        Town(name="Hackney", share=11, latitude=51.5450, longitude=-0.0553),
        Town(name="Lambeth", share=10, latitude=51.4571, longitude=-0.1231),
    ),
    languages=(
        "apc", "spa", "por", "prs", "ben", "som", "pes", "tir", "sqi", "pol", "cmn", "fra", "tur",
        "ckb", "urd", "ron", "rus", "bul", "amh", "pus", "vie", "yue", "guj", "tam",
    ),
    people=300,
    spread_km=8,
    radii=((10, 25.0), (20, 50.0), (35, 25.0)),
)  # fmt: skip
