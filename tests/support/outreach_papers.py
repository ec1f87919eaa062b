"""What a walk through an SOP must leave behind: of each step its facts, its papers, and what stands in them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fieldkit.domain.sop.profile import Fulfilment, SopProfile, SopStep

_MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_ALL_OF_THEM = ("SITI AMINAH", "KARTO SUWIRYO", "MISINEM", "BAGUS PRASETYO")
_HEAD = ("Kepala Dinas E (demo)", "NIP 196803121994031005")
_LEAD = ("Ketua Tim B (demo)", "NIP 198504092010012007")
_TEAM = (*_LEAD, "Petugas A (demo)", "NIP 199212302019021004")
_KEEPER = ("Pengurus Barang F (demo)", "NIP 197909142006042001")
_COUNTER = ("Petugas Loket G (demo)", "199405172020122009", "Petugas Loket")


_LAW = ("Nomor 24 Tahun 2013", "Nomor B/069/2/409.20.1/2023")  # of the SOP of Blitar


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of a kind in which all of these words stand; `{3}` is the day on which step 3 ended, `{planned}` that
    of the plan."""

    kind: str
    words: tuple[str, ...]


def _paper(kind: str, *words: str) -> Paper:
    return Paper(kind, words)


_RECORDED = (
    _paper("bukti_perekaman", "SITI AMINAH", "{planned}", "10 dari 10", "Petugas A (demo)"),
    _paper("bukti_perekaman", "KARTO SUWIRYO", "{planned}", "7 dari 10", "ibu jari kiri"),
    _paper("berita_acara_pengecualian", "KARTO SUWIRYO", "{planned}", "Ibu jari kiri", "Jari terbalut", "Pak RT Demo"),
)
_SENT = _paper("ba_pengiriman", "{planned}", "Semua rekaman sudah diterima", "Petugas A (demo)", *_ALL_OF_THEM[:2])
_RECEIVED = tuple(_paper("tanda_terima", who, "diri sendiri", "KTP-el lama") for who in _ALL_OF_THEM[:2])
PAPERS: Mapping[str, Mapping[int, tuple[Paper, ...]]] = {
    "blitar_si_jaran_ijo": {
        2: (
            _paper(
                *("lembar_disposisi", "Pemerintah Desa Sumberjo", "470/12/2026", "A-77", "Segera jadwalkan", *_HEAD),
                "{2}",
            ),
        ),
        3: (
            _paper("daftar_sasaran", *_ALL_OF_THEM, "{planned}", "4 (empat) orang", *_HEAD),
            _paper("jadwal", "/201/409.20/", "{planned}", "08.00", "Sumberjo", *_HEAD),
            _paper("surat_tugas", "/202/409.20/", "{planned}", "470/12/2026", "Sumberjo", *_TEAM, *_HEAD),
        ),
        4: (_paper("surat_balasan", "/203/409.20/", "{planned}", "470/12/2026", "4 (empat) warga", *_LAW, *_HEAD),),
        5: (_paper("tanda_terima_surat", "/203/409.20/", "Kepala Desa (contoh)", "{5}", "Petugas Loket G (demo)"),),
        6: (
            _paper("ba_sarpras", "205/BA/", _LAW[1], "Kit 1", "LPT-0007", "AG 1234 KP", *_LEAD, *_KEEPER, "{6}"),
            _paper("sppd", "/204/409.20/", _LAW[1], "{planned}", "1 (satu) hari", "Sumberjo", *_LEAD, *_HEAD),
            _paper("spj", "/208/409.20/", "/204/409.20/", "{planned}", "Rp300.000", "Tiga ratus ribu rupiah", *_LEAD),
            _paper("spj", "Perjalanan yang dilaksanakan", "Sekretaris Desa (contoh)"),
        ),
        10: (*_RECORDED, _SENT),
        11: (_paper("ba_pengembalian", "207/BA/", _LAW[1], "Kit 1", "LPT-0007", "terpakai", *_LEAD, *_KEEPER, "{11}"),),
        12: (
            _paper(
                "ba_serah_terima", "206/BA/", *_LAW, *_ALL_OF_THEM[:2], "2 (dua)", "Sekretaris Desa (contoh)", *_COUNTER
            ),
            *_RECEIVED,
        ),
    },
    "grobogan_jemput_bola": {
        1: (_paper("jadwal", "/101/DKC/", "{planned}", "08.00", "SMK Contoh", *_HEAD),),
        4: (_paper("surat_pemberitahuan", "/102/DKC/", "{planned}", "SMK Contoh", *_HEAD),),
        5: (_paper("surat_tugas", "/103/DKC/", "{planned}", *_TEAM, *_HEAD),),
        6: _RECORDED,
        7: (_SENT,),
        9: (_paper("ba_serah_terima", "104/BA/", "Kasi C (demo)", *_ALL_OF_THEM[:2], *_COUNTER),),
        10: (_paper("jadwal_distribusi", "/105/DKC/", "Balai Desa Sumberjo", "Petugas loket"),),
        11: (_paper("ba_serah_terima", "106/BA/", "Kepala SMK (contoh)", *_ALL_OF_THEM[:2], *_COUNTER), *_RECEIVED),
    },
    "madiun_dolopo_jemput_bola": {
        2: (_paper("daftar_sasaran", *_ALL_OF_THEM, "4 (empat) orang", *_HEAD),),
        3: (_paper("notulen", "/301/402.113/", "{3}", "09.00 sampai 11.00", "Kepala Desa (contoh)", "Kasi C (demo)"),),
        4: (_paper("jadwal", "/302/402.113/", "{planned}", "Sumberjo", *_HEAD),),
        5: (*_RECORDED, _SENT),
        7: (_paper("ba_serah_terima", "303/BA/", "Kasi Pelayanan (contoh)", *_ALL_OF_THEM[:2], *_COUNTER),),
        8: (_paper("ba_serah_terima", "304/BA/", "Sekretaris Desa (contoh)", "Petugas A (demo)", *_ALL_OF_THEM[:2]),),
    },
    "grobogan_kk_wni": {
        1: (_paper("formulir", "SITI AMINAH", "Anak pindah sekolah"),),
        2: (_paper("bukti_pengambilan", "SITI AMINAH"),),
        8: (_paper("tanda_terima", "SITI AMINAH", "diri sendiri", "{8}"),),
    },
    "grobogan_becak_pintar": {
        5: (_paper("rekapitulasi", "/470/", "{5}", "KTP-el", "1 (satu)", *_HEAD),),
        7: (_paper("tanda_terima", "SITI AMINAH", "{7}"),),
    },
}
_BEFORE_THE_DAY = {Fulfilment.SCHEDULED, Fulfilment.REPLY_HANDED_OVER, Fulfilment.TEAM_ASSIGNED}
_ON_THE_DAY = {Fulfilment.RECORDED, Fulfilment.SARPRAS_OUT, Fulfilment.ARRIVED, Fulfilment.SARPRAS_IN, Fulfilment.SENT}
_AFTER_THE_DAY = {Fulfilment.PRINTED, Fulfilment.CARDS_TO_DESA, Fulfilment.CARDS_TO_PERSONS}
_DAWN, _DUSK, _SATURDAY = 6, 18, 5
_WITH_A_SECOND_VISIT = 180  # minutes: somebody was not at home in the morning
# What people without an account did, by whom; each has its evidence.
OUTSIDERS: Mapping[str, set[tuple[str, str]]] = {
    "blitar_si_jaran_ijo": {
        ("asks", "Pemerintah Desa Sumberjo"),
        ("takes the reply", "Kepala Desa (contoh)"),
        ("agrees on the place", "Sekretaris Desa (contoh)"),
        *(("takes the document", who) for who in _ALL_OF_THEM[:2]),
    },
    "grobogan_jemput_bola": {*(("takes the document", who) for who in _ALL_OF_THEM[:2])},
    "madiun_dolopo_jemput_bola": {
        ("asks", "Pemerintah Desa Sumberjo"),
        ("takes over for the kecamatan", "Kasi Pelayanan (contoh)"),
        ("takes over for the desa", "Sekretaris Desa (contoh)"),
        ("aid diusulkan", "Kepala Desa (contoh)"),
        ("aid ditetapkan", "Dinas Sosial (contoh)"),
        ("aid disalurkan", "Pendamping PKH (contoh)"),
    },
    "grobogan_kk_wni": {("takes the document", "SITI AMINAH")},
    "grobogan_becak_pintar": {("takes along as courier", "Joko (contoh)"), ("takes the document", "SITI AMINAH")},
}
# The line that somebody fills in by hand belongs to the paper: the desa signs the visum of the journey.
_FILLED_BY_HAND = {"sppd", "formulir"}
_DOTS = re.compile(r"\.{6,}|…{3,}|_{5,}")
_KNOWN = "Nama|Jabatan|Instansi|Nomor SPD|Nomor|Tempat|Kegiatan|Ketua tim|Hari, tanggal"
_UNKNOWN = re.compile(rf"^\s*({_KNOWN})\s*:\s*–?\s*$")


