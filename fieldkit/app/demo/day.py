"""One outreach day through the real screens, and what came of it, counted on both sides."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from random import Random
from typing import Any

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.sample_quality import CA_FILE, RECEIPT_KEY_FILE, manifest_proof
from fieldkit.app.bootstrap.window import open_window, serve
from fieldkit.app.demo.kit import DemoDoor, DeviceTime, prepare
from fieldkit.app.demo.people import Resident, grow, read_folder
from fieldkit.app.demo.robot import Robot
from fieldkit.app.demo.world import World, alone_in
from fieldkit.documents.signature_check import draw_pages
from fieldkit.domain.delivery import DeliveryState, QueueEntry
from fieldkit.domain.errors import InputError
from fieldkit.vault import certificates
from sync.gateway import provision

# The demo in a window: the same world, but a person presses the keys.

_PEOPLE, _SEED = 12, 1


def run_live(out: Path, language: str, ready: Callable[[], None] = lambda: None) -> int:
    """Open the window at the sign-in screen; a second run goes on with the same kit. `ready` is told just before."""
    residents = grow(_PEOPLE, _SEED, SystemClock(WIB).today())
    with alone_in(out), World(out, _SEED) as world:
        home = Home(out / "home")
        prepare(home, world, residents)
        door = DemoDoor(home, world.devices, residents, DeviceTime())
        try:
            return serve(door, home.path, out / "papers", language, ready=ready)
        finally:
            door.leave()


# One page with everything a demo showed: its screens in their order, and each page of each paper.

_STYLE = (
    "body{font:16px sans-serif;margin:24px;background:#eef1f6}"
    "figure{display:inline-block;margin:0 24px 24px 0;vertical-align:top}"
    "img{max-width:640px;border:1px solid #8a94a6}figcaption{padding:4px 0}"
)


def write_pictures_page(out: Path, language: str, screens: Sequence[Path], papers: Iterable[Path]) -> Path:
    """Write `index.html` and the pages of the papers as PNG (`pages/`) into `out`, and return its path.

    Raise `OSError` when it cannot be written, `InputError` for a paper that is no PDF.
    """
    pages = out / "pages"
    pages.mkdir(exist_ok=True)
    drawn = []
    for paper in papers:
        for number, page in enumerate(draw_pages(paper.read_bytes()), 1):
            drawn.append(pages / f"{paper.stem}-{number}.png")
            drawn[-1].write_bytes(page)
    names = ("Layar", "Surat") if language == "id" else ("Screens", "Papers")
    parts = [
        f"<h1>{name} ({len(of)})</h1>{_figures(out, of)}" for name, of in zip(names, (screens, drawn), strict=True)
    ]
    index = out / "index.html"
    index.write_text(
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Fieldkit</title>'
        f"<style>{_STYLE}</style>{''.join(parts)}</html>\n",
        "utf-8",
    )
    return index


def _figures(out: Path, pictures: Iterable[Path]) -> str:
    found = ((escape(str(path.relative_to(out)), quote=True), escape(path.stem)) for path in pictures)
    return "".join(
        f'<figure><a href="{place}"><img src="{place}" alt="{name}" loading="lazy"></a>'
        f"<figcaption>{name}</figcaption></figure>\n"
        for place, name in found
    )


# What a kit can show of each record: the signed manifest and the data center's receipt, with what verifies them.


def write_proofs(
    folder: Path, kit_certificate: bytes, gateway: Path, entries: Sequence[QueueEntry]
) -> tuple[list[Path], list[Path]]:
    """Write manifests and receipts, the CA and the receipt key; return the paths of manifests and receipts."""
    folder.mkdir(parents=True, exist_ok=True)
    gateway_context = provision.open_gateway(gateway, SystemClock(WIB))
    gateway_context.engine.dispose()
    (folder / CA_FILE).write_text(certificates.certificates_to_pem(gateway_context.authority.certificate_der), "ascii")
    public = certificates.public_to_pem(gateway_context.configuration.receipt_public_key)
    (folder / RECEIPT_KEY_FILE).write_text(public, "ascii")
    manifests, receipts = [], []
    for entry in entries:
        manifest = folder / f"{entry.record.record_id}.manifest"
        manifest.write_text(manifest_proof(entry.record.manifest_jws, kit_certificate), "ascii")
        manifests.append(manifest)
        if entry.receipt_jws:
            receipt = folder / f"{entry.record.record_id}.receipt"
            receipt.write_text(entry.receipt_jws + "\n", "ascii")
            receipts.append(receipt)
    return manifests, receipts


_MARK = ".fieldkit-demo"
_LEFT_BEHIND = (
    "home",
    "data-center",
    "screenshots",
    "papers",
    "proofs",
    "devices.json",
    "link-port",
    "pages",
    "index.html",
)
_ACKNOWLEDGED = (DeliveryState.ACKNOWLEDGED, DeliveryState.PURGED)


@dataclass(slots=True)
class Subject:
    """What became of one resident."""

    name: str
    nik: str
    record_id: str
    outcome: str
    exceptions: list[str]
    keystrokes: int
    seconds: float
    device_seconds: float
    central_status: str = ""
    card_from: str | None = None


@dataclass(slots=True)
class Report:
    """The day in numbers and paths."""

    out: Path
    identity: Path
    subjects: list[Subject] = field(default_factory=list)
    sealed: int = 0
    acknowledged: int = 0
    lost: int = 0
    duplicated: int = 0
    resumed_uploads: int = 0
    cuts: int = 0
    seal_seconds: float = 0.0
    sync_seconds: float = 0.0
    records: list[Path] = field(default_factory=list)
    screenshots: list[Path] = field(default_factory=list)
    documents: list[Path] = field(default_factory=list)
    manifests: list[Path] = field(default_factory=list)
    receipts: list[Path] = field(default_factory=list)
    devices: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs; seconds are means per person, but for sync, which is the whole."""
        count = max(1, len(self.subjects))
        total = sum(s.seconds for s in self.subjects)
        devices = sum(s.device_seconds for s in self.subjects)
        return {
            "subjects": [
                {
                    "name": s.name,
                    "nik": s.nik,
                    "record_id": s.record_id,
                    "outcome": s.outcome,
                    "central_status": s.central_status,
                    "card_from": s.card_from,
                    "exceptions": s.exceptions,
                    "keystrokes": s.keystrokes,
                }
                for s in self.subjects
            ],
            "sealed": self.sealed,
            "acknowledged": self.acknowledged,
            "lost": self.lost,
            "duplicated": self.duplicated,
            "resumed_uploads": self.resumed_uploads,
            "cuts": self.cuts,
            "seconds": {
                "subject": round(total / count, 3),
                "device": round(devices / count, 3),
                "app_overhead": round((total - devices) / count, 3),
                "seal": round(self.seal_seconds / count, 3),
                "sync": round(self.sync_seconds, 3),
            },
            "home": str(self.out / "home"),
            "data_center": str(self.out / "data-center"),
            "identity": str(self.identity),
            "devices": self.devices,
            "records": [str(path) for path in self.records],
            "screenshots": [str(path) for path in self.screenshots],
            "documents": [str(path) for path in self.documents],
            "manifests": [str(path) for path in self.manifests],
            "receipts": [str(path) for path in self.receipts],
        }


