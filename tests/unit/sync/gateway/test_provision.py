from __future__ import annotations

import errno
import json
import os
import stat
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from support.clock import HandClock

from fieldkit.domain.errors import InputError
from fieldkit.vault import certificates
from fieldkit.vault.age import Recipient, decrypt, encrypt, parse_identities
from fieldkit.vault.certificates import hosts_of, valid_until
from sync.gateway import provision
from sync.gateway.fence import put_up
from sync.gateway.provision import NOT_SAID, Places, demand_no_password, places_in


def test_secrets_are_for_the_owner_only(folder: Path) -> None:
    secret = {"ca.key.pem", "tls.key.pem", "receipt.key.pem", "opener.identity", "recovery.identity", "nik.key"}
    assert secret <= {path.name for path in folder.iterdir()}
    for name in secret:
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_each_identity_opens_what_is_sealed_for_the_recipients(folder: Path, clock: HandClock) -> None:
    gateway_context = provision.open_gateway(folder, clock)
    gateway_context.engine.dispose()
    sealed = encrypt(b"record", [Recipient.parse(text) for text in gateway_context.configuration.age_recipients])
    for name in ("opener.identity", "recovery.identity"):
        assert decrypt(sealed, parse_identities((folder / name).read_text())) == b"record"


def test_a_second_init_harms_nothing(folder: Path, clock: HandClock) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    with pytest.raises(InputError) as caught:
        provision.init(folder, {"dinas": "Lain"}, ["localhost"], clock)
    assert caught.value.code == "gateway.exists"
    assert before == {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_an_init_that_died_half_way_can_be_done_again(folder: Path, clock: HandClock) -> None:
    (folder / "gateway.json").unlink()
    made = provision.init(folder, {"dinas": "Dinas Uji"}, ["localhost"], clock)
    gateway_context = provision.open_gateway(folder, clock)
    gateway_context.engine.dispose()
    assert certificates.fingerprint(gateway_context.authority.certificate_der) == made.ca_fingerprint


@pytest.mark.parametrize(("dinas", "hosts"), [(None, 1), (" ", 1), ("D", 0)])
def test_an_incomplete_profile_is_refused(tmp_path: Path, clock: HandClock, dinas: str, hosts: int) -> None:
    with pytest.raises(InputError, match=r"gateway\.profile_incomplete"):
        provision.init(tmp_path / "g", {"dinas": dinas}, ["localhost"] * hosts, clock)


@pytest.mark.parametrize("dinas", ["D" * 201, *(f"D{hidden}D" for hidden in "\n\0\x1b\u202e")])
def test_the_name_of_a_dinas_is_one_line_of_letters(tmp_path: Path, clock: HandClock, dinas: str) -> None:
    with pytest.raises(InputError, match=r"gateway\.dinas_name"):
        provision.init(tmp_path / "g", {"dinas": dinas}, ["localhost"], clock)
    assert provision.init(tmp_path / "g", {"dinas": " D\u00e9 ".ljust(200)}, ["localhost"], clock)


def test_a_folder_without_or_with_a_damaged_gateway_says_so(folder: Path, tmp_path: Path, clock: HandClock) -> None:
    with pytest.raises(InputError) as nothing:
        provision.open_gateway(tmp_path, clock)
    assert nothing.value.code == "gateway.not_here"
    (folder / "gateway.json").write_text("{}")
    with pytest.raises(InputError) as damaged:
        provision.open_gateway(folder, clock)
    assert damaged.value.code == "gateway.folder_damaged"


def test_limits_may_stand_in_the_settings(folder: Path, clock: HandClock) -> None:
    settings = json.loads((folder / "gateway.json").read_text())
    assert "limits" not in settings  # what nobody changed follows the program
    for limits, expected in (({}, 30), ({"body_silence": 5}, 5), ({"body_silence": "PT90S"}, 90)):
        (folder / "gateway.json").write_text(json.dumps({**settings, "limits": limits}))
        gateway_context = provision.open_gateway(folder, clock)
        gateway_context.engine.dispose()
        assert gateway_context.limits.body_silence == timedelta(seconds=expected)
        assert gateway_context.limits.connections == 2048


def test_a_slip_has_what_a_kit_needs(folder: Path, clock: HandClock) -> None:
    slip = provision.enrol_code(folder, "https://pusat:8443", "kit-05", "admin", clock)
    assert slip.url == "https://pusat:8443"
    assert len(slip.code.replace("-", "")) == 20
    assert len(slip.ca_fingerprint.split(":")) == 32
    with pytest.raises(InputError):
        provision.enrol_code(folder, "https://pusat:8443", "kit/05", "admin", clock)


def test_a_kit_that_does_not_exist_cannot_be_revoked(folder: Path, clock: HandClock) -> None:
    with pytest.raises(InputError):
        provision.revoke_kit(folder, "kit-01", clock)


def test_sealed_files_are_found_by_their_digest_wherever_a_version_put_them(folder: Path) -> None:
    sealed = folder / "objects" / "sealed"
    for number, place in enumerate(("2026-08-03", "ab/00")):
        digest = f"ab{number:062d}"
        assert not provision.sealed_path(folder, digest).exists()
        (sealed / place).mkdir(parents=True)
        (sealed / place / digest).write_bytes(b"sealed")
        assert provision.sealed_path(folder, digest) == sealed / place / digest


def test_tls_files_are_where_the_server_looks(folder: Path) -> None:
    assert all(path.is_file() for path in provision.tls_files(folder))


@pytest.mark.parametrize(("penunggalan", "source"), [("none", "Dinas Uji"), ("trial", "uji coba")])
def test_penunggalan_is_tried_here_only_when_asked_for(
    tmp_path: Path, clock: HandClock, penunggalan: Literal["none", "trial"], source: str
) -> None:
    provision.init(tmp_path / "g", {"dinas": "Dinas Uji"}, ["localhost"], clock, penunggalan)
    assert provision.serving(tmp_path / "g").penunggalan.found_valid.source == source


def test_a_gateway_of_before_says_nothing_of_penunggalan(folder: Path) -> None:
    settings = json.loads((folder / "gateway.json").read_text())
    del settings["penunggalan"]
    (folder / "gateway.json").write_text(json.dumps(settings))
    assert provision.serving(folder).penunggalan.found_valid.source == "Dinas Uji"


LONGEST_NAME = ".".join(["a" * 63] * 3 + ["a" * 61])


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("pusat", True),
        ("Pusat-1.dinas.go.id.", True),
        ("10.0.0.1", True),
        ("::1", True),
        (LONGEST_NAME, True),
        (f"{LONGEST_NAME[:-1]}.a", False),
        ("a" * 64, False),
        ("-pusat", False),
        ("pusat-.id", False),
        ("pusat_1", False),
        ("a..b", False),
        ("", False),
    ],
)
def test_a_host_is_an_address_or_a_name(tmp_path: Path, clock: HandClock, name: str, is_one: bool) -> None:
    assert provision.is_host(name) is is_one
    if not is_one:
        with pytest.raises(InputError, match=r"gateway\.bad_host"):
            provision.init(tmp_path / "g", {"dinas": "D"}, ["localhost", name], clock)
        assert not (tmp_path / "g").exists()


