"""The sample network as data: its places, institutions, and the people who interpret.

Everybody is invented: "Paraugs" and "Parauga" mean "sample" in Latvian, the telephone numbers are
one unused block, the addresses at example.org reach nobody. Where a name covers several spoken
languages, one was chosen by where people came from in those years: Arabic is Levantine (Syria),
Kurdish is Sorani (Iraq), Chinese is Mandarin, Punjabi is Eastern, Farsi is Iranian Persian.
"""

from typing import Final

import msgspec

NAME: Final = "Latvian Centre"
SLUG: Final = "latvian-centre"
UNFINISHED: Final = "latvian-centre-being-seeded"
TIME_ZONE: Final = "Europe/Riga"
CURRENCY: Final = "EUR"
COUNTRY: Final = "LV"
WORKING_LANGUAGE: Final = "lav"


class City(msgspec.Struct, frozen=True, kw_only=True):
    """A city and where it is."""

    name: str
    latitude: float
    longitude: float


RIGA: Final = City(name="Riga", latitude=56.9496, longitude=24.1052)
LIEPAJA: Final = City(name="Liepāja", latitude=56.5047, longitude=21.0108)
JELGAVA: Final = City(name="Jelgava", latitude=56.6511, longitude=23.7214)
DAUGAVPILS: Final = City(name="Daugavpils", latitude=55.8747, longitude=26.5362)
CESIS: Final = City(name="Cēsis", latitude=57.3119, longitude=25.2746)


