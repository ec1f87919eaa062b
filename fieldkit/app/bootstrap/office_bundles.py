"""What a kit does with the office's bundles: how each kind is checked, and what the kit goes by because of them."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from fieldkit import VERSION
from fieldkit.app.bootstrap.kit_settings import SETTING, KitSettings
from fieldkit.domain.errors import InputError, KnownError, Problem, RuleError, StoreError, VaultError, reason_of
from fieldkit.domain.letters.letter import THE_LETTERHEAD, Letterhead
from fieldkit.domain.office_bundles import DEB, EXE, BundleKind, OfferedProgram, OfficeBundle, package_of
from fieldkit.domain.people import Role
from fieldkit.domain.recording.biodata import CodeTables
from fieldkit.domain.recording.capture import CapturePolicy, SampleFormat
from fieldkit.formats.an2 import an2_file
from fieldkit.formats.cbeff import cbeff_file
from fieldkit.formats.container import OpenedRecord, OpenedSample
from fieldkit.formats.exports import iso_files, osia_file
from fieldkit.formats.finger import decode_finger_record, encode_minutiae, record_of
from fieldkit.formats.inspection import Facts, inspect
from fieldkit.formats.rules import is_known_region, load_policy, load_second_factor_roles, load_tables
from fieldkit.formats.stated import stated_by
from fieldkit.media.carried_files import digest_of_file
from fieldkit.media.place import Place
from fieldkit.ports.clock import Clock
from fieldkit.ports.delivery import Brought, SyncReport
from fieldkit.ports.store import Store, Unit
from fieldkit.ports.vault import SignerRole
from fieldkit.services.office_bundles import (
    Applying,
    Check,
    OfficeTools,
    TakeBundles,
    content_in,
    disabled_in,
    keep_disabled,
    keep_listed,
    keep_offered,
    keep_revoked,
    offered_in,
    revoked_in,
    shut_out,
)
from fieldkit.vault.bundles import BundleSealer
from fieldkit.vault.certificates import certificates_from_pem, is_same_authority, serial_number, valid_until
from fieldkit.vault.cms import verify_signer
from fieldkit.vault.device_trust import JwsVerifier
from fieldkit.vault.keyslots import KeySlotFile, OpenSlot
from sync.kit.carrying import Pulling, TeamBundles, TeamExchange
from sync.protocol.down import MOST_BUNDLE_BYTES, RECIPIENT_TYP, TeamMember, read_revocations, read_revoked_alone

# An opened record in the formats that others read.

_MOST_BYTES = 64_000_000


class ExportFormat(StrEnum):
    """What others read."""

    OSIA = "osia"
    AN2 = "an2"
    ISO = "iso"
    CBEFF = "cbeff"


def exported(record: OpenedRecord, form: ExportFormat) -> Mapping[str, bytes]:
    """Return the files of a record in a format, by name. Raise `InputError`."""
    return _WRITERS[form](record)


def inspected(file: Path) -> Facts:
    """Return what a file with a sample says of itself. Raise `InputError`."""
    try:
        return inspect(Place.of_file(file).read(_MOST_BYTES))
    except OSError as error:
        if error.errno == errno.E2BIG:
            raise InputError("record.too_large", limit=_MOST_BYTES) from error
        raise InputError("cli.unreadable", file=str(file), detail=reason_of(error)) from error


def _iso(record: OpenedRecord) -> Mapping[str, bytes]:
    """The records as the devices gave them, and the minutiae of each finger with the score that the kit went by."""
    scores = {item.sub_kind: item.quality for item in stated_by(record.entries["enrollment.json"]).items if item.image}
    fingers = [sample for sample in record.samples if sample.format is SampleFormat.ISO_19794_4]
    return {**iso_files(record), **{f"{s.position.value}.fmr": _minutiae(s, scores[s.position.value]) for s in fingers}}


def _minutiae(sample: OpenedSample, score: int) -> bytes:
    from fieldkit.matching.minutiae import find_minutiae
    from fieldkit.matching.ridges import find_ridges

    read = decode_finger_record(sample.data)
    ridges = find_ridges(read.pixels(), read.ppi)
    height, width = ridges.skin.shape
    found = [(float(x), float(y), float(turn)) for x, y, turn in find_minutiae(ridges)]
    return encode_minutiae(record_of(read.position, (width, height), found, score))


_WRITERS: Mapping[ExportFormat, Callable[[OpenedRecord], Mapping[str, bytes]]] = {
    ExportFormat.OSIA: lambda record: {"enrollment.json": osia_file(record)},
    ExportFormat.AN2: lambda record: {"record.an2": an2_file(record)},
    ExportFormat.ISO: _iso,
    ExportFormat.CBEFF: lambda record: {"record.cbeff.xml": cbeff_file(record)},
}


def check_policy(content: bytes) -> Applying:
    """Take a policy of recording. Raise `InputError`."""
    load_policy(content)
    return _keep_nothing_else


def check_tables(content: bytes) -> Applying:
    """Take code tables. Raise `InputError`: `rules.tables`, `office.code_missing` where stored people have the code."""
    tables, shipped = load_tables(content).tables, load_tables().tables
    for table, codes in shipped.items():
        for code in codes:
            if code not in tables.get(table, {}):
                raise InputError("office.code_missing", table=table, entry=code)
    return _keep_nothing_else


def check_sop(content: bytes) -> Applying:
    """Take an SOP under its own id. Raise `InputError`."""
    sop_id = sop_id_of(content)

    def apply(_unit: Unit, bundle: OfficeBundle) -> None:
        if bundle.name != sop_id:
            raise InputError("office.content")

    return apply


def sop_id_of(content: bytes) -> str:
    """Return the id of an SOP that the program understands as a whole. Raise `InputError`."""
    from fieldkit.formats.sop_profile import read_profile

    return read_profile(content, "sop.yaml").sop_id


def check_authority(content: bytes) -> Applying:
    """Take a certificate by which our authority lives longer. Raise `InputError("office.authority")` for another's."""
    try:
        (certificate,) = certificates_from_pem(content.decode("ascii"))
    except (ValueError, KnownError) as error:
        raise InputError("office.content") from error

    def apply(unit: Unit, _bundle: OfficeBundle) -> None:
        kept = KitSettings.of(unit)
        if not is_same_authority(certificate, kept.ca_certificate):
            raise InputError("office.authority")
        if valid_until(certificate) > valid_until(kept.ca_certificate):
            unit.settings.put(SETTING, kept.model_copy(update={"ca_certificate": certificate}).model_dump_json())

    return apply


