from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import fieldkit, refused
from support.homes import Nobody, Office, opened
from support.room import PETUGAS

from fieldkit import VERSION
from fieldkit.app.cli.speech import shell_word
from fieldkit.app.cli.updates import OURS
from fieldkit.domain.office_bundles import BundleKind

NAMES = {"deb": "fieldkit_{}_amd64.deb", "exe": "fieldkit-{}-setup.exe"}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    made = tmp_path / NAMES[OURS].format("99.0.0")
    made.write_bytes(b"!<arch>\n" * 1000)
    return made


@pytest.mark.days
def test_the_announced_version_is_told_and_only_its_package_passes(
    office: Office, tmp_path: Path, passphrase_file: Path, package: Path
) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    check = ("update", "check", package, "--user", PETUGAS.user_id, "--passphrase-file", passphrase_file)
    assert refused(*check, "--home", home.path) == (2, "update.none")
    publish = ("gateway", "publish", "--dir", office.folder, "program")
    assert refused(*publish, passphrase_file, "--all") == (2, "gateway.no_package")
    assert fieldkit(*publish, package, "--all").code == 0
    with opened(home) as context:
        report = context.delivery.send(Nobody(), Nobody())
        assert [(each.kind, each.code) for each in report.from_office] == [(BundleKind.PROGRAM, "")]
    with opened(home) as context:
        assert context.offered is not None
        assert (context.offered.version, context.offered.file) == ("99.0.0", package.name)
    said = fieldkit(*check, home=home.path)
    assert (said.code, "99.0.0" in said.out, str(package) in said.out) == (0, True, True)
    odd = package.rename(tmp_path / "it's; $(reboot).deb")
    said = fieldkit(*check[:2], odd, *check[3:], home=home.path)
    assert shell_word(odd) in said.out
    odd.rename(package)
    package.write_bytes(package.read_bytes()[:-1] + b"x")
    assert refused(*check, "--home", home.path) == (2, "update.wrong_package")
    package.unlink()
    assert refused(*check, "--home", home.path) == (2, "cli.unreadable")

    here = tmp_path / NAMES[OURS].format(VERSION)
    here.write_bytes(b"same")
    assert fieldkit(*publish, here, "--all").code == 0
    with opened(home) as context:
        context.delivery.send(Nobody(), Nobody())
    with opened(home) as context:  # what runs here already is not told
        assert context.offered is None
    assert VERSION in fieldkit("update", "check", here, *check[3:], home=home.path).out
