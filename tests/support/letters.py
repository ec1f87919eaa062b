"""An office about to leave: a request, a disposisi, a plan with its team, targets; all that letters are made of."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

from support.app_context import ACTIVITY, KETUA, TARGETS, Kit

from fieldkit.domain.people import Kedudukan, Role, Staff, User
from fieldkit.domain.planning.outreach import Plan, Terrain
from fieldkit.domain.targets.requests import Applicant, Disposisi, Harapan, Sifat, SuratPermohonan

KASI = User("u4", "Dwi Lestari", Role.KASI)
KADIS = User("u9", "Endang Kusumawati", Role.KEPALA_DINAS)
AT = ACTIVITY.activity_id
MONDAY = date(2026, 11, 23)
HEAD = Staff(
    "s0",
    "Dra. Endang Kusumawati, M.Si.",
    "19680412 199303 2 004",
    "Pembina Utama Muda (IV/c)",
    "Kepala Dinas Kependudukan dan Pencatatan Sipil",
    KADIS.user_id,
    kedudukan=Kedudukan.KEPALA_DINAS,
)
TEAM = (
    Staff("s1", "Bagus Santoso, S.Kom.", "19850617 201001 1 012", "Penata (III/c)", "Ketua Tim", KETUA.user_id),
    Staff("s2", "Rina Wulandari", "19920911 201903 2 007", "Pengatur Tingkat I (II/d)", "Operator Perekaman"),
    Staff("s3", "Agus Prasetyo", jabatan="Pengemudi"),
)
REQUEST = SuratPermohonan(
    "r1",
    AT,
    Applicant.PEMERINTAH_DESA,
    "Pemerintah Desa Jimbe",
    "470/112/409.55.3/2026",
    date(2026, 11, 16),
    date(2026, 11, 17),
    "Permohonan jemput bola perekaman KTP-el",
    "Jimbe",
    "Kademangan",
    "350512",
    7,
    "Karsono, 0812-0000-0000",
    Sifat.SEGERA,
    agenda="1187",
)
PLAN = Plan(AT, AT, (MONDAY,), time(8, 30), ("s1", "s2", "s3"), (), "Mobil pelayanan keliling", Terrain.ROUGH, 300)


def office(folder: Path, user: User = KASI) -> Kit:
    """Return the context of an office where everything before the letters is done."""
    kit = Kit(folder, user)
    kit.plan(*TARGETS)
    disposed = Disposisi(
        "d1",
        AT,
        "r1",
        Sifat.SEGERA,
        (Role.KABID, Role.KASI),
        (Harapan.PROSES_LEBIH_LANJUT,),
        "Dahulukan lansia yang tinggal sendiri.",
        KADIS.user_id,
        kit.clock.now(),
    )
    with kit.store.write() as unit:
        for account in (KASI, KADIS):
            unit.save_user(account)
        for staff in (HEAD, *TEAM):
            unit.repository(Staff).save(staff)
        unit.repository(SuratPermohonan).save(REQUEST)
        unit.repository(Disposisi).save(disposed)
        unit.repository(Plan).save(PLAN)
    return kit
