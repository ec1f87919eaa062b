from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from fieldkit.app.bootstrap import slip
from fieldkit.app.bootstrap.slip import lines_of, read_slip
from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Slip

SLIP = ("https://pusat.test", "ABCD-EFGH", "12:34")


@pytest.mark.parametrize(
    "text",
    [
        "https://pusat.test\nABCD-EFGH\n12:34\n",
        "Alamat: https://pusat.test\n\nKode sekali pakai: ABCD-EFGH\nSidik jari CA: 12:34\n",
        '{"url": "https://pusat.test", "code": "ABCD-EFGH", "ca_fingerprint": "12:34"}',
    ],
)
def test_a_slip_is_read_as_it_was_kept(tmp_path: Path, text: str) -> None:
    (tmp_path / "slip").write_text(text)
    assert read_slip(tmp_path / "slip") == SLIP


@pytest.mark.parametrize(
    "text", ["", "one line", "{}", "{", "a\nb\nc\nd", pytest.param('{"url": ' + "[" * 60_000, id="deep")]
)
def test_what_is_no_slip_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "slip").write_text(text)
    with pytest.raises(InputError, match=r"cli\.slip_form"):
        read_slip(tmp_path / "slip")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "no text").write_bytes(b"\xff\xfe\x00")
    for file in (tmp_path / "gone", tmp_path / "no text"):
        with pytest.raises(InputError) as caught:
            lines_of(file)
        assert (caught.value.code, caught.value.problem.params["file"]) == ("cli.unreadable", str(file))


def test_the_one_line_of_a_qr_code_is_a_slip_too(tmp_path: Path) -> None:
    whole = Slip("https://pusat.test", "ABCD-EFGH-IJKL-MNOP-QRST", ":".join(["0A"] * 32), "K01", "ani")
    (tmp_path / "slip").write_text(whole.line)
    assert read_slip(tmp_path / "slip") == (whole.url, whole.code, whole.ca_fingerprint)


def test_a_device_that_never_ends_is_no_file_of_lines() -> None:
    with pytest.raises(InputError, match=r"cli\.unreadable.*no_file"):
        lines_of(Path("/dev/zero"))


def test_a_pipe_is_read_to_its_end_and_one_that_nobody_fills_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(slip, "_NOBODY_S", 0.0)
    with pytest.raises(InputError, match=r"cli\.unreadable.*silent"):
        lines_of(pipe)
    monkeypatch.undo()
    writer = threading.Thread(target=pipe.write_text, args=("sawah hijau\nkedua\n",))
    writer.start()
    assert lines_of(pipe) == ["sawah hijau", "kedua"]
    writer.join()
