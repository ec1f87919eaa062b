"""People, kits, houses and plans for tests of planning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from support.app_context import ACTIVITY, TARGETS, Kit

from fieldkit.domain.people import Role, Staff, User
from fieldkit.domain.planning.outreach import Plan, Terrain
from fieldkit.domain.sarpras import SarprasItem, SarprasKind, SarprasKit

KASI = User("u5", "Dewi Lestari", Role.KASI)
KABID = User("u6", "Hendra Wijaya", Role.KABID)
KEPALA = User("u7", "Suharto Prabowo", Role.KEPALA_DINAS)
ADMIN = User("u9", "Yuni Astuti", Role.ADMIN_DINAS)

STAFF = (
    Staff("s1", "Bagus Santoso", "198704122010011003", "Penata Muda (III/a)", "Ketua tim", "u2"),
    Staff("s2", "Rina Wulandari", "199105032015022001", "Pengatur (II/c)", "Operator", "u1"),
    Staff("s3", "Agus Setiawan", "", "", "Pengemudi"),
    Staff("s4", "Wahyu Utomo", "199203112019031002", "Pengatur Muda (II/a)", "Operator"),
)
KITS = (SarprasKit("k1", "Kit 07"), SarprasKit("k2", "Kit 08"))
CAR = SarprasItem("i1", SarprasKind.VEHICLE, "Mobil layanan", "AG 1234 KP")
OTHER = replace(ACTIVITY, activity_id="a2", name="Jemput bola Desa Plumpungrejo", place="Desa Plumpungrejo")


def plan(activity_id: str, *days: date, **changes: object) -> Plan:
    """Return a plan of one crew with one kit."""
    made = Plan(
        activity_id, activity_id, days, time(8), ("s1", "s2"), ("k1",), "Mobil layanan AG 1234 KP", Terrain.EASY, 240
    )
    return replace(made, way_minutes=30, **changes)  # type: ignore[arg-type]


def furnish(kit: Kit, *plans: Plan) -> None:
    """Give a kit its targets, staff, kits, a car, a second activity, and plans."""
    kit.plan(*TARGETS)
    with kit.store.write() as unit:
        unit.activities.save(OTHER)
        unit.repository(Staff).save_all(STAFF)
        unit.repository(SarprasKit).save_all(KITS)
        unit.repository(SarprasItem).save(CAR)
        unit.repository(Plan).save_all(plans)
