from __future__ import annotations

import os
import signal
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.clock import HandClock

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.storage.home_lock import HomeLock
from fieldkit.vault.certificates import valid_until
from fieldkit.vault.identity_file import close_by_passphrase
from sync.gateway.assembly import Asked, gateway_server, opener_of, serve
from sync.gateway.blobs import Blobs
from sync.gateway.context import GatewayContext
from sync.gateway.penunggalan import NikRule
from sync.gateway.places import Places
from sync.gateway.provision import renew_tls, serving
from sync.gateway.server import GatewayServer
from sync.kit.connection import Connection, pinned_context
from sync.protocol.messages import Health


def test_a_folder_becomes_a_listening_gateway(folder: Path, clock: HandClock, gateway_context: GatewayContext) -> None:
    server = gateway_server(folder, clock)
    server.start()
    connection = Connection(server.url, pinned_context(gateway_context.configuration.ca_certificate))
    assert connection.ask_message("GET", "/health", Health, headers={}).gateway == gateway_context.name
    connection.close()
    server.stop()


def test_without_the_identity_the_opener_runs_elsewhere(folder: Path, gateway_context: GatewayContext) -> None:
    assert opener_of(folder, gateway_context, NikRule()) is not None
    place = folder / "opener.identity"
    place.write_bytes(close_by_passphrase(place.read_bytes(), "x", log_n=4))
    with pytest.raises(InputError, match=r"vault\.identity_locked"):
        opener_of(folder, gateway_context, NikRule())
    place.unlink()
    assert opener_of(folder, gateway_context, NikRule()) is None


def test_an_empty_folder_is_no_gateway(tmp_path: Path, clock: HandClock) -> None:
    with pytest.raises(InputError):
        gateway_server(tmp_path / "nothing", clock)


def test_a_folder_is_served_by_one_program_at_a_time(folder: Path, clock: HandClock) -> None:
    lock = HomeLock(folder / "serving.lock")
    with pytest.raises(InputError) as refusal:
        serve(folder, "127.0.0.1", 0, clock, print)
    assert refusal.value.code == "gateway.served_already"
    lock.release()


def test_what_several_workers_and_an_opener_need_is_said_before_anything_starts(folder: Path, clock: HandClock) -> None:
    with pytest.raises(InputError) as refusal:
        serve(folder, "127.0.0.1", 0, clock, print, Asked(workers=2))
    assert refusal.value.code == "gateway.workers_need_postgresql"
    (folder / "opener.identity").unlink()
    with pytest.raises(InputError) as refusal:
        gateway_server(folder, clock, asked=Asked(opener="inside"))
    assert refusal.value.code == "gateway.no_identity"


def test_an_opener_runs_inside_where_the_rows_stand_in_a_file_or_it_is_asked(folder: Path) -> None:
    large = Places("postgresql+psycopg://gateway@db/gateway", "s3://records")
    opens = [serving(folder, said, opener=who).opens for said in (Places(), large) for who in ("", "none", "inside")]
    assert opens == [True, False, True, False, False, True]
    assert serving(folder, large, workers=3).workers == 3


def test_a_record_store_that_does_not_answer_is_said_before_it_listens(
    folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_self: Blobs, _key: str) -> int:
        raise OSError("GenericError")

    monkeypatch.setattr(Blobs, "size", silent)
    with pytest.raises(KnownError) as refusal:
        gateway_server(folder, clock)
    assert refusal.value.problem.code == "gateway.objects_unreachable"


@pytest.mark.days
def test_a_gateway_renews_its_tls_certificate_while_it_serves(
    folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bytes] = []
    run = GatewayServer.run

    def watched(server: GatewayServer, ready: Callable[[GatewayServer], None], is_over: Callable[[], bool]) -> bool:
        def listening(server: GatewayServer) -> None:
            ready(server)
            pem = ssl.get_server_certificate((server.host, server.port), timeout=120)
            shown.append(ssl.PEM_cert_to_DER_cert(pem))
            if len(shown) == 1:
                clock.advance(days=680)  # 730 − 680 days are left: less than sixty
            else:
                threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()

        return run(server, listening, is_over, every_s=0.02)

    monkeypatch.setattr(GatewayServer, "run", watched)
    urls: list[str] = []
    serve(folder, "127.0.0.1", 0, clock, urls.append)
    first, second = shown
    assert (valid_until(second) - valid_until(first)).days == 680
    assert len(urls) == 1


def test_a_disk_that_takes_nothing_leaves_the_certificate_as_it_is(
    folder: Path, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    before = (folder / "tls.pem").read_bytes()
    clock.advance(days=680)
    (folder / "tls.pem.new").mkdir()
    assert not renew_tls(folder, clock)
    assert (folder / "tls.pem").read_bytes() == before
    assert "could not be renewed" in caplog.text
    caplog.clear()
