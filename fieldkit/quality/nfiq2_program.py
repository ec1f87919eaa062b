"""NIST's own `nfiq2` program, used when it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from fieldkit.domain.recording.samples import QualityScore
from fieldkit.quality.finger_blocks import Pixels

ALGORITHM = "NFIQ2"
_SCORE = re.compile(r"^\s*(\d{1,3})\s*$", re.MULTILINE)
_STALLED_S = 30.0  # it needs 0.1 s for a print

WritePicture = Callable[[Pixels, int], bytes]


def find_program() -> str | None:
    """Return where `nfiq2` is installed."""
    return shutil.which("nfiq2")


def installed_score(write_png: WritePicture) -> Callable[[Pixels, int], QualityScore | None] | None:
    """Return NIST's program as a judge of (pixels, ppi), None where it is not installed."""
    program = find_program()
    return (lambda pixels, ppi: score_by_program(program, pixels, ppi, write_png)) if program else None


def score_by_program(program: str, pixels: Pixels, ppi: int, write_png: WritePicture) -> QualityScore | None:
    """Return the score that NIST's program gives a print, or None when it gives none."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "print.png"
        file.write_bytes(write_png(pixels, ppi))
        try:
            # -F answers its questions about the resolution.
            said = subprocess.run(
                [program, "-F", "-i", str(file)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=_STALLED_S,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    found = _SCORE.findall(said.stdout)
    if said.returncode or not found or int(found[-1]) > 100:  # 255 says that it failed
        return None
    return QualityScore(int(found[-1]), ALGORITHM)
