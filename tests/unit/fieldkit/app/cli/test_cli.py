from __future__ import annotations

import errno
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import fieldkit, refused

from fieldkit.app import cli
from fieldkit.app.cli import absent, main


@pytest.mark.parametrize(
    "words",
    [
        ["no-such-command"],
        ["queue", "--no-such-option"],
        ["capture", "fingers"],
        ["capture", "toes", "--out", "x"],
        ["capture", "fingers", "--out", "x", "--position", "LEFT_TOE"],
        ["capture", "fingers", "--out", "x", "--timeout", "soon"],
        ["demo"],
        ["demo", "--out", "x", "--people", "0"],
        ["user", "add", "budi"],
        ["user", "add", "budi", "--name", "B", "--role", "king", "--admin", "a", "--new-passphrase-file", "x"],
        ["gateway", "no-such-command"],
        ["gateway", "retention", "--dir", "x", "--days", str(2**63)],
        ["gateway", "retention", "--dir", "x", "--days", "1", "--invalid-days", str(2**63)],
        ["gateway", "records", "log", "--dir", "x", "--before", str(2**63)],
        ["gateway", "explain-gap", "--dir", "x", "--kit", "K", "--chain", "c", "--why", "w", "--first", str(2**63)],
        ["record", "open"],
        ["record", "verify", "file"],
        ["audit", "verify", "surplus"],
    ],
)
def test_wrong_use_is_one_clear_sentence(words: list[str]) -> None:
    assert refused(*words) == (2, "cli.usage")


def test_it_tells_its_version() -> None:
    said = fieldkit("--version")
    assert (said.code, said.err) == (0, "")
    assert re.fullmatch(r"fieldkit \d+\.\d+\.\d+\n", said.out)


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("drivers.simulators", "cli.no_demo"),
        ("fieldkit.app.demo.day", "cli.no_demo"),
        ("ui", "cli.other_package"),
        ("fastapi", "cli.part_missing"),
        ("ui.nothing_of_that_name", None),  # a mistake of ours, which shows itself
    ],
)
def test_what_an_installation_does_without_is_one_sentence(module: str, code: str | None) -> None:
    problem = absent(module)
    assert (problem.code if problem else None) == code


@pytest.mark.parametrize("words", [[], ["gateway"], ["record"], ["audit"], ["user"]])
def test_a_bare_command_shows_what_there_is(words: list[str]) -> None:
    said = fieldkit(*words)
    assert (said.code, said.err) == (2, "")
    assert "--help" in said.out


@pytest.mark.parametrize(
    "command",
    [
        "run", "demo", "doctor", "enrol", "devices", "capture", "sync", "queue", "user add",
        "gateway init", "gateway serve", "gateway enrol-code", "record open", "record verify", "audit verify",
    ],
)  # fmt: skip
def test_every_command_tells_its_options(command: str) -> None:
    said = fieldkit(*command.split(), "--help")
    assert (said.code, said.err) == (0, "")
    assert "--help" in said.out


def test_a_folder_that_the_system_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert refused("gateway", "init", "--dir", tmp_path / "file" / "in", "--dinas", "Uji") == (3, "cli.system")


@pytest.mark.days
def test_a_reader_that_goes_away_is_no_crash() -> None:
    command = f"{sys.executable} -m fieldkit --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.days
def test_output_that_nobody_reads_ends_as_what_cannot_be_written() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "fieldkit", "--help"], stdout=pipe, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (3, b"")


class Full(io.StringIO):
    """A stream on a full disk: nothing can be written, /dev/full to a file."""

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "full")


@pytest.mark.days
def test_output_that_cannot_be_written_is_one_sentence_and_not_taken_for_a_full_store() -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "fieldkit", "--version"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.endswith("[cli.no_output]\n")
    assert done.stderr.count("\n") == 1


def test_a_sentence_that_nobody_can_be_told_leaves_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["fieldkit", "queue", "--home", "/nowhere"])
    monkeypatch.setattr(sys, "stderr", Full())
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2


@pytest.mark.parametrize(("argument", "code"), [("\udcff", 2), ("K31", None)])
def test_what_was_typed_and_is_no_text_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], argument: str, code: int | None
) -> None:
    monkeypatch.setattr(sys, "argv", ["fieldkit", "gateway", "revoke-user", argument])
    monkeypatch.setattr(cli, "_run", lambda _words: len("\udcff".encode()))
    with pytest.raises(SystemExit if code else UnicodeEncodeError) as end:
        main()
    assert getattr(end.value, "code", None) == code
    assert capsys.readouterr().err.endswith("[cli.no_text]\n" if code else "")


def test_a_folder_whose_name_is_no_text_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), "utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "argv", ["fieldkit", "--version"])
    monkeypatch.setattr(cli, "_run", lambda _words: out.write("stik-\udcff"))
    with pytest.raises(SystemExit):
        main()
    assert out.buffer.getvalue() == b"stik-\\udcff"


@pytest.mark.parametrize(("is_terminal", "written"), [(False, "✓ ≥".encode()), (True, b"\\u2713 \xf2")])
def test_what_others_read_is_utf_8_and_a_terminal_gets_what_it_shows(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, written: bytes
) -> None:
    out, err = (io.TextIOWrapper(io.BytesIO(), "cp437" if is_terminal else "cp1252") for _ in range(2))
    for name, stream in (("stdout", out), ("stderr", err)):
        monkeypatch.setattr(stream.buffer, "isatty", lambda: is_terminal, raising=False)
        monkeypatch.setattr(sys, name, stream)
    monkeypatch.setattr(sys, "argv", ["fieldkit", "--version"])
    monkeypatch.setattr(cli, "_run", lambda _words: out.write("✓ ≥") and err.write("✓ ≥"))
    with pytest.raises(SystemExit):
        main()
    err.flush()
    assert [out.buffer.getvalue(), err.buffer.getvalue()] == [written] * 2


def test_a_process_without_streams_works(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    monkeypatch.setattr(sys, "argv", ["fieldkit", "--version"])
    with pytest.raises(SystemExit) as end:
        main()
    sys.stdout.close()
    sys.stderr.close()
    assert end.value.code == 0


@pytest.mark.parametrize(("told", "taken"), [("", "1"), ("4", "4")])
def test_small_matrices_are_computed_by_one_thread_unless_told(
    told: str, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", told)
    if not told:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    monkeypatch.setattr(sys, "argv", ["fieldkit", "--version"])
    with pytest.raises(SystemExit):
        main()
    assert os.environ["OPENBLAS_NUM_THREADS"] == taken


@pytest.mark.days
def test_without_the_data_centers_parts_its_commands_refuse_in_a_sentence(tmp_path: Path) -> None:
    program = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"fastapi", "granian", "obstore", "starlette"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from fieldkit.app.cli import main
main()
"""
    command = [sys.executable, "-c", program, "gateway", "init", "--dir", str(tmp_path / "g"), "--dinas", "Uji"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.endswith("[cli.part_missing]\n")
    assert done.stderr.count("\n") == 1