@pytest.mark.parametrize("make", [provision.enrol_code, provision.readmission_code])
@pytest.mark.parametrize(
    ("url", "kit", "code"),
    [
        ("http://pusat", "kit-05", "gateway.bad_url"),
        ("https://admin:rahasia@pusat", "kit-05", "gateway.bad_url"),
        ("https://pusat/kit", "kit-05", "gateway.bad_url"),
        ("https://pusat:0", "kit-05", "gateway.bad_url"),
        ("https://pusat:99999", "kit-05", "gateway.bad_url"),
        ("https://", "kit-05", "gateway.bad_url"),
        ("https://-pusat", "kit-05", "gateway.bad_url"),
        ("https://pusat:8443", "kit/05", "gateway.kit_name"),
    ],
)
def test_a_slip_names_a_usable_address_and_kit(
    folder: Path, clock: HandClock, make: Callable[..., object], url: str, kit: str, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        make(folder, url, kit, "admin", clock)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("url", "names", "is_named"),
    [
        ("https://pusat:8443/", ["localhost", "pusat"], True),
        ("https://PUSAT.dinas", ["Pusat.Dinas."], True),
        ("https://pusat.dinas.", ["pusat.dinas"], True),
        ("https://[::1]:8443", ["::1"], True),
        ("https://10.0.0.1", ["pusat"], False),
        ("https://pusat", [], False),
    ],
)
def test_an_address_must_be_one_of_the_certificate(url: str, names: list[str], is_named: bool) -> None:
    with nullcontext() if is_named else pytest.raises(InputError, match=r"gateway\.url_not_certified"):
        provision.demand_named(url, names)


