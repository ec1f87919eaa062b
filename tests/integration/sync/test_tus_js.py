"""Another hand's tus: tus-js-client uploads to our server, our kit uploads to @tus/server. Both from npm, on node."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.gateway import Kit, World
from support.npm import INTEROP, npm_modules
from support.outbox import SmallOutbox
from support.standstill import run_to_its_end

from sync.kit.connection import Connection
from sync.kit.parts import Tally
from sync.kit.transport import DataCenterLink
from sync.kit.upload import Upload
from sync.protocol.messages import Announcement

TUS = INTEROP / "tus"
Order = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def modules() -> Path:
    """Return a folder with the npm packages and our scripts; TUS_NPM_DIR names one where they are installed already."""
    folder = npm_modules("tus-js-client", TUS, "TUS_NPM_DIR")
    for name in ("client.mjs", "server.mjs"):
        shutil.copyfile(TUS / name, folder / name)
    return folder


@pytest.fixture
def sealed(kit: Kit, world: World, tmp_path: Path) -> Iterator[tuple[str, Path, DataCenterLink]]:
    """An announced record, its file, and a link of its kit."""
    record_id, manifest, content, _ = kit.record(size=500_000)
    link = kit.link(world.url)
    (word,) = link.announce(Announcement(manifests=(manifest,))).manifests
    assert word.code == ""
    (tmp_path / "sealed").write_bytes(content)
    yield record_id, tmp_path / "sealed", link
    link.close()


@pytest.fixture
def client(modules: Path, world: World, sealed: tuple[str, Path, DataCenterLink]) -> Order:
    record_id, file, link = sealed

    def run(**order: object) -> dict[str, Any]:
        said = {"endpoint": f"{world.url}/tus", "token": link._token, "recordId": record_id, "file": str(file)}
        environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(world.folder / "ca.pem")}
        command = ["node", str(modules / "client.mjs"), json.dumps({**said, **order})]
        done = run_to_its_end(command, env=environment, text=True)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return run


@pytest.mark.days
def test_tus_js_client_uploads_and_goes_on_after_a_cut(
    client: Order, world: World, sealed: tuple[str, Path, DataCenterLink]
) -> None:
    record_id, _, link = sealed
    cut = client(chunkSize=100_000, cutAfter=200_000)
    assert (cut["url"], cut["sent"]) == (f"{world.url}/tus/{record_id}", 200_000)
    assert 200_000 <= link.offset(record_id) < 500_000
    assert client(uploadUrl=cut["url"])["status"] == 204
    assert link.receipt(record_id).count(".") == 2


@pytest.mark.days
def test_tus_js_client_meets_each_refusal_as_the_protocol_says(
    client: Order, sealed: tuple[str, Path, DataCenterLink]
) -> None:
    record_id, _, link = sealed
    wrong = "sha256 " + "A" * 43 + "="
    assert client(patch={"Upload-Offset": "7"})["status"] == 409
    assert client(patch={"Upload-Checksum": wrong})["status"] == 460
    assert client(every={"Tus-Resumable": "0.2.2"})["status"] == 412
    assert client(uploadSize=65 * 1024 * 1024)["status"] == 413
    assert link.offset(record_id) == 0
    assert client()["status"] == 204


@pytest.mark.days
def test_our_kit_uploads_to_a_server_of_another_hand(modules: Path, kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    command = ["node", str(modules / "server.mjs"), str(tmp_path / "server")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            url = f"http://127.0.0.1:{int(server.stdout.readline())}"
            outbox, tally = SmallOutbox(tmp_path / "kit"), Tally(kit.clock.now())
            record_id, manifest, content, sha256 = kit.record(size=300_000)
            outbox.add(record_id, manifest, content, sha256)
            (record,) = outbox.pending(kit.clock.now())
            link = DataCenterLink(Connection(url, ssl.create_default_context()), kit.name, kit.signer, kit.clock)
            link._token, link._token_until = "for nobody", float("inf")  # that server asks for none
            Upload(outbox, link, tally, 70_000).send(record, lambda _: None)
            assert (tally.sent_bytes, link.offset(record_id)) == (300_000, 300_000)
            link.close()
        finally:
            server.stdin.close()
    (stored,) = (path for path in (tmp_path / "server").iterdir() if path.suffix != ".json")
    assert stored.read_bytes() == content