def check_letterhead(content: bytes) -> Applying:
    """Take a letterhead; who signs and the logo stay as they are here. Raise `InputError`."""
    from fieldkit.formats.bundle import read_letterhead

    words = read_letterhead(content).model_dump()

    def apply(unit: Unit, _bundle: OfficeBundle) -> None:
        repository = unit.repository(Letterhead)
        repository.save(replace(repository.find(THE_LETTERHEAD) or Letterhead(words["dinas"]), **words))

    return apply


def check_users(content: bytes) -> Applying:
    """Take who is to work with this kit and who may not sign in. Raise `InputError`."""
    from fieldkit.formats.bundle import read_users

    wanted, disabled = read_users(content)

    def apply(unit: Unit, bundle: OfficeBundle) -> None:
        keep_listed(unit, bundle.kind, wanted)
        if bundle.kind is BundleKind.USERS:
            keep_disabled(unit, disabled)

    return apply


def check_revocations(content: bytes) -> Applying:
    """Take which certificates count no longer. Raise `InputError`."""
    serials = read_revocations(content)
    return lambda unit, _bundle: keep_revoked(unit, serials)


def check_targets(content: bytes) -> Applying:
    """Take a target list and its activity. Raise `InputError`."""
    from fieldkit.formats.bundle import read_targets
    from fieldkit.formats.target_sheets import SpreadsheetFiles
    from fieldkit.services.office_bundles import SentList, read_list, take_list

    read = read_targets(content)
    sent = SentList(read.name, read.place, read.on, read.mode, read.file, read.content)
    draft = read_list(sent, SpreadsheetFiles(), is_known_region)
    return lambda unit, bundle: take_list(unit, bundle, sent, draft)