def test_the_certificate_of_the_folder_says_which_address_is_good(folder: Path, tmp_path: Path) -> None:
    provision.demand_certified(folder, "https://127.0.0.1:8443")
    for place, url, code in (
        (folder, "https://10.0.0.1:8443", "gateway.url_not_certified"),
        (tmp_path, "https://127.0.0.1:8443", "gateway.not_here"),
    ):
        with pytest.raises(InputError, match=code):
            provision.demand_certified(place, url)


POSTGRES = Places("postgresql+psycopg://gateway@db/gateway")


def set_up(folder: Path, **changed: object) -> None:
    settings = json.loads((folder / "gateway.json").read_text())
    (folder / "gateway.json").write_text(json.dumps({**settings, **changed}))


@pytest.mark.parametrize(
    ("settings", "said", "workers", "opener", "expected"),
    [
        ({}, NOT_SAID, 0, "", (1, True)),
        ({}, NOT_SAID, 1, "none", (1, False)),
        ({}, NOT_SAID, 2, "", "gateway.workers_need_postgresql"),
        ({"workers": 2}, NOT_SAID, 0, "", "gateway.workers_need_postgresql"),
        ({"workers": 2}, NOT_SAID, 1, "", (1, True)),
        ({"opener": "none"}, NOT_SAID, 0, "", (1, False)),
        ({"opener": "none"}, NOT_SAID, 0, "inside", (1, True)),
        ({}, POSTGRES, 1, "", (1, False)),
        ({"workers": 3}, POSTGRES, 0, "", (3, False)),
        ({"workers": 3}, POSTGRES, 2, "inside", (2, True)),
        ({"opener": "inside"}, POSTGRES, 0, "", (1, True)),
    ],
)
def test_what_is_said_about_workers_and_opener_counts_before_the_settings(
    folder: Path,
    settings: dict[str, object],
    said: Places,
    workers: int,
    opener: str,
    expected: tuple[int, bool] | str,
) -> None:
    written = json.loads((folder / "gateway.json").read_text())
    assert not {"limits", "workers", "opener"} & set(written)  # what nobody changed follows the program
    set_up(folder, **settings)
    if isinstance(expected, str):
        with pytest.raises(InputError, match=expected):
            provision.serving(folder, said, workers, opener)
        return
    served = provision.serving(folder, said, workers, opener)
    assert (served.workers, served.opens) == expected