def problems_of(told: Mapping[str, Any], profile: SopProfile, until: int = 99) -> list[str]:
    """Return what is missing of the steps up to `until`, each with its number; nothing when all of it happened."""
    steps = {step["number"]: step for step in told["steps"] if step["number"] <= until}
    found = [problem for step in profile.steps if step.no in steps for problem in _of_step(step, steps[step.no])]
    papers = [(path.stem.split("-", 1)[1], _text(path)) for path in map(Path, told["documents"])]
    days = _days(told, steps.values())
    if told["planned_on"]:
        found += [problem for step in profile.steps if step.no in steps for problem in _when(step, steps, told)]
    for no, wanted in PAPERS[profile.sop_id].items():
        if no in steps:
            found += [problem for paper in wanted if (problem := _wrong(no, paper, papers, days))]
    if until == 99:
        acts = {(each["act"], each["who"]) for each in told["outsiders"] if each["evidence"]}
        found += [f"nobody wrote down: {act}" for act in OUTSIDERS[profile.sop_id] - acts]
        found += [f"{kind}: {line}" for kind, text in papers for line in _unfilled(kind, text)]
    return found


def _of_step(step: SopStep, said: Mapping[str, Any]) -> Iterator[str]:
    no = step.no
    if said["how"] != "fulfilled":
        yield f"step {no}: {said['how']}"
    yield from (f"step {no}: {each}" for each in said["missing"])
    if said["outputs"] != [output.name for output in step.outputs]:
        yield f"step {no}: outputs {said['outputs']}"
    heard = set(said["facts"])
    for group in step.fulfilled_by:
        if not heard & {fact.value for fact in group}:
            yield f"step {no}: nothing of {sorted(group)}"
    if not said["ended_at"] or said["began_at"] > said["ended_at"]:
        yield f"step {no}: from {said['began_at']!r} to {said['ended_at']!r}"


