"""NIST's NFIQ 2 for captured prints, computed by `nbis-py` in processes of its own.

It is native code: a crash or an endless run of it costs a process and a score, never the recording. A print takes some
0.1 s of a processor, so the prints of a slap are shared out.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from queue import SimpleQueue
from threading import RLock, Timer

from fieldkit.domain.recording.samples import QualityScore
from fieldkit.quality.finger_blocks import Pixels
from fieldkit.quality.finger_measures import at_500_ppi

ALGORITHM, VERSION = "NFIQ2", "2.3"
_STALLED_S = 20.0  # what answers later hangs
_MOST_WORKERS = 4  # the fingers of a slap
# Reads height and width, then grey pixels at 500 ppi; answers with the score, or -1 for what is no print.
_WORKER = """
import struct, sys
import nbis
judge = nbis.new_nbis_extractor(nbis.NbisExtractorSettings(
    min_quality=0.0, get_center=False, check_fingerprint=False, compute_nfiq2=True, ppi=500.0))
read, write = sys.stdin.buffer, sys.stdout.buffer
while head := read.read(8):
    height, width = struct.unpack(">II", head)
    pixels = read.read(height * width)
    try:
        score = judge.extract_minutiae(b"P5 %d %d 255\\n" % (width, height) + pixels).quality().score
    except nbis.NbisError:
        score = -1
    write.write(struct.pack(">i", score))
    write.flush()
"""


class Nfiq2:
    """Scores prints with NIST's algorithm, by workers that run `command`; after `close` a print starts them anew."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-I", "-c", _WORKER), stalled_s: float = _STALLED_S):
        number = min(_MOST_WORKERS, os.cpu_count() or 1)
        self._workers = [_Worker(command, stalled_s) for _ in range(number)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(number, "nfiq2")

    def prepare(self) -> None:
        """Start the workers, which takes half a second: somebody is about to lay fingers on a reader."""
        for worker in self._workers:
            worker.start()

    def scores(self, prints: Sequence[tuple[Pixels, int]]) -> list[QualityScore | None]:
        """Return the score of each print (grey pixels and ppi), None where the algorithm gave none."""
        return [score.result() for score in [self.begin(*each) for each in prints]]

    def begin(self, pixels: Pixels, ppi: int) -> Future[QualityScore | None]:
        """Begin to score one print; the result is there when a worker has answered."""
        return self._threads.submit(self._score, pixels, ppi)

    def _score(self, pixels: Pixels, ppi: int) -> QualityScore | None:
        worker = self._idle.get()
        try:
            value = worker.score(at_500_ppi(pixels, ppi))
        except ValueError:  # no grey image
            return None
        finally:
            self._idle.put(worker)
        return None if value is None else QualityScore(value, ALGORITHM, VERSION)

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.end()


class _Worker:
    """One process; it is started when it is needed, and anew after it died."""

    def __init__(self, command: Sequence[str], stalled_s: float) -> None:
        self._command, self._stalled_s = list(command), stalled_s
        self._lock = RLock()  # one thread prepares it while another may score with it
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self.end()
                pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
                self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=quiet, bufsize=0)
            return self._process

    def score(self, print_: Pixels) -> int | None:
        """Return 0–100, None where there is none. `print_`: grey pixels (height, width) at 500 ppi."""
        try:
            process = self.start()
        except OSError:
            return None
        assert process.stdin is not None
        assert process.stdout is not None
        watch = Timer(self._stalled_s, process.kill)
        watch.start()
        try:
            process.stdin.write(struct.pack(">II", *print_.shape) + print_.tobytes())
            answer = process.stdout.read(4)
        except (OSError, ValueError):  # it died, or was replaced and its pipes are closed
            answer = b""
        finally:
            watch.cancel()
        if len(answer) != 4:
            self.end()
            return None
        (value,) = struct.unpack(">i", answer)
        return value if 0 <= value <= 100 else None

    def end(self) -> None:
        with self._lock:
            if self._process is None:
                return
            with suppress(OSError):
                self._process.kill()
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                with suppress(OSError):
                    pipe.close()
            self._process.wait()
            self._process = None


def installed_nfiq2() -> Nfiq2 | None:
    """Return NIST's algorithm, None where `nbis-py` is not installed."""
    return Nfiq2() if find_spec("nbis") is not None else None
