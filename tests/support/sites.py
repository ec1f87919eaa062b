"""A kit with its stick and its data center in folders, laid out once; acts are done, killed and cut on copies of it.

All was laid out two days ago, so that what the data center received may be erased now.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from support.homes import ADMIN, CLOCK, FAST, PASSPHRASE, Nobody, new, opened, planned, record
from support.kept import biodata
from support.kits import Told
from support.older_stores import make_older, older_journal
from support.room import PETUGAS

from fieldkit.app.bootstrap.clock import SystemClock
from fieldkit.app.bootstrap.enrolment import Slip, add_user, enrol_kit
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, ServiceCategory, Target
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.services.context.app_context import AppContext
from fieldkit.storage.sealed_files import FolderOfSealedFiles
from fieldkit.storage.session_journal import SessionJournals
from fieldkit.vault.derived import DerivedCipher
from fieldkit.vault.keyslots import KeySlotFile
from sync.gateway import provision
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import NikRule
from sync.gateway.server import GatewayServer, opener_of

KIT, NEW_KIT = "K01", "K02"
OLDER = "0003"
_DATABASE = "gateway.sqlite3"


class Site:
    """One folder: `kit` is the laptop's disk with its stick, `center` the data center."""

    def __init__(self, root: Path) -> None:
        self.root, self.laptop, self.center = root, root / "kit", root / "center"
        self.home, self.stick = Home(self.laptop / "home"), self.laptop / "stick"

    @property
    def slip(self) -> Slip:
        return Slip(**json.loads((self.root / "slip.json").read_text()))

    def write_slip(self, made: provision.EnrolCode) -> None:
        told = {"url": made.url, "code": made.code, "ca_fingerprint": made.ca_fingerprint}
        (self.root / "slip.json").write_text(json.dumps(told))

    def session(self, name: str) -> str:
        return str(json.loads((self.root / "sessions.json").read_text())[name])

    @property
    def recovery(self) -> str:
        return (self.center / "recovery.identity").read_text()

    def sealed(self) -> dict[str, bytes]:
        """Return the sealed files of the kit."""
        return {path.name: path.read_bytes() for path in sorted(self.home.sealed.glob("*.age"))}

    def stated(self) -> set[str]:
        """Return the ids of all records that a manifest tells of, archived ones included."""
        files = FolderOfSealedFiles(self.home.sealed)
        return {*files.found().manifests, *files.archived().texts}

    def copy(self, root: Path) -> Site:
        shutil.copytree(self.root, root)
        return Site(root)

    @contextmanager
    def gateway_context(self) -> Iterator[GatewayContext]:
        gateway_context = provision.open_gateway(self.center, CLOCK)
        try:
            yield gateway_context
        finally:
            gateway_context.engine.dispose()


