"""What this process holds in its memory (Linux)."""

from __future__ import annotations


def places_of(key: bytes) -> int:
    """Return how often the key stands somewhere as hex text; what looks for it is not counted."""
    wanted = bytes(byte ^ 0xFF for byte in key[:16].hex().encode())
    found = 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:  # noqa: PTH123
        areas = [line.split() for line in maps]
        for area in areas:
            begin, _, end = area[0].partition("-")
            if "r" in area[1] and area[-1] not in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                try:
                    memory.seek(int(begin, 16))
                    content = memory.read(int(end, 16) - int(begin, 16))
                except (OSError, ValueError, OverflowError):
                    continue  # an area that is there and cannot be read
                found += content.translate(_INVERTED).count(wanted)
    return found


_INVERTED = bytes(byte ^ 0xFF for byte in range(256))