def _when(step: SopStep, steps: Mapping[int, Any], told: Mapping[str, Any]) -> Iterator[str]:
    """Tell a step that did not take place when it was planned: before the day, on it by daylight, or after it."""
    said, (planned,) = steps[step.no], told["planned_on"]
    if not said["ended_at"]:
        return
    facts = {fact for group in step.fulfilled_by for fact in group}
    ended = datetime.fromisoformat(said["ended_at"])
    day = ended.date().isoformat()
    if facts & _BEFORE_THE_DAY and not day < planned:
        yield f"step {step.no}: on {day}, planned is {planned}"
    if facts & _ON_THE_DAY and not (day == planned and _DAWN <= ended.hour < _DUSK):
        yield f"step {step.no}: on {said['ended_at']}, planned is {planned}"
    if facts & _AFTER_THE_DAY and not day > planned:
        yield f"step {step.no}: on {day}, planned is {planned}"
    if ended.weekday() >= _SATURDAY:
        yield f"step {step.no}: on a weekend, {day}"
    if Fulfilment.RECORDED in facts and not (
        said["began_at"][:10] == planned and said["minutes"] >= _WITH_A_SECOND_VISIT
    ):
        yield f"step {step.no}: from {said['began_at']}, {said['minutes']} minutes"


def _days(told: Mapping[str, Any], steps: Any) -> dict[str, tuple[str, ...]]:
    """Return the days as papers write them: short, long, or in words."""
    named = {str(step["number"]): datetime.fromisoformat(step["ended_at"]).date() for step in steps if step["ended_at"]}
    if told["planned_on"]:
        named["planned"] = date.fromisoformat(told["planned_on"][0])
    return {name: _written(on) for name, on in named.items()}


def _written(on: date) -> tuple[str, ...]:
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}", f"Pada hari ini {_DAYS[on.weekday()]}, tanggal"


def _wrong(no: int, paper: Paper, papers: list[tuple[str, str]], days: Mapping[str, tuple[str, ...]]) -> str:
    mine = [" ".join(text.split()) for kind, text in papers if kind == paper.kind]
    if not mine:
        return f"step {no}: no {paper.kind}"
    lacks = [[word for word in paper.words if not _stands(word, text, days)] for text in mine]
    return "" if [] in lacks else f"step {no}: {paper.kind} without {min(lacks, key=len)}"


def _stands(word: str, text: str, days: Mapping[str, tuple[str, ...]]) -> bool:
    if not word.startswith("{"):
        return word in text
    return any(written in text for written in days.get(word.strip("{}"), ()))


def _unfilled(kind: str, text: str) -> Iterator[str]:
    if kind not in _FILLED_BY_HAND:
        yield from (line.strip() for line in text.splitlines() if _DOTS.search(line) or _UNKNOWN.match(line))


@cache
def _text(path: Path) -> str:
    """Return the words as they stand beside each other, then as they were written, for words that break."""
    return "\n".join(
        subprocess.run(["pdftotext", form, str(path), "-"], capture_output=True, text=True, check=True).stdout
        for form in ("-layout", "-raw")
    )