class Institution(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks. `share` is of a hundred clients; a site for each city, with that city's share."""

    name: str
    kind: str
    share: float
    cities: tuple[tuple[City, float], ...]
    topics: tuple[str, ...]


CENTRE: Final = Institution(
    name="Centre for Newcomers", kind="social_service", share=60,
    cities=((RIGA, 64), (JELGAVA, 11), (LIEPAJA, 9), (DAUGAVPILS, 9), (CESIS, 7)),
    topics=("social", "administration", "legal", "housing", "employment", "psychology", "health"),
)  # fmt: skip

# Seven kinds; the centre, which gives advice and social support, is one of the social services.
INSTITUTIONS: Final = (
    CENTRE,
    Institution(name="Migration Affairs Office", kind="state", share=6, cities=((RIGA, 100),),
                topics=("legal", "administration")),
    Institution(name="Employment Office", kind="state", share=4,
                cities=((RIGA, 60), (DAUGAVPILS, 20), (LIEPAJA, 20)),
                topics=("employment", "administration")),
    Institution(name="Social Service, Northern District", kind="social_service", share=5,
                cities=((RIGA, 100),), topics=("social", "housing")),
    Institution(name="Social Service of Jelgava", kind="social_service", share=3,
                cities=((JELGAVA, 100),), topics=("social", "housing")),
    Institution(name="Crisis Centre Harbour", kind="crisis_centre", share=4,
                cities=((RIGA, 100),), topics=("psychology", "social")),
    Institution(name="Crisis Centre Kurzeme", kind="crisis_centre", share=2,
                cities=((LIEPAJA, 100),), topics=("psychology", "social")),
    Institution(name="Riverside Primary School", kind="education", share=4,
                cities=((RIGA, 100),), topics=("education",)),
    Institution(name="Jelgava Evening School", kind="education", share=2,
                cities=((JELGAVA, 100),), topics=("education",)),
    Institution(name="Eastern Hospital for Children", kind="health", share=4,
                cities=((RIGA, 100),), topics=("health",)),
    Institution(name="Cēsis Family Doctors", kind="health", share=2,
                cities=((CESIS, 100),), topics=("health", "psychology")),
    Institution(name="Amber Savings Bank", kind="bank", share=2,
                cities=((RIGA, 100),), topics=("banking",)),
    Institution(name="Northern Timber Works", kind="employer", share=2,
                cities=((RIGA, 70), (CESIS, 30)), topics=("employment",)),
)  # fmt: skip


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """A language as it was asked for: of a hundred clients, and where they came from."""

    code: str
    share: float
    nationalities: tuple[str, ...]


LANGUAGES: Final = (
    Spoken(code="apc", share=20, nationalities=("SY", "SY", "SY", "SY", "LB", "JO", "PS")),
    Spoken(code="prs", share=15, nationalities=("AF",)),
    Spoken(code="pes", share=8, nationalities=("IR",)),
    Spoken(code="ckb", share=7, nationalities=("IQ", "IQ", "IQ", "IR")),
    Spoken(code="pus", share=6, nationalities=("AF", "AF", "PK")),
    Spoken(code="urd", share=6, nationalities=("PK",)),
    Spoken(code="fra", share=5, nationalities=("CD", "CM", "CI", "MA", "GN")),
    Spoken(code="uzb", share=5, nationalities=("UZ",)),
    Spoken(code="tgk", share=4, nationalities=("TJ",)),
    Spoken(code="tur", share=4, nationalities=("TR",)),
    Spoken(code="cmn", share=4, nationalities=("CN",)),
    Spoken(code="hin", share=3, nationalities=("IN",)),
    Spoken(code="spa", share=3, nationalities=("CU", "VE", "CO")),
    Spoken(code="vie", share=3, nationalities=("VN",)),
    Spoken(code="pan", share=2, nationalities=("IN",)),
    Spoken(code="ben", share=2, nationalities=("BD",)),
    Spoken(code="hye", share=2, nationalities=("AM",)),
    Spoken(code="tam", share=1, nationalities=("LK", "IN")),
)


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on the roster; everybody speaks Latvian too. `radius` is how far they travel, km."""

    name: str
    gender: str
    city: City
    qualification: str
    languages: tuple[tuple[str, str], ...]  # code and level, the best first
    radius: int = 50
    engagement: str = "freelance"

    @property
    def spoken(self) -> frozenset[str]:
        """The codes of the languages, Latvian left out."""
        return frozenset(code for code, _ in self.languages)


def _one(
    name: str, gender: str, city: City, qualification: str, languages: str, radius: int = 50
) -> Interpreter:
    """Read `prs native, pes fluent` as languages."""
    pairs = tuple((part.split()[0], part.split()[1]) for part in languages.split(", "))
    return Interpreter(
        name=name, gender=gender, city=city, qualification=qualification, languages=pairs,
        radius=radius,
    )  # fmt: skip


INTERPRETERS: Final = (
    _one("Laila Parauga", "female", RIGA, "certified", "prs native, pes fluent, eng fluent"),
    _one("Karim Paraugs", "male", RIGA, "trained", "prs native, pus fluent, eng working", 250),
    _one("Zohra Parauga", "female", RIGA, "trained", "prs native, urd working, rus fluent", 250),
    _one("Nadir Paraugs", "male", JELGAVA, "language_speaker", "prs native, tgk working"),
    _one("Shirin Parauga", "female", RIGA, "certified", "pes native, eng fluent, rus fluent"),
    _one("Dara Paraugs", "male", RIGA, "trained", "pes native, ckb working, eng fluent", 250),
    _one("Gul Paraugs", "male", RIGA, "trained", "pus native, urd fluent, eng fluent", 250),
    _one("Wali Paraugs", "male", DAUGAVPILS, "language_speaker", "pus native, prs fluent"),
    _one("Asif Paraugs", "male", RIGA, "trained", "urd native, pan fluent, hin fluent"),
    _one("Sana Parauga", "female", RIGA, "language_speaker", "urd native, hin working"),
    _one("Rima Parauga", "female", RIGA, "certified", "apc native, fra fluent, eng fluent"),
    _one("Samir Paraugs", "male", RIGA, "trained", "apc native, eng fluent", 250),
    _one("Hala Parauga", "female", LIEPAJA, "language_speaker", "apc native, eng working", 100),
    _one("Bassam Paraugs", "male", RIGA, "trained", "apc native, ckb working, rus fluent"),
    _one("Noura Parauga", "female", CESIS, "language_speaker", "apc fluent, eng fluent", 100),
    _one("Camille Parauga", "female", RIGA, "certified", "fra native, eng fluent"),
    _one("Ara Paraugs", "male", RIGA, "certified", "hye native, rus fluent"),
    _one("Firuz Paraugs", "male", RIGA, "trained", "tgk native, uzb fluent, rus fluent", 250),
    _one("Zarina Parauga", "female", RIGA, "trained", "tgk native, prs fluent, rus fluent"),
    _one("Azad Paraugs", "male", RIGA, "trained", "ckb native, eng working", 250),
    _one("Shilan Parauga", "female", RIGA, "language_speaker", "ckb native, pes fluent"),
    _one("Harjit Paraugs", "male", RIGA, "language_speaker", "pan native, hin fluent"),
    _one("Mei Parauga", "female", RIGA, "certified", "cmn native, eng fluent"),
    _one("Deniz Paraugs", "male", RIGA, "trained", "tur native, eng fluent"),
    _one("Aylin Parauga", "female", DAUGAVPILS, "language_speaker", "tur native, rus fluent"),
    _one("Dilnoza Parauga", "female", RIGA, "trained", "uzb native, tgk working, rus fluent"),
    _one("Meera Parauga", "female", RIGA, "trained", "hin native, pan fluent, eng fluent"),
    _one("Lucia Parauga", "female", RIGA, "certified", "spa native, eng fluent"),
    _one("Ravi Paraugs", "male", RIGA, "language_speaker", "tam native, hin working, eng fluent"),
    _one("Anik Paraugs", "male", RIGA, "language_speaker", "ben native, hin fluent, eng fluent"),
    _one("Linh Parauga", "female", RIGA, "trained", "vie native, rus fluent"),
)