@pytest.mark.parametrize("workers", [1, 2])
def test_windows_serves_with_one_worker(folder: Path, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        refused = pytest.raises(InputError, match=r"gateway\.workers_need_linux") if workers > 1 else nullcontext()
        with refused:
            provision.serving(folder, POSTGRES, workers)


@pytest.mark.parametrize(
    ("files", "is_open"),
    [
        ({}, True),
        ({"gateway.sqlite3": b""}, True),
        ({"objects/x": b""}, False),
        ({"objects/x": b"", "gateway.sqlite3": b""}, False),
        ({"objects/x": b"", "gateway.sqlite3": b"", "gateway.sqlite3-wal": b""}, False),
        ({"objects/x": b"", "gateway.sqlite3-wal": b"rows"}, True),
    ],
)
def test_nothing_begins_anew_where_rows_were(
    folder: Path, clock: HandClock, files: dict[str, bytes], is_open: bool
) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    with nullcontext() if is_open else pytest.raises(InputError, match=r"gateway\.database_damaged"):
        provision.open_gateway(folder, clock).engine.dispose()


def test_rows_and_objects_may_be_elsewhere(folder: Path, tmp_path: Path, clock: HandClock) -> None:
    (folder / "objects").mkdir()
    elsewhere = Places(f"sqlite:///{tmp_path / 'rows.sqlite3'}", f"file://{tmp_path / 'bytes'}")
    (tmp_path / "bytes").mkdir()
    opened = provision.open_gateway(folder, clock, elsewhere)
    opened.engine.dispose()
    opened.blobs.put("sealed/x", b"x")
    assert (tmp_path / "bytes" / "sealed" / "x").read_bytes() == b"x"
    assert (tmp_path / "rows.sqlite3").stat().st_size
    assert not (folder / "gateway.sqlite3").exists()


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("ca.pem", None, "gateway.key_damaged"),
        ("ca.key.pem", None, "gateway.key_damaged"),
        ("receipt.key.pem", None, "gateway.key_damaged"),
        ("nik.key", None, "gateway.key_damaged"),
        ("ca.key.pem", "nonsense", "gateway.key_damaged"),
        ("ca.pem", "nonsense", "gateway.key_damaged"),
        ("ca.pem", "of tls", "gateway.key_damaged"),
        ("nik.key", "nonsense", "gateway.folder_damaged"),
        ("gateway.json", "nonsense", "gateway.folder_damaged"),
    ],
)
def test_a_key_that_is_gone_or_damaged_is_named(
    folder: Path, clock: HandClock, file: str, content: str | None, code: str
) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text((folder / "tls.pem").read_text() if content == "of tls" else content)
    with pytest.raises(InputError) as caught:
        provision.open_gateway(folder, clock)
    assert caught.value.code == code
    if code == "gateway.key_damaged":
        assert caught.value.problem.params["file"] == str(folder / file)


def test_a_moved_gateway_and_whoever_makes_a_slip_leave_no_file_open(folder: Path, clock: HandClock) -> None:
    def left_open() -> list[Path]:
        held = (handle.readlink() for handle in Path("/proc/self/fd").iterdir() if handle.is_symlink())
        return [file for file in held if file.is_relative_to(folder)]

    provision.enrol_code(folder, "https://pusat", "kit-01", "admin", clock)
    assert left_open() == []
    with pytest.raises(InputError, match=r"gateway\.kit_unknown"):
        provision.revoke_kit(folder, "kit-99", clock)
    assert left_open() == []
    opened = provision.open_gateway(folder, clock)
    put_up(opened.engine, "/srv/new", clock.now())
    opened.engine.dispose()
    with pytest.raises(InputError, match=r"gateway\.moved"):
        provision.open_gateway(folder, clock)
    assert left_open() == []


def test_each_secret_is_on_the_disk_before_the_settings_say_that_all_is_there(
    tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, int]] = []

    def note(handle: int) -> None:
        synced.append((Path(f"/proc/self/fd/{handle}").readlink().name, os.fstat(handle).st_size))

    (tmp_path / "g").mkdir()  # its name is on the disk
    monkeypatch.setattr(os, "fsync", note)
    provision.init(tmp_path / "g", {"dinas": "D"}, ["localhost"], clock)
    secrets = ["ca.key.pem", "tls.key.pem", "receipt.key.pem", "nik.key", "opener.identity", "recovery.identity"]
    assert [name for name, size in synced if size] == [*secrets, "gateway.json"]