def perform(people: int, out: Path, seed: int, subjects: Path | None, language: str) -> Report:
    """Perform the day in `out`; what an earlier day left there is taken away first.

    Raise `KnownError` when a step does not come to its end, `InputError` when `out` belongs to somebody else.
    """
    demand_ours(out)
    today = SystemClock(WIB).today()
    residents = read_folder(subjects, seed, today) if subjects else grow(people, seed, today)
    with alone_in(out):
        clear(out)
        with World(out, seed, subjects) as world:
            return _perform_in(world, residents, out, seed, language)


def _perform_in(world: World, residents: Sequence[Resident], out: Path, seed: int, language: str) -> Report:
    home = Home(out / "home")
    prepare(home, world, residents)
    spent = DeviceTime()
    door = DemoDoor(home, world.devices, residents, spent)
    try:
        application = open_window(door, home.path, out / "papers", language)
        try:
            application.shell.show()
            robot = Robot(application, out / "screenshots", spent)
            report = Report(out, world.data_center.folder / provision.OPENER_IDENTITY)
            _day(robot, world, residents, report, seed)
            write_pictures_page(out, language, report.screenshots, report.documents)
            return report
        finally:
            application.close()
    finally:
        door.leave()


def demand_ours(out: Path) -> None:
    """Raise `InputError("demo.not_ours")` when the folder holds what looks like a demo's and is not."""
    if any((out / name).exists() for name in _LEFT_BEHIND) and not (out / _MARK).exists():
        raise InputError("demo.not_ours", folder=str(out))


