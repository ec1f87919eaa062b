from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from support.commands import fieldkit, refused
from support.homes import CLOCK, open_office, opened, record
from support.room import PETUGAS

from fieldkit.vault import certificates
from sync.gateway import provision


@dataclass(frozen=True)
class Sealed:
    """A sealed record and what opens it."""

    record_id: str
    file: Path
    identity: Path

    def words(self, form: str, out: Path) -> tuple[object, ...]:
        return ("record", "export", self.file, "--identity", self.identity, "--format", form, "--out", out)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    base = tmp_path_factory.mktemp("sealed")
    with open_office(base / "gateway") as office:
        home = office.kit(base / "kit", PETUGAS)
        with opened(home) as context:
            record_id = record(context).record.record_id
        gateway_context = provision.open_gateway(office.folder, CLOCK)
        gateway_context.engine.dispose()
        (base / "ca.pem").write_text(certificates.certificates_to_pem(gateway_context.authority.certificate_der))
    return Sealed(record_id, home.sealed / f"{record_id}.age", office.folder / provision.OPENER_IDENTITY)


@pytest.mark.parametrize(("form", "count"), [("osia", 1), ("an2", 1), ("iso", 23), ("cbeff", 1)])
def test_a_record_is_written_as_others_read_it(sealed: Sealed, tmp_path: Path, form: str, count: int) -> None:
    said = fieldkit(*sealed.words(form, tmp_path / form), "--json")
    assert (said.code, said.err) == (0, "")
    files = [Path(name) for name in said.json["files"]]
    assert (said.json["record_id"], len(files)) == (sealed.record_id, count)
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert refused(*sealed.words(form, tmp_path / form)) == (2, "cli.exists")
    assert fieldkit(*sealed.words(form, tmp_path / form), "--overwrite", lang="en").out.count(str(count)) >= 1


def test_a_sample_says_what_it_is(sealed: Sealed, tmp_path: Path) -> None:
    fieldkit(*sealed.words("iso", tmp_path))
    said = fieldkit("sample", "inspect", tmp_path / "RIGHT_INDEX.fir", "--json")
    assert (said.code, said.json["position"], said.json["fault"]) == (0, "RIGHT_INDEX", "")
    told = fieldkit("sample", "inspect", tmp_path / "RIGHT_INDEX.fmr", lang="en")
    assert (told.code, "ISO/IEC 19794-2" in told.out, "intact" in told.out) == (0, True, True)


def test_a_damaged_sample_is_shown_and_refused(sealed: Sealed, tmp_path: Path) -> None:
    fieldkit(*sealed.words("iso", tmp_path))
    cut = tmp_path / "cut.fir"
    cut.write_bytes((tmp_path / "RIGHT_INDEX.fir").read_bytes()[:-9])
    said = fieldkit("sample", "inspect", cut, "--json")
    assert (said.code, said.problem, said.json["fault"]) == (2, "sample.faulty", "format.length")
    assert refused("sample", "inspect", sealed.identity) == (2, "sample.unknown")
    assert refused("sample", "inspect", tmp_path / "nothing") == (2, "cli.unreadable")