@pytest.mark.parametrize(("left", "is_renewed"), [(timedelta(days=61), False), (timedelta(days=60), True)])
def test_the_certificate_of_the_server_is_renewed_in_its_last_two_months(
    folder: Path, clock: HandClock, left: timedelta, is_renewed: bool
) -> None:
    before = provision.read_key(folder, provision.TLS)
    clock.at = valid_until(before.certificate_der) - left
    assert provision.renew_tls(folder, clock) is is_renewed
    after = provision.read_key(folder, provision.TLS)
    assert (after.certificate_der != before.certificate_der) is is_renewed
    assert after.private_der == before.private_der
    assert hosts_of(after.certificate_der) == hosts_of(before.certificate_der)
    assert (valid_until(after.certificate_der) - clock.now() > timedelta(days=61)) is is_renewed
    assert not (folder / "tls.pem.new").exists()


@pytest.mark.parametrize("call", ["_write_secret", "sync_folder"])
def test_a_disk_that_takes_no_certificate_is_logged_and_the_gateway_goes_on(
    folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    clock.at = valid_until(provision.read_key(folder, provision.TLS).certificate_der)
    monkeypatch.setattr(provision, call, full)
    assert provision.renew_tls(folder, clock) is False
    assert "could not be renewed" in caplog.text


@pytest.mark.parametrize(
    ("gone", "code"),
    [
        (["tls.pem"], "gateway.key_damaged"),
        (["ca.key.pem"], "gateway.key_damaged"),
        (["tls.pem", "gateway.json"], "gateway.not_here"),
    ],
)
def test_what_is_missing_for_a_renewal_is_named(folder: Path, clock: HandClock, gone: list[str], code: str) -> None:
    for name in gone:
        (folder / name).unlink()
    with pytest.raises(InputError, match=code):
        provision.renew_tls(folder, clock)


SECRET = "postgresql+psycopg://gateway:rahasia@db/gateway"


def test_what_is_said_counts_before_the_environment_and_that_before_the_settings() -> None:
    settings = Places("sqlite:///a", "s3://settings")
    found = Places("", "s3://said").or_else(places_in({"FIELDKIT_DATABASE_URL": SECRET})).or_else(settings)
    assert found == Places(SECRET, "s3://said")
    assert not found.is_sqlite
    assert Places().or_else(settings).is_sqlite
    assert Places().is_sqlite
    assert places_in(found.environment()) == found


def test_the_address_of_the_database_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"{SECRET}\n")
    assert places_in({"FIELDKIT_DATABASE_URL_FILE": str(tmp_path / "url")}).database == SECRET
    with pytest.raises(InputError) as caught:
        places_in({"FIELDKIT_DATABASE_URL_FILE": str(tmp_path / "none")})
    assert caught.value.code == "gateway.database_file"


def test_a_password_has_no_place_in_a_command() -> None:
    demand_no_password("postgresql+psycopg://gateway@db/gateway")
    for url, code in ((SECRET, "gateway.password_in_command"), ("nonsense", "gateway.database_address")):
        with pytest.raises(InputError) as caught:
            demand_no_password(url)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, Places()),
        ({"FIELDKIT_DATABASE_URL": "sqlite:///a", "FIELDKIT_DATABASE_URL_FILE": "/none"}, Places("sqlite:///a")),
        ({"FIELDKIT_OBJECTS": "s3://x"}, Places("", "s3://x")),
    ],
)
def test_the_environment_says_what_is_said_there(said: dict[str, str], found: Places) -> None:
    assert places_in(said) == found
    assert found.environment() == {name: value for name, value in said.items() if not name.endswith("FILE")}


def test_only_a_file_or_nothing_is_sqlite() -> None:
    assert [Places(url).is_sqlite for url in ("", "sqlite:///a", "postgresql+psycopg://db/g")] == [True, True, False]