def clear(out: Path) -> None:
    """Take away what an earlier demo left in a folder. Raise `InputError("demo.not_ours")` for a stranger's folder."""
    demand_ours(out)
    for path in (out / name for name in _LEFT_BEHIND if (out / name).exists()):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARK).touch()


def _day(robot: Robot, world: World, residents: Sequence[Resident], report: Report, seed: int) -> Report:
    robot.sign_in()
    context = robot.context
    report.devices = [
        {"kind": s.kind.value, "state": s.state.value, "driver": s.driver, "address": s.address}
        for s in context.registry.scan()
    ]
    world.link.take_down()  # in the desa there is no signal
    for resident in residents:
        report.subjects.append(_record(robot, resident))
    report.seal_seconds = robot.seal_seconds
    begun = time.monotonic()
    _send(robot, world, Random(seed))
    report.sync_seconds = time.monotonic() - begun
    robot.make_shipment()
    robot.look_at_statuses()
    report.cuts = world.link.cuts
    report.resumed_uploads = sum(run.resumed_uploads for run in robot.spent.sync_reports)
    count(report, context.delivery.queue().entries, world.data_center.folder)
    report.screenshots = robot.screenshots
    report.documents = robot.documents
    report.manifests, report.receipts = write_proofs(
        report.out / "proofs", context.kit_certificate, world.data_center.folder, context.delivery.queue().entries
    )
    return report


def _record(robot: Robot, resident: Resident) -> Subject:
    begun, devices, keys = time.monotonic() - robot.picture_seconds, robot.spent.seconds, robot.keystrokes
    record_id, exceptions = robot.record(resident)
    return Subject(
        name=resident.biodata.name,
        nik=resident.biodata.nik.digits,
        record_id=record_id,
        outcome="recorded_with_exception" if exceptions else "recorded",
        exceptions=exceptions,
        keystrokes=robot.keystrokes - keys,
        seconds=time.monotonic() - robot.picture_seconds - begun,
        device_seconds=robot.spent.seconds - devices,
    )


def _send(robot: Robot, world: World, random: Random) -> None:
    """Send over a line that breaks at random points until nothing waits, then until every status came."""
    world.link.bring_up()
    robot.open_queue()
    for _ in range(3):
        world.link.stay_down_after(random.randint(700_000, 3_000_000))
        robot.send_once()
        world.link.bring_up()
    world.link.cut_after(1 << 40)
    robot.send_until(lambda: robot.context.delivery.queue().unsent == 0)
    robot.send_until(lambda: all(_is_final(entry) for entry in robot.context.delivery.queue().entries))


def _is_final(entry: QueueEntry) -> bool:
    return entry.central is not None and entry.central.code != "RECEIVED_AT_CENTRAL"


def count(report: Report, entries: Sequence[QueueEntry], folder: Path) -> None:
    """Count on both sides: our rows and receipts against the files that lie at the data center in `folder`."""
    by_id = {entry.record.record_id: entry for entry in entries}
    report.sealed = len(entries)
    report.acknowledged = sum(entry.state in _ACKNOWLEDGED for entry in entries)
    for subject in report.subjects:
        entry = by_id[subject.record_id]
        subject.central_status = entry.central.code if entry.central else ""
        subject.card_from = entry.record.card_from.isoformat() if entry.record.card_from else None
    report.records = [path for e in entries if (path := provision.sealed_path(folder, e.record.sha256)).is_file()]
    report.lost = len(entries) - len(report.records)
    stored = [path for path in (folder / "objects").rglob("*") if path.is_file() and path.stat().st_size > 0]
    report.duplicated = len([path for path in stored if path not in report.records])