def check_program(content: bytes) -> Applying:
    """Take which version of the program is wanted. Raise `InputError`."""
    from fieldkit.formats.bundle import read_program

    offered = read_program(content)

    def apply(unit: Unit, bundle: OfficeBundle) -> None:
        if bundle.name != package_of(offered.file)[1]:
            raise InputError("office.content")
        keep_offered(unit, bundle.name, offered)

    return apply


CHECKS: Mapping[BundleKind, Check] = {
    BundleKind.REVOCATIONS: check_revocations,
    BundleKind.AUTHORITY: check_authority,
    BundleKind.USERS: check_users,
    BundleKind.ACCOUNTS: check_users,
    BundleKind.POLICY: check_policy,
    BundleKind.TABLES: check_tables,
    BundleKind.SOP: check_sop,
    BundleKind.LETTERHEAD: check_letterhead,
    BundleKind.TARGETS: check_targets,
    BundleKind.PROGRAM: check_program,
}


def _keep_nothing_else(_unit: Unit, _bundle: OfficeBundle) -> None:
    """Do nothing more: the content itself is kept."""


class FromOffice:
    """What this kit goes by because of the office's bundles, for who is signed in."""

    def __init__(self, store: Store, settings: KitSettings, opened: OpenSlot, clock: Clock) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._user_id = opened.user.user_id
        self._user_serial = serial_number(opened.signing_key.certificate_der)
        authority = [settings.ca_certificate]
        self.sealer = BundleSealer(settings.kit_key, opened.signing_key, authority, self._revoked)
        tools = OfficeTools(settings.kit_id, settings.gateway_name, self.sealer.unseal, CHECKS)
        self.takes = TakeBundles(store, tools, clock)

    def begin(self) -> None:
        """End what a stop of the program left half done. Raise `VaultError` for who is shut out."""
        with suppress(StoreError):  # a full disk keeps nobody out; the next run ends it
            self.takes.finish()
        if (why := self.shut_out()) is not None:
            raise VaultError(why.code, recovery=why.recovery)

    def pulling(self) -> Pulling:
        """Return what fetches bundles in a run."""
        office = JwsVerifier.of_key(self._settings.receipt_public_key)
        return Pulling(self.takes, office, self._settings.kit_id, self.sealer.recipient)

    def team(self, bundles: TeamBundles) -> TeamExchange:
        """Return what exchanges with the other laptops of the team in a run."""
        return TeamExchange(bundles, self._believed)

    def _believed(self, member: TeamMember) -> str:
        """Return what is closed to a kit. Raise `VaultError`, `InputError` unless our authority vouches for it."""
        signer = verify_signer(member.certificate, [self._settings.ca_certificate], self._clock.now())
        payload = JwsVerifier.of_certificate(member.certificate).verify(member.recipient, RECIPIENT_TYP)
        is_kit = signer.role is SignerRole.KIT and signer.signer_id == member.kit == payload.get("kit")
        if not is_kit or signer.serial_number in self._revoked():
            raise InputError("exchange.untrusted")
        return str(payload.get("recipient"))

    def policy(self, own: Path | None) -> CapturePolicy:
        """Return the policy of the office, else that of a file here, else the one that ships."""
        with suppress(InputError):  # a program that reads it otherwise goes by the former
            if (content := self._only(BundleKind.POLICY)) is not None:
                return load_policy(content)
        return load_policy(own)

    def second_factor_roles(self, own: Path | None) -> frozenset[Role]:
        """Return whom the same policy demands a second factor of."""
        with suppress(InputError):
            if (content := self._only(BundleKind.POLICY)) is not None:
                return load_second_factor_roles(content)
        return load_second_factor_roles(own)

    def tables(self) -> CodeTables:
        """Return the code tables of the office, else those that ship."""
        with suppress(InputError):
            return load_tables(self._only(BundleKind.TABLES))
        return load_tables()

    def sops(self) -> Mapping[str, bytes]:
        """Return the SOPs of the office by id."""
        with self._store.read() as unit:
            return content_in(unit, BundleKind.SOP)

    def offered(self) -> OfferedProgram | None:
        """Return the version of the program that the office wants here, None when it is not later than this one."""
        with self._store.read() as unit:
            offered = offered_in(unit, EXE if sys.platform == "win32" else DEB)
        return offered if offered is not None and offered.is_newer_than(VERSION) else None

    def shut_out(self) -> Problem | None:
        """Return why this user, or nobody at all, works on with this kit; None when all is well."""
        with self._store.read() as unit:
            return shut_out(unit, self._user_id, serial_number(self._settings.kit_certificate), self._user_serial)

    def heed(self, report: SyncReport, slots: KeySlotFile) -> SyncReport:
        """Return the report of a run with what follows for who is signed in."""
        return replace(report, shut_out=self._shut(slots))

    def bring(self, tree: Path, slots: KeySlotFile) -> Brought:
        """Take the bundles in a tree of folders, and return what follows. Raise `StoreError`."""
        brought = self.pulling().bring(tree)
        return replace(brought, shut_out=self._shut(slots))

    def _shut(self, slots: KeySlotFile) -> Problem | None:
        """Let disabled and revoked users lose their slots, and return why who is signed in must not work on."""
        with self._store.read() as unit:
            disabled = disabled_in(unit)
        listed = self._only(BundleKind.REVOCATIONS)
        # Who was revoked with the kit keeps the slot: the kit may come back, with certificates for the same keys.
        revoked = read_revoked_alone(listed) if listed is not None else frozenset()
        for user in slots.names():
            certificate = slots.certificate(user.user_id)
            if user.user_id in disabled or (certificate and serial_number(certificate) in revoked):
                with suppress(RuleError, VaultError):  # the last admin's slot stays for the way back, and opens nothing
                    slots.disable(user.user_id)
                    with self._store.write() as unit:
                        said = {"reason": "office"}
                        unit.events.append("user_disabled", user.user_id, said, self._user_id, self._clock.now())
        return self.shut_out()

    def _revoked(self) -> frozenset[int]:
        with self._store.read() as unit:
            return revoked_in(unit)

    def _only(self, kind: BundleKind) -> bytes | None:
        with self._store.read() as unit:
            return content_in(unit, kind).get("")


