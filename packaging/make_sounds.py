"""Makes the small sound files in assets/sounds: tones by calculation, sentences for the resident by espeak-ng.

Usage: `python packaging/make_sounds.py [folder]`. Without espeak-ng (a Debian package) only the tones are made.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterable, Sequence
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "assets/sounds"
RATE = 11_025  # samples a second, eight bits each: enough for a bell and for a plain voice
TONES: dict[str, tuple[tuple[float, float], ...]] = {  # Hz and seconds, one after the other
    "captured": ((880.0, 0.09), (1174.7, 0.16)),
    "repeat": ((415.3, 0.14), (0.0, 0.05), (329.6, 0.22)),
    "done": ((659.3, 0.11), (830.6, 0.11), (987.8, 0.26)),
}
SENTENCES = {
    "photo": "Silakan lihat lurus ke kamera.",
    "signature": "Silakan tanda tangan di alat.",
    "right_four": "Letakkan empat jari tangan kanan di kaca, lalu tahan.",
    "left_four": "Sekarang empat jari tangan kiri, lalu tahan.",
    "thumbs": "Sekarang kedua ibu jari, lalu tahan.",
    "iris": "Buka mata lebar-lebar dan lihat ke depan.",
    "confirmation": "Silakan tanda tangan sekali lagi.",
    "index_verification": "Telunjuk kanan, lalu telunjuk kiri.",
    "again": "Belum cukup jelas. Kita ulangi sekali lagi, ya.",
    "done": "Sudah selesai. Terima kasih.",
}
_LOUD, _SOFTEN_S = 90, 0.012


def tone(parts: Iterable[tuple[float, float]]) -> bytes:
    """Return unsigned eight-bit samples of tones with soft beginnings and ends, so that nothing clicks."""
    sound = bytearray()
    for hertz, seconds in parts:
        count = round(seconds * RATE)
        for at in range(count):
            soft = min(1.0, at / (_SOFTEN_S * RATE), (count - at) / (_SOFTEN_S * RATE)) * math.exp(-2.5 * at / count)
            sound.append(128 + round(_LOUD * soft * math.sin(2 * math.pi * hertz * at / RATE)))
    return bytes(sound)


def speak(sentence: str) -> bytes:
    """Return the samples of an Indonesian sentence, at our rate."""
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        subprocess.run(["espeak-ng", "-v", "id", "-s", "135", "-w", spoken, sentence], check=True)
        with wave.open(str(spoken), "rb") as file:
            rate, frames = file.getframerate(), file.readframes(file.getnframes())
    levels = [int.from_bytes(frames[at : at + 2], "little", signed=True) for at in range(0, len(frames), 2)]
    return eight_bits(levels, rate)


def eight_bits(levels: Sequence[int], rate: int) -> bytes:
    """Return sixteen-bit levels as unsigned eight-bit samples at our rate, each the mean of what it stands for."""
    step = rate / RATE
    means = []
    for at in range(int(len(levels) / step)):
        part = levels[int(at * step) : max(int(at * step) + 1, int((at + 1) * step))]
        means.append(sum(part) / len(part))
    peak = max(1.0, *(abs(mean) for mean in means)) if means else 1.0
    return bytes(128 + round(120 * mean / peak) for mean in means)


def write(path: Path, samples: bytes) -> None:
    """Write a mono WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(samples)


def main(folder: Path = FOLDER) -> None:
    """Make all files."""
    for name, parts in TONES.items():
        write(folder / f"{name}.wav", tone(parts))
    if shutil.which("espeak-ng"):
        for name, sentence in SENTENCES.items():
            write(folder / f"say_{name}.wav", speak(sentence))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
