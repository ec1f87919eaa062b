"""Which chapter of the manual, and which heading in it, belongs to a screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CONTENTS = "README"


@dataclass(frozen=True, slots=True)
class Passage:
    """A chapter by the name of its file, and the heading where it begins; "" is its top."""

    chapter: str
    heading: str = ""


_SCREENS: Mapping[str, Mapping[str, str]] = {
    "petugas": {
        "Masuk": "sign_in",
        "Merekam satu orang": "targets card_check notice recording review slip",
        "Pengecualian": "exception_ink",
        "Datang sendiri": "walk_in",
        "Tanpa NIK": "walk_in_without_nik add_nik official_form",
        "Bila terhenti": "left_open",
    },
    "ketua-tim": {
        "Beranda": "home more clock",
        "Sebelum berangkat": "check_out sarpras_izin sarpras_note sarpras_reason sarpras_photo devices",
        "Di lapangan": "visits visit target_notes trip ikd ikd_target survey recap",
        "Bantuan sosial": "aid aid_note aid_step aid_meeting aid_result evaluation",
        "Sesudah kembali": "check_in",
        "Beberapa laptop satu tim": "exchange conflicts conflict",
    },
    "pengirim": {
        "Mengirim": "queue shipment",
        "Rekaman yang ditahan": "set_aside",
        "Tanpa jaringan": "stick hand_in",
    },
    "kantor": {
        "Kantor": "home.office",
        "Kegiatan dan SOP": "activities activity request disposition plan month step_form declare sop_document reports",
        "Daftar sasaran": "import_targets verify_targets siak_answer",
        "Surat": "letters letter letter_ink sign_letters verify_letter",
        "Sarpras": "sarpras item_history sarpras_item sarpras_consumable sarpras_kit sarpras_repair sarpras_kits",
        "Permohonan": (
            "applications application application_papers application_form import_applications family family_home"
            " family_member notices notice_record paper_scan paper_wrong"
        ),
        "Cetak dan blangko": (
            "prints print_note print_failed print_again printing_day queue_numbers queue_walk_in blanks"
        ),
        "Penyerahan": "distribution distribution_plan distribution_stop courier handover handover_ba handover_failed",
        "Status dan tenggat": (
            "statuses status_work by_nik nik_status import_statuses status_note clocks clock_pause card_facts"
        ),
    },
    "admin": {
        "Laptop baru": "home.admin start set_up recovery_sheet settings.kop settings.sop_files settings.penyedia",
        "Orang": "settings.pengguna accounts account_new account_again account_end staff staff_person staff_import",
        "Kode kedua": "settings.kode second_factor second_factor_change spare_codes",
        "Pengaturan": "settings calendar_days notice_settings",
        "Tidak bisa masuk": "ways_back",
        "Bila ada yang rusak": "settings.periksa",
    },
}
PASSAGES: Mapping[str, Passage] = {
    screen: Passage(chapter, heading)
    for chapter, headings in _SCREENS.items()
    for heading, screens in headings.items()
    for screen in screens.split()
}


def passage_of(screen: str, part: str = "") -> Passage:
    """Return where the manual tells of a part of a screen, else of the screen; its contents where nobody placed it.

    The form of an act is told of with the screen that opens it.
    """
    names = (f"{screen}.{part}", screen, screen.partition(".")[0])
    return next((PASSAGES[name] for name in names if name in PASSAGES), Passage(CONTENTS))