def name_in(kind: BundleKind, content: bytes, given: str = "") -> str:
    """Check a content before it is published and return the name of its stream. Raise `InputError`.

    A target list has the name that is `given`, an SOP its id, a version its kind of package, the others none.
    """
    CHECKS[kind](content)
    if kind is BundleKind.PROGRAM:
        from fieldkit.formats.bundle import read_program

        return package_of(read_program(content).file)[1]
    if kind is BundleKind.TARGETS and not given.strip():
        raise InputError("gateway.list_name")
    return sop_id_of(content) if kind is BundleKind.SOP else given.strip() if kind is BundleKind.TARGETS else ""


def program_in(file: Path) -> bytes:
    """Return what is told of a package of the program. Raise `InputError`: `gateway.no_package`, `cli.unreadable`."""
    from fieldkit.formats.bundle import write_program

    version, _ = package_of(file.name)
    try:
        package = digest_of_file(Place.of_file(file))
    except StoreError as error:
        raise InputError("cli.unreadable", file=str(file), detail=error.problem.params["detail"]) from error
    return write_program(OfferedProgram(version, file.name, package.sha256, package.size_bytes))


def content_of(file: Path) -> bytes:
    """Return the bytes of a file. Raise `InputError("cli.unreadable")`."""
    try:
        return Place.of_file(file).head(MOST_BUNDLE_BYTES + 1)
    except OSError as error:
        raise InputError("cli.unreadable", file=str(file), detail=reason_of(error)) from error
