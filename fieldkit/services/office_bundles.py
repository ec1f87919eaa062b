"""Bundles of the office: taken, kept, and said."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from fieldkit.domain.errors import InputError, Problem, Recovery, RuleError
from fieldkit.domain.office_bundles import BundleKind, BundleStanding, OfferedProgram, OfficeBundle, stream_of
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, Target
from fieldkit.domain.targets.columns import check_layout, guess_layout
from fieldkit.domain.targets.sheets import TargetDraft, TargetList
from fieldkit.ports.clock import Clock
from fieldkit.ports.documents import TargetSheets
from fieldkit.ports.repositories import Attachment
from fieldkit.ports.store import Store, Unit
from fieldkit.services.targets.import_targets import ListContext, media_type_of, notes_of, read_rows

# What this kit keeps of the office's bundles, and what follows from it for who signs in.
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


# Goes by what the office sends: staged, checked, applied in one transaction; what fails leaves the former standing.
#
# A bundle is staged before it is looked at, so that a stop of the program in between loses nothing: the next run or
# sign-in ends what was begun.

_STAGED = "office.staged"
_ACTOR = "office"

# What a checked content does within the transaction that makes the kit go by it.
Applying = Callable[[Unit, OfficeBundle], None]
# Raises `KnownError` for a content that this program cannot go by.
Check = Callable[[bytes], Applying]


@dataclass(frozen=True, slots=True)
class OfficeTools:
    """Who we are, whom we believe, how a closed content is opened, and how each kind is checked."""

    kit_id: str
    gateway: str
    unseal: Callable[[bytes], bytes]
    checks: Mapping[BundleKind, Check]


class TakeBundles:
    """Implements `OfficeBundles` over the store."""

    def __init__(self, store: Store, tools: OfficeTools, clock: Clock) -> None:
        self._store, self._tools, self._clock = store, tools, clock

    def standings(self) -> Sequence[BundleStanding]:
        """Return where this kit is with each stream."""
        with self._store.read() as unit:
            return standings_in(unit)

    def finish(self) -> BundleStanding | None:
        """End what a stop of the program left half done; None when nothing was left. Raise `StoreError`."""
        with self._store.read() as unit:
            staged = unit.settings.get(_STAGED)
        if not staged:
            return None
        return self._apply(_bundle_of(staged["bundle"]), base64.b64decode(staged["content"]))

    def take(self, bundle: OfficeBundle, content: bytes) -> BundleStanding | None:
        """Check a bundle whose signature holds and go by it, or keep the former and say why in the standing.

        None when this kit goes by that very version already. Raise `InputError` `office.older`, `office.for_others`,
        `office.damaged` for what is never taken, `StoreError`.
        """
        if bundle.gateway != self._tools.gateway or (bundle.kits and self._tools.kit_id not in bundle.kits):
            raise InputError("office.for_others")
        if (len(content), sha256(content).hexdigest()) != (bundle.size_bytes, bundle.sha256):
            raise InputError("office.damaged")
        with self._store.write() as unit:
            known = {standing.stream: standing for standing in standings_in(unit)}.get(bundle.stream)
            if known is not None and bundle.version < known.version:
                raise InputError("office.older", version=bundle.version, ours=known.version)
            if known is not None and bundle.version == known.version:
                return None
            unit.settings.put(_STAGED, {"bundle": _as_value(bundle), "content": base64.b64encode(content).decode()})
        return self._apply(bundle, content)

    def _apply(self, bundle: OfficeBundle, content: bytes) -> BundleStanding:
        try:
            plain = self._tools.unseal(content) if bundle.is_sealed else content
            apply = self._tools.checks[bundle.kind](plain)
            with self._store.write() as unit:
                apply(unit, bundle)
                if bundle.kind in KEPT:
                    unit.settings.put(f"{CONTENT}{bundle.stream}", plain.decode("utf-8-sig"))
                return self._note(unit, bundle, "")
        except (InputError, RuleError) as error:  # a full disk says nothing about the bundle: it stays staged
            with self._store.write() as unit:
                return self._note(unit, bundle, error.code)

    def _note(self, unit: Unit, bundle: OfficeBundle, code: str) -> BundleStanding:
        """Keep how it ended, together with what was applied."""
        now = self._clock.now()
        former = {each.stream: each for each in standings_in(unit)}.get(bundle.stream)
        former = former or BundleStanding(bundle.kind, bundle.name)
        standing = (
            BundleStanding(
                bundle.kind, bundle.name, former.version, former.made_at, former.applied_at, bundle.version, code
            )
            if code
            else BundleStanding(bundle.kind, bundle.name, bundle.version, bundle.made_at, now)
        )
        kept: dict[str, Any] = dict(unit.settings.get(STANDINGS) or {})
        kept[bundle.stream] = {
            "version": standing.version,
            "made_at": standing.made_at.isoformat() if standing.made_at else None,
            "applied_at": standing.applied_at.isoformat() if standing.applied_at else None,
            "refused": standing.refused,
            "code": standing.code,
        }
        unit.settings.put(STANDINGS, kept)
        unit.settings.put(_STAGED, None)
        said = {"version": bundle.version, "sha256": bundle.sha256, "code": code}
        unit.events.append("office_refused" if code else "office_applied", bundle.stream, said, _ACTOR, now)
        return standing


def _as_value(bundle: OfficeBundle) -> dict[str, Any]:
    said = {name: getattr(bundle, name) for name in bundle.__slots__}
    return {**said, "kind": bundle.kind.value, "made_at": bundle.made_at.isoformat(), "kits": list(bundle.kits)}


def _bundle_of(value: Mapping[str, Any]) -> OfficeBundle:
    return OfficeBundle(
        **{
            **value,
            "kind": BundleKind(value["kind"]),
            "made_at": datetime.fromisoformat(value["made_at"]),
            "kits": tuple(value["kits"]),
        }
    )


# Takes a target list of the office: its activity, and everybody on it who is not there yet.
#
# The ids follow from gateway, list and NIK, so that laptops which got the same list mean the same people.


@dataclass(frozen=True, slots=True)
class SentList:
    """A list as it came: the activity in words, and the file."""

    name: str
    place: str
    on: date
    mode: ModePerekaman
    file: str
    content: bytes


def read_list(sent: SentList, sheets: TargetSheets, is_known_region: Callable[[str], bool]) -> TargetDraft:
    """Return the rows of a list. Raise `InputError`: no list, a column that is missing, `office.nobody_on_list`."""
    read = sheets.read(sent.file, sent.content)
    layout = guess_layout(read)
    check_layout(layout)
    draft = read_rows(read[layout.sheet], layout, ListContext(sent.on, is_known_region))
    if not draft.accepted:
        raise InputError("office.nobody_on_list", refused=len(draft.refused))
    return draft


def take_list(unit: Unit, bundle: OfficeBundle, sent: SentList, draft: TargetDraft) -> None:
    """Keep the activity and whom it does not have yet; what was recorded or noted of the others stays."""
    of_list = uuid5(NAMESPACE_URL, f"fieldkit:{bundle.gateway}:{bundle.name}")
    activity_id = str(of_list)
    known = {activity.activity_id: activity for activity in unit.activities.all()}.get(activity_id)
    activity = known or Activity(activity_id, sent.name, sent.place, sent.on, sent.mode, "", "")
    unit.activities.save(replace(activity, name=sent.name, place=sent.place, on=sent.on, mode=sent.mode))
    here = {
        key.nik
        for key in unit.targets.with_niks(row.biodata.nik.digits for row in draft.accepted)
        if key.activity_id == activity_id
    }
    fresh = [row for row in draft.accepted if row.biodata.nik.digits not in here]
    first = unit.targets.last_house(activity_id) + 1
    unit.targets.save(
        Target(target_id_of(of_list, row.biodata.nik.digits), activity_id, first + place, row.biodata, row.category)
        for place, row in enumerate(fresh)
    )
    for row in fresh:
        if (notes := notes_of(row, target_id_of(of_list, row.biodata.nik.digits), activity_id)) is not None:
            unit.repository(type(notes)).save(notes)
    list_id = str(uuid5(of_list, f"list {bundle.version}"))
    unit.repository(TargetList).save(
        TargetList(
            thing_id=list_id,
            activity_id=activity_id,
            name=sent.file,
            imported_at=bundle.made_at,
            header=draft.layout.header,
            accepted=len(fresh),
            refused=draft.refused,
        )
    )
    kept = (str(uuid5(of_list, f"file {bundle.version}")), list_id, sent.file, media_type_of(sent.content))
    unit.attachments.put(Attachment(*kept, sent.content, sha256(sent.content).hexdigest(), bundle.made_at))


def target_id_of(of_list: UUID, nik: str) -> str:
    """Return the id of a person on a list."""
    return str(uuid5(of_list, nik))
