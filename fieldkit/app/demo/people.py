"""The residents of the demo: synthetic, grown from a seed, or read from a folder per person. Nobody of them exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from drivers.simulators.subject.folder import SubjectFolder
from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import CARD_FROM_YEARS, RECORD_FROM_YEARS, MaritalStatus, Nik, NoKk, Sex, age_gate, age_on
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.recording.biodata import Address, Biodata, Citizenship, CodeTables, check_biodata
from fieldkit.domain.recording.positions import EYES, REASONS, ExceptionReason, Modality, Position
from fieldkit.formats.rules import load_tables

REGION, VILLAGE, DISTRICT = "350512", "SUMBERJO", "SUTOJAYAN"
_WOMEN = ("SITI AMINAH", "MISINEM", "DEWI LESTARI", "SULASTRI", "RATNA WULANDARI", "PARTINAH", "NUR HIDAYAH")
_MEN = ("KARTO SUWIRYO", "BAGUS PRASETYO", "SLAMET RIYADI", "JOKO SANTOSO", "WARSITO", "AGUS SALIM", "PONIMAN")
_PLACES = ("BLITAR", "TULUNGAGUNG", "MALANG", "KEDIRI")


@dataclass(frozen=True, slots=True)
class Resident:
    """A person of the demo. `who` and `marks` are the words by which the simulated devices know the person.

    `hopeless` are positions that the petugas notes as exceptions at once, `worn` those that are tried first.
    """

    who: str
    biodata: Biodata
    category: ServiceCategory
    marks: tuple[str, ...] = ()
    hopeless: Mapping[Position, ExceptionReason] = field(default_factory=dict)
    worn: frozenset[Position] = frozenset()


def grow(count: int, seed: int, today: date) -> list[Resident]:
    """Return `count` residents: an adult, a lansia, one whose eyes cannot be recorded, a 16-year-old, then adults."""
    random = Random(seed)
    people = []
    for number in range(count):
        years, married = (
            ((34, True), (77, True), (52, True), (16, False))[number]
            if number < 4
            else (
                random.randint(18, 70),
                True,
            )
        )
        born = _birthday(random, years, today)
        biodata = _biodata(random, number, born, MaritalStatus.KAWIN if married else MaritalStatus.BELUM_KAWIN)
        people.append(_resident(number, biodata))
    return people


def _resident(number: int, biodata: Biodata) -> Resident:
    who = str(number)
    if number == 1:
        worn = (Position.RIGHT_RING, Position.LEFT_MIDDLE)
        marks = (f"{worn[0]}=worn", f"{worn[1]}=worn", f"{Position.LEFT_THUMB}=bandaged")
        hopeless = {Position.LEFT_THUMB: ExceptionReason.BANDAGED}
        return Resident(who, biodata, ServiceCategory.LANSIA, marks, hopeless, frozenset(worn))
    if number == 2:
        hopeless = dict.fromkeys(EYES, ExceptionReason.EYES_CLOSED)
        lacking = (*(f"{eye}=missing" for eye in EYES), f"{Position.LEFT_RING}=wet")
        return Resident(who, biodata, ServiceCategory.DISABILITAS, lacking, hopeless)
    # Prints that are poor at first for another reason each, so that every advice is seen; the second attempt is better.
    poor = {0: f"{Position.RIGHT_MIDDLE}=dry", 3: f"{Position.RIGHT_THUMB}=partial", 4: f"{Position.RIGHT_INDEX}=light"}
    poorly = (poor[number],) if number in poor else ()
    return Resident(who, biodata, ServiceCategory.PEMULA if number == 3 else ServiceCategory.UMUM, poorly)


def read_folder(folder: Path, seed: int, today: date) -> list[Resident]:
    """Return a resident per subfolder of `folder`; what biodata.yaml does not say is grown from the seed.

    Raise `InputError` for a folder without persons, a biodata.yaml or an image that cannot be read, somebody under
    16 and a NIK that two persons bear: a day that has begun would only stand still there.
    """
    places = sorted(place for place in folder.iterdir() if place.is_dir()) if folder.is_dir() else []
    if not places:
        raise InputError("demo.no_subjects", folder=str(folder))
    tables = load_tables()
    people = [_from_folder(place, number, seed, today, tables) for number, place in enumerate(places)]
    first: dict[str, str] = {}
    for person in people:
        if other := first.get(person.biodata.nik.digits):
            raise InputError("demo.same_nik", one=other, other=person.who)
        first[person.biodata.nik.digits] = person.who
    return people


def _from_folder(place: Path, number: int, seed: int, today: date, tables: CodeTables) -> Resident:
    random = Random(f"{seed}-{place.name}")
    try:
        images = SubjectFolder(place)
        grown = _biodata(random, number, _birthday(random, 40, today), MaritalStatus.KAWIN)
        biodata = _stated(images.biodata, grown, number, today)
        check_biodata(biodata, tables, today)
        hopeless = {position: _reason(position, word) for position, word in images.exceptions.items()}
    except InputError as error:
        raise InputError("demo.biodata", file=str(place / "biodata.yaml"), detail=error.code) from error
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise InputError("demo.biodata", file=str(place / "biodata.yaml"), detail=str(error)) from error
    gate = age_gate(biodata.birth_date, biodata.marital_status, today)
    if not gate.may_record:
        raise InputError("demo.too_young", who=place.name, age=gate.age, years=RECORD_FROM_YEARS)
    images.demand_readable()
    return Resident(place.name, biodata, ServiceCategory.UMUM, (), hopeless)


def _reason(position: Position, word: str) -> ExceptionReason:
    fitting = REASONS[position.modality]
    named = next((reason for reason in fitting if reason.value == word.lower()), None)
    fallback = {
        Modality.FINGER: ExceptionReason.MISSING_FINGER,
        Modality.IRIS: ExceptionReason.EYES_CLOSED,
        Modality.SIGNATURE: ExceptionReason.CANNOT_SIGN,
    }
    if position.modality not in fallback:
        raise ValueError(f"{position} cannot be excepted")
    return named or fallback[position.modality]


def _stated(stated: Mapping[str, Any], grown: Biodata, number: int, today: date) -> Biodata:
    """Return the grown biodata with what a biodata.yaml says, in English or Indonesian field names."""

    def pick(*names: str) -> Any:
        return next((stated[name] for name in names if stated.get(name) is not None), None)

    born = pick("birth_date", "tanggal_lahir", "tgl_lahir")
    born = born if isinstance(born, date) else date.fromisoformat(str(born)) if born else grown.birth_date
    sex = pick("sex", "jenis_kelamin")
    sex = {"L": Sex.MALE, "M": Sex.MALE, "P": Sex.FEMALE, "F": Sex.FEMALE}[str(sex)[:1].upper()] if sex else grown.sex
    nik, kk = pick("nik"), pick("no_kk", "kk")
    married = pick("marital_status", "status_kawin")
    if not married and age_on(born, today) < CARD_FROM_YEARS:
        married = MaritalStatus.BELUM_KAWIN
    return Biodata(
        nik=Nik.parse(str(nik)) if nik else _nik(born, sex, number + 1),
        no_kk=NoKk.parse(str(kk)) if kk else grown.no_kk,
        name=str(pick("name", "nama") or grown.name).upper(),
        birth_place=str(pick("birth_place", "tempat_lahir") or grown.birth_place).upper(),
        birth_date=born,
        sex=sex,
        blood_type=int(pick("blood_type", "golongan_darah") or grown.blood_type),
        religion=int(pick("religion", "agama") or grown.religion),
        marital_status=MaritalStatus(int(married)) if married else grown.marital_status,
        family_relation=int(pick("family_relation", "hubungan_keluarga") or grown.family_relation),
        education=int(pick("education", "pendidikan") or grown.education),
        occupation=int(pick("occupation", "pekerjaan") or grown.occupation),
        citizenship=Citizenship(str(pick("citizenship", "kewarganegaraan") or grown.citizenship)),
        address=grown.address,
        mother_name=str(pick("mother_name", "nama_ibu") or grown.mother_name).upper(),
    )


def _birthday(random: Random, years: int, today: date) -> date:
    """Return a day on which somebody was born who is `years` old and far from the next birthday."""
    born = date(today.year - years, today.month, 1) - timedelta(days=random.randint(20, 150))
    assert age_on(born, today) == years
    return born


def _nik(born: date, sex: Sex, serial: int) -> Nik:
    day = born.day + (40 if sex is Sex.FEMALE else 0)
    return Nik.parse(f"{REGION}{day:02d}{born:%m%y}{serial:04d}")


def _biodata(random: Random, number: int, born: date, marital_status: MaritalStatus) -> Biodata:
    sex = Sex.FEMALE if number % 2 == 0 else Sex.MALE
    names = _WOMEN if sex is Sex.FEMALE else _MEN
    return Biodata(
        nik=_nik(born, sex, number + 1),
        no_kk=NoKk.parse(f"{REGION}010120{number + 1:04d}"),
        name=names[number // 2 % len(names)],
        birth_place=random.choice(_PLACES),
        birth_date=born,
        sex=sex,
        blood_type=13,
        religion=1,
        marital_status=marital_status,
        family_relation=4 if marital_status is MaritalStatus.BELUM_KAWIN else 1,
        education=random.randint(2, 5),
        occupation=3 if marital_status is MaritalStatus.BELUM_KAWIN else random.choice((9, 15, 19, 84, 88)),
        citizenship=Citizenship.WNI,
        address=Address(
            f"DUSUN KRAJAN {number + 1}", f"{number % 5 + 1:03d}", f"{number % 3 + 1:03d}", VILLAGE, DISTRICT, REGION
        ),
        mother_name=_WOMEN[(number + 3) % len(_WOMEN)],
    )
