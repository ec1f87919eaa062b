"""Who the subject is, in the words of the family card (KK); codes are those of `assets/tables`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fieldkit.domain.errors import InputError
from fieldkit.domain.events import canonical_json, digest_of
from fieldkit.domain.nik import MaritalStatus, Nik, NoKk, Sex

NAME_LIMIT = 60
REGION_DIGITS = 6  # PPKKCC, of the kecamatan


class Citizenship(StrEnum):
    """Kewarganegaraan."""

    WNI = "WNI"
    WNA = "WNA"


class RequestType(StrEnum):
    """Why the person is recorded."""

    NEW = "baru"
    REPEATED = "ulang"
    CHANGED = "perubahan"


@dataclass(frozen=True, slots=True)
class Address:
    """Domicile. `region` is the code PPKKCC of the kecamatan."""

    street: str
    rt: str
    rw: str
    village: str
    district: str
    region: str


@dataclass(frozen=True, slots=True)
class AdministrativeRegion:
    """Provinsi and kabupaten or kota of a kecamatan, as forms write them: "Jawa Tengah", "Kabupaten Grobogan"."""

    province: str
    regency: str


RegionNames = Callable[[str], AdministrativeRegion | None]  # by the code PPKKCC; None for an unknown one


@dataclass(frozen=True, slots=True)
class Biodata:
    """What stands on the KK and goes into the record."""

    nik: Nik
    no_kk: NoKk
    name: str
    birth_place: str
    birth_date: date
    sex: Sex
    blood_type: int
    religion: int
    marital_status: MaritalStatus
    family_relation: int
    education: int
    occupation: int
    citizenship: Citizenship
    address: Address
    mother_name: str = ""
    request: RequestType = RequestType.NEW

    @property
    def masked_name(self) -> str:
        """Return the form for the status bar, where bystanders look: the first three letters."""
        return masked_name(self.name)


def digest_of_biodata(who: Biodata) -> str:
    """Return the digest that stands in the log for everything that was confirmed."""
    return digest_of_facts(
        {
            "nik": who.nik.official,
            "provisional": who.nik.digits if who.nik.is_provisional else "",
            "kk": who.no_kk.digits,
            "name": who.name,
            "birth_place": who.birth_place,
            "birth_date": who.birth_date.isoformat(),
            "sex": "F" if who.sex is Sex.FEMALE else "M",
            "citizenship": who.citizenship.value,
            "blood_type": who.blood_type,
            "religion": who.religion,
            "marital_status": int(who.marital_status),
            "family_relation": who.family_relation,
            "education": who.education,
            "occupation": who.occupation,
            "mother_name": who.mother_name,
            "request": who.request.value,
            "street": who.address.street,
            "rt": who.address.rt,
            "rw": who.address.rw,
            "village": who.address.village,
            "district": who.address.district,
            "region": who.address.region,
        }
    )


def digest_of_facts(facts: Mapping[str, object]) -> str:
    """Return the digest of biodata by the names of `digest_of_biodata`, wherever they were read."""
    return digest_of(canonical_json(facts))


def masked_name(name: str) -> str:
    """Return the first three letters of a name."""
    return f"{name[:3]}•••"


@dataclass(frozen=True, slots=True)
class CodeTables:
    """Official code tables: table name → code → wording. Read from assets, replaceable per dinas."""

    tables: Mapping[str, Mapping[int, str]]

    def wording(self, table: str, code: int) -> str:
        """Return the official wording of a code. Raise `InputError` for a stranger."""
        try:
            return self.tables[table][code]
        except KeyError:
            raise InputError("biodata.unknown_code", table=table, value=code) from None


CODED_FIELDS: Mapping[str, str] = {
    "blood_type": "golongan_darah",
    "religion": "agama",
    "marital_status": "status_kawin",
    "family_relation": "hubungan_keluarga",
    "education": "pendidikan",
    "occupation": "pekerjaan",
}


def demand_facts(biodata: Biodata) -> None:
    """Raise `InputError` for the first fact without which the population register cannot take a record.

    RT and RW may be empty, since not every village has them; of a mother whom nobody knows a dash is written, of a
    place never.
    """
    home = biodata.address
    told = {"birth_place": biodata.birth_place, "mother_name": biodata.mother_name}
    told |= {field: getattr(home, field) for field in ("street", "village", "district", "region")}
    for field, text in told.items():
        if not text.strip() or (field != "mother_name" and not any(map(str.isalnum, text))):
            raise InputError("biodata.empty", field=field)
    is_code = home.region.isascii() and home.region.isdecimal() and len(home.region) == REGION_DIGITS
    if not is_code or not home.region.strip("0"):
        raise InputError("biodata.region", field="region", digits=REGION_DIGITS)


def check_biodata(biodata: Biodata, tables: CodeTables, today: date) -> None:
    """Raise `InputError` for what cannot be on a KK: no name, one too long or not in Latin letters, an unknown code.

    Facts that are missing are refused as by `demand_facts`.
    A single-word name is normal, above all among the elderly: nothing is said about it.
    """
    name = biodata.name.strip()
    if not name:
        raise InputError("biodata.no_name").at("name")
    if len(name) > NAME_LIMIT:
        raise InputError("biodata.name_too_long", limit=NAME_LIMIT, length=len(name)).at("name")
    if not all(letter.isascii() and (letter.isalpha() or letter in " '.,-/`") for letter in name):
        raise InputError("biodata.name_not_latin").at("name")
    if not date(1880, 1, 1) <= biodata.birth_date <= today:
        raise InputError("biodata.birth_date").at("birth_date")
    for field, table in CODED_FIELDS.items():
        tables.wording(table, getattr(biodata, field))
    demand_facts(biodata)


# What a portrait must be: the background by birth year, and the checks that the camera makes.

ALGORITHM = "fieldkit-portrait"
"""Names the scores of portraits that this program judged itself."""


class Background(StrEnum):
    """Colour behind the subject."""

    RED = "red"
    BLUE = "blue"
    ORANGE = "orange"


def background_for(birth_date: date, citizenship: Citizenship) -> Background:
    """Return red for an odd birth year, blue for an even one, orange for a foreigner."""
    if citizenship is Citizenship.WNA:
        return Background.ORANGE
    return Background.RED if birth_date.year % 2 else Background.BLUE


class PortraitCheck(StrEnum):
    """One line of the review; its text is `face.check.<value>`."""

    ONE_FACE = "one_face"
    EYES = "eyes"
    EYES_OPEN = "eyes_open"
    GAZE = "gaze"
    RED_EYES = "red_eyes"
    FACING = "facing"
    LEVEL = "level"
    MOUTH_CLOSED = "mouth_closed"
    UNCOVERED = "uncovered"
    HEAD_INSIDE = "head_inside"
    DISTANCE = "distance"
    PLACE = "place"
    UPRIGHT = "upright"
    BACKGROUND = "background"
    BACKDROP_EVEN = "backdrop_even"
    LIGHT = "light"
    EXPOSURE = "exposure"
    SHARPNESS = "sharpness"


# The hints with which each check can fail, as they stand in `Sample.hints`.
HINTS: dict[PortraitCheck, tuple[str, ...]] = {
    PortraitCheck.ONE_FACE: ("face.no_face", "face.several_faces"),
    PortraitCheck.EYES: ("face.no_eyes",),
    PortraitCheck.EYES_OPEN: ("face.eyes_shut", "face.dark_glasses"),
    PortraitCheck.FACING: ("face.turned",),
    PortraitCheck.LEVEL: ("face.nodding",),
    PortraitCheck.MOUTH_CLOSED: ("face.mouth_open",),
    PortraitCheck.UNCOVERED: ("face.covered",),
    PortraitCheck.HEAD_INSIDE: ("face.crown_cut", "face.chin_cut"),
    PortraitCheck.DISTANCE: ("face.too_far", "face.too_close"),
    PortraitCheck.PLACE: ("face.off_centre", "face.too_high", "face.too_low"),
    PortraitCheck.UPRIGHT: ("face.tilted",),
    PortraitCheck.BACKGROUND: tuple(f"face.background_{colour}" for colour in Background),
    PortraitCheck.BACKDROP_EVEN: ("face.backdrop_uneven",),
    PortraitCheck.LIGHT: ("face.light_uneven",),
    PortraitCheck.EXPOSURE: ("face.too_dark", "face.too_bright", "face.flat"),
    PortraitCheck.SHARPNESS: ("face.blurred",),
}

# What stands in `Sample.hints` for a check that is neither good nor bad: a person has to look.
LOOK: dict[PortraitCheck, str] = {check: f"face.look.{check}" for check in PortraitCheck}


@dataclass(frozen=True, slots=True)
class Preparation:
    """What was measured and done on the way from the camera's frame to the portrait.

    `is_full_frontal` only when everything that this promises was judged and holds.
    """

    is_full_frontal: bool = False
    is_rotated: bool = False
    is_reduced: bool = False


def checked(hints: Sequence[str]) -> dict[PortraitCheck, bool | None]:
    """Return how each check ended for a sample with these hints; None where nothing could be measured."""
    unseen = {check for check, look in LOOK.items() if look in hints}
    failed = {check for check, ways in HINTS.items() if set(ways) & set(hints)}
    blind = next((check for check in (PortraitCheck.ONE_FACE, PortraitCheck.EYES) if check in failed), None)
    if blind is None:
        return {check: None if check in unseen else check not in failed for check in PortraitCheck}
    seen = list(PortraitCheck)[: list(PortraitCheck).index(blind) + 1]
    return {check: (check not in failed if check in seen else None) for check in PortraitCheck}
