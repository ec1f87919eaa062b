"""The papers that outsiders bring along: a letter as it is scanned, and a target list as a desa types it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typst
from openpyxl import Workbook
from openpyxl.styles import Font

from fieldkit.app.demo.people import DISTRICT, VILLAGE, Resident
from fieldkit.domain.nik import Sex
from fieldkit.domain.recording.biodata import Biodata

_HEAD = (
    *("No", "NIK", "No. KK", "Nama Lengkap", "L/P", "Tempat Lahir", "Tgl Lahir"),
    *("Nama Ibu", "Alamat", "RT", "RW", "Kategori"),
)
_LETTER = """#set page(margin: 2.5cm)
#set text(size: 11pt, lang: "id")
#align(center)[*PEMERINTAH DESA {village}* \\ KECAMATAN {district} (contoh buatan)]
#v(1em)
Nomor: 470/12/2026 \\ Hal: Permohonan perekaman rentan adminduk

Dengan hormat, kami mohon perekaman KTP-el di rumah bagi {count} warga; daftar sasaran terlampir.
"""


def write_letter(path: Path, residents: Sequence[Resident]) -> Path:
    """Write the surat permohonan of the desa as the PDF that a scanner would leave."""
    text = _LETTER.format(village=VILLAGE, district=DISTRICT, count=len(residents))
    path.write_bytes(typst.compile(text.encode(), format="pdf"))
    return path


def write_list(path: Path, residents: Sequence[Resident]) -> Path:
    """Write the target list as XLSX: a title above the header, NIK as text, dates as dates."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sasaran"
    sheet.append([f"DATA SASARAN PEREKAMAN DESA {VILLAGE}"])
    sheet["A1"].font = Font(bold=True)
    sheet.append([])
    sheet.append(list(_HEAD))
    for number, resident in enumerate(residents, 1):
        who, address = resident.biodata, resident.biodata.address
        sheet.append(
            [
                number,
                who.nik.digits,
                who.no_kk.digits if who.no_kk else "",
                who.name,
                "P" if who.sex is Sex.FEMALE else "L",
                who.birth_place,
                who.birth_date,
                who.mother_name,
                address.street,
                address.rt,
                address.rw,
                resident.category.value,
            ]
        )
    book.save(path)
    return path


def write_statuses(path: Path, people: Sequence[Biodata], code: str) -> Path:
    """Write the list of statuses that an official exports: everybody stands with the same code."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["NIK", "NAMA_LGKP", "CURRENT_STATUS_CODE"])
    for who in people:
        sheet.append([who.nik.digits, who.name, code])
    book.save(path)
    return path


def write_page(path: Path, title: str) -> Path:
    """Write a paper of an application as a photo of its page."""
    text = f'#set page(width: 12cm, height: 16cm)\n#set text(lang: "id")\n= {title}\n(contoh buatan)'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(typst.compile(text.encode(), format="png", ppi=96))
    return path


def write_export(folder: Path, registration: str, who: Biodata) -> Path:
    """Write what the app Becak Pintar exports of one applicant, with the attachments beside it."""
    row = {
        "nomor_registrasi": registration,
        "jenis_layanan": "KTP-el rusak",
        "nik": who.nik.digits,
        "nama": who.name,
        "tanggal_lahir": f"{who.birth_date:%d-%m-%Y}",
        "status_kawin": who.marital_status.name.replace("_", " "),
        "no_hp": "081200000001",
        "alamat": who.address.street,
        "desa": who.address.village,
        "keperluan": "KTP-el rusak",
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_page(folder / f"{registration}_kk.png", "Kartu Keluarga")
    write_page(folder / registration / "ktp lama.png", "KTP-el lama")
    export = folder / "ekspor-becak-pintar.json"
    export.write_text(json.dumps({"data": [row]}, indent=1), "utf-8")
    return export