class Center:
    """One address, at which now this folder of a data center answers, now that one."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._gateway_context: GatewayContext | None = None
        self._folder, self._states = Path(), Path()
        self._keeps = False
        self._asked = 0

    def use(self, folder: Path, states: Path | None = None) -> None:
        """Answer from a folder; with `states`, keep there what it was like after so many questions."""
        if self._app is not None and folder == self._folder and states is None and not self._keeps:
            return
        self.rest()
        if not folder.exists():
            return
        self._gateway_context = provision.open_gateway(folder, CLOCK)
        self._app, self._folder, self._asked = build_app(self._gateway_context, None), folder, 0
        self._keeps = states is not None
        self._states = states or Path()

    def rest(self) -> None:
        if self._gateway_context is not None:
            self._gateway_context.engine.dispose()
        if self._keeps:
            self._keep()
        self._gateway_context, self._app, self._keeps = None, None, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":  # none for the folders: what runs beside the answers would change them
            while (event := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{event['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        assert self._app is not None
        if self._keeps:
            self._keep()
        self._asked += 1
        await self._app(scope, receive, send)

    def _keep(self) -> None:
        """Keep the state after the questions so far: one client asks, one question at a time."""
        target = self._states / str(self._asked)
        shutil.copytree(self._folder, target, ignore=shutil.ignore_patterns(f"{_DATABASE}*"))
        with sqlite3.connect(self._folder / _DATABASE) as source, sqlite3.connect(target / _DATABASE) as copy:
            source.backup(copy)
        source.close()
        copy.close()


@contextmanager
def open_center(folder: Path) -> Iterator[tuple[Center, str]]:
    """Found a data center in a folder and listen; yield it with its address."""
    profile = {"dinas": "Dinas Uji", "zone": "WITA", "retention_days": "0"}
    with two_days_ago():
        provision.init(folder, profile, ["127.0.0.1", "localhost"], CLOCK, "trial")
    center = Center()
    server = GatewayServer(center, *provision.tls_files(folder), "127.0.0.1", 0)
    server.start()
    try:
        yield center, server.url
    finally:
        server.stop()
        center.rest()


@contextmanager
def two_days_ago() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _: datetime.now(UTC) - timedelta(days=2))
        yield


def person(number: int) -> Biodata:
    return biodata(nik=f"327501470879000{number}")


def begin(context: AppContext, number: int) -> str:
    """Open a recording up to its first picture; return its id."""
    day = context.clock.today()
    activity = Activity("act-1", "Jemput bola", "Desa Jimbe", day, ModePerekaman.LURING, "ST/1", "sop")
    target = Target(f"t{number}", "act-1", number, person(number), ServiceCategory.UMUM)
    context.visits.take_over(activity, [target])
    session_id = context.recording.open(target.target_id).session_id
    context.recording.give_notice(session_id, "id")
    context.recording.confirm_biodata(session_id, person(number))
    return session_id


def lay_sites(folder: Path, center: Center, url: str, founded: Path) -> None:
    """Lay out every site from which an act starts; each knows the same data center."""
    with two_days_ago():
        field = Site(folder / "field")
        field.stick.mkdir(parents=True)
        shutil.copytree(founded, field.center)
        field.write_slip(provision.enrol_code(field.center, url, NEW_KIT, ADMIN.user_id, CLOCK))
        new_kit = Site(folder / "new kit")
        new_kit.stick.mkdir(parents=True)
        shutil.copytree(field.center, new_kit.center)
        shutil.copy(field.root / "slip.json", new_kit.root)

        made = provision.enrol_code(field.center, url, KIT, ADMIN.user_id, CLOCK)
        center.use(field.center)
        enrol_kit(field.home, Slip(made.url, made.code, made.ca_fingerprint), new(ADMIN), FAST)
        add_user(field.home, ADMIN.user_id, PASSPHRASE, new(PETUGAS), FAST)
        with opened(field.home) as context:
            record(context, person(1), 1)
            context.backups.make(str(field.stick), Told(), Told())
            record(context, person(2), 2)
            sessions = {"reviewed": planned(context, person(3), 3), "begun": begin(context, 4)}
        (field.root / "sessions.json").write_text(json.dumps(sessions))
        center.rest()

        acknowledged = field.copy(folder / "acknowledged")
        center.use(acknowledged.center)
        with opened(acknowledged.home) as context:
            context.delivery.send(Nobody(), Nobody())
            with acknowledged.gateway_context() as gateway_context:
                opener = opener_of(acknowledged.center, gateway_context, NikRule())
                assert opener is not None
                opener.run_pending()
            context.delivery.send(Nobody(), Nobody())
        center.rest()

        forgotten = field.copy(folder / "forgotten")
        forgotten.write_slip(provision.readmission_code(forgotten.center, url, KIT, ADMIN.user_id, CLOCK))
        revoked = field.copy(folder / "revoked")
        provision.revoke_kit(revoked.center, KIT, CLOCK)
        revoked.write_slip(provision.readmission_code(revoked.center, url, KIT, ADMIN.user_id, CLOCK))

        empty = field.copy(folder / "empty laptop")
        shutil.rmtree(empty.home.path)
        older = field.copy(folder / "older")
        key = KeySlotFile.open(older.home.slots).unlock(PETUGAS.user_id, PASSPHRASE, CLOCK.now()).db_key
        make_older(older.home.database, key, OLDER)
        cipher = DerivedCipher(key, "fieldkit session journal")
        journals = SessionJournals(older.home.sessions, cipher)
        for session_id in journals.names():
            older_journal(older.home.sessions / f"{session_id}.journal", cipher, journals.of(session_id))
