"""What this kit keeps of the office's bundles, and what follows from it for who signs in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from fieldkit.domain.errors import Problem, Recovery
from fieldkit.domain.offered_program import OfferedProgram
from fieldkit.domain.office_bundles import BundleKind, BundleStanding, stream_of
from fieldkit.domain.people.accounts import Role, User
from fieldkit.ports.store import Unit

STANDINGS, CONTENT = "office.bundles", "office.content:"
# Their content is read again and again; that of the others stands where it belongs once it is applied.
KEPT = frozenset({BundleKind.REVOCATIONS, BundleKind.USERS, BundleKind.POLICY, BundleKind.TABLES, BundleKind.SOP})
_REVOKED, _DISABLED, _LISTED = "office.revoked", "office.disabled", "office.listed:"
_PROGRAM = "office.program:"


def standings_in(unit: Unit) -> tuple[BundleStanding, ...]:
    """Return where this kit is with each stream, in the order of kinds."""
    order = list(BundleKind)
    found = []
    for stream, said in (unit.settings.get(STANDINGS) or {}).items():
        kind, _, name = stream.partition("/")
        made, applied = (datetime.fromisoformat(at) if at else None for at in (said["made_at"], said["applied_at"]))
        found.append(
            BundleStanding(BundleKind(kind), name, said["version"], made, applied, said["refused"], said["code"])
        )
    return tuple(sorted(found, key=lambda each: (order.index(each.kind), each.name)))


def content_in(unit: Unit, kind: BundleKind) -> Mapping[str, bytes]:
    """Return the contents of one kind that this kit goes by, by name."""
    going = (standing.name for standing in standings_in(unit) if standing.kind is kind and standing.version)
    return {name: str(unit.settings.get(f"{CONTENT}{stream_of(kind, name)}")).encode() for name in going}


def keep_revoked(unit: Unit, serials: Mapping[str, str]) -> None:
    """Keep which certificates count no longer: serial number (hex) → since when."""
    unit.settings.put(_REVOKED, dict(serials))


def keep_disabled(unit: Unit, user_ids: list[str]) -> None:
    """Keep who may not sign in any more."""
    unit.settings.put(_DISABLED, user_ids)


def keep_listed(unit: Unit, kind: BundleKind, users: Sequence[User]) -> None:
    """Keep who is to work with this kit, by the office's word or because others of the team have the account."""
    unit.settings.put(f"{_LISTED}{kind.value}", [[user.user_id, user.name, user.role.value] for user in users])


def listed_in(unit: Unit) -> tuple[User, ...]:
    """Return who is to work with this kit and may have no key here yet; the office's own word goes before."""
    lists = [unit.settings.get(f"{_LISTED}{kind.value}") or [] for kind in (BundleKind.ACCOUNTS, BundleKind.USERS)]
    found = {user_id: User(user_id, name, Role(role)) for listed in lists for user_id, name, role in listed}
    ended = disabled_in(unit)
    return tuple(user for user_id, user in found.items() if user_id not in ended)


def keep_offered(unit: Unit, name: str, offered: OfferedProgram) -> None:
    """Keep which version of the program the office wants, for one kind of package."""
    unit.settings.put(f"{_PROGRAM}{name}", asdict(offered))


def offered_in(unit: Unit, name: str) -> OfferedProgram | None:
    """Return the version that the office wants, None when it has not said any."""
    said = unit.settings.get(f"{_PROGRAM}{name}")
    return OfferedProgram(**said) if said else None


def revoked_in(unit: Unit) -> frozenset[int]:
    """Return the serial numbers of certificates that count no longer."""
    return frozenset(int(serial, 16) for serial in unit.settings.get(_REVOKED) or {})


def disabled_in(unit: Unit) -> frozenset[str]:
    """Return the user ids of who may not sign in any more."""
    return frozenset(unit.settings.get(_DISABLED) or ())


def shut_out(unit: Unit, user_id: str, kit_serial: int, user_serial: int) -> Problem | None:
    """Return why nobody works on with this kit, or not this user, None when all is well."""
    revoked = revoked_in(unit)
    if kit_serial in revoked:
        return Problem("office.kit_revoked", recovery=Recovery.ASK_OFFICE)
    if user_serial in revoked or user_id in disabled_in(unit):
        return Problem("office.user_disabled", recovery=Recovery.ASK_OFFICE)
    return None
