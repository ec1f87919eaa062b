"""A true line to a network namespace: kernels speak TCP at both ends, packets go through with rate, delay and loss.

The far end is a namespace behind a TUN device, this end another TUN device; a process of its own passes packets on.
A direction has a bottleneck of so many bits a second behind a queue that drops what does not fit, then the delay. Cuts
reset each connection with so many bytes upwards since the last one; what stands in the queue then is gone with it.

`python -m support.far_line NEAR FAR RATE DELAY_S LOSS CUT_EVERY` is that process: it makes the devices, says so in a
line, and ends with its standard input, telling in JSON what it carried. Skipped where the system does not let us.
"""

from __future__ import annotations

import fcntl
import heapq
import json
import math
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import pytest

NEAR, FAR = "10.213.7.1", "10.213.7.2"
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_SMALLEST_QUEUE = 96 * 1024
_MOST_PACKET = 2048
_RST_ACK = 0x14
_TESTS = Path(__file__).parents[1]


class FarLine:
    """`with` begins and ends it; a program started with `there` in front of its command runs at the far end."""

    def __init__(self, bits_per_s: float, round_trip_s: float, loss: float = 0.0, cut_every: int = 0) -> None:
        self._said = [str(bits_per_s / 8), str(round_trip_s / 2), str(loss), str(cut_every)]
        self._name = f"fieldkit-{os.getpid()}"
        self.there = ["ip", "netns", "exec", self._name]
        self.carried: dict[str, int] = {}

    def __enter__(self) -> FarLine:
        near, far = f"fka{os.getpid()}", f"fkb{os.getpid()}"
        path = os.pathsep.join([str(_TESTS), str(_TESTS.parent)])
        command = [sys.executable, "-m", "support.far_line", near, far, *self._said]
        self._relay = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
        )
        assert self._relay.stdout is not None
        assert self._relay.stdout.readline(), "the line did not begin"
        _ip("netns", "add", self._name)
        _ip("link", "set", far, "netns", self._name)
        _ip("address", "add", f"{NEAR}/30", "dev", near)
        _ip("link", "set", near, "up")
        for said in (f"address add {FAR}/30 dev {far}", f"link set {far} up", "link set lo up"):
            _ip("-n", self._name, *said.split())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        told, _ = self._relay.communicate()
        subprocess.run(["ip", "netns", "delete", self._name], check=False)
        if kind is None:
            self.carried = json.loads(told)


def skip_without_far_lines() -> None:
    """Skip the test, with the reason, where no such line can be laid."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("network namespaces need Linux and root")
    if shutil.which("ip") is None or not Path("/dev/net/tun").exists():
        pytest.skip("no program ip, or no /dev/net/tun")
    tried = subprocess.run(["ip", "netns", "add", "fieldkit-try"], capture_output=True, text=True, check=False)
    subprocess.run(["ip", "netns", "delete", "fieldkit-try"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"no network namespaces: {tried.stderr.strip()}")


def _ip(*said: str) -> None:
    subprocess.run(["ip", *said], check=True)


def _tun(name: str) -> int:
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return file


@dataclass
class Way:
    """One direction: `queue` waits for the bottleneck, `flying` (due, number, packet) is on its way to `to`."""

    to: int
    bytes_per_s: float
    delay_s: float
    loss: float
    random: random.Random
    most_queued: float
    queue: deque[bytes] = field(default_factory=deque)
    flying: list[tuple[float, int, bytes]] = field(default_factory=list)
    queued: int = 0
    free_at: float = 0.0
    carried: int = 0  # bytes of TCP that left the bottleneck
    dropped: int = 0
    number: int = 0

    def enter(self, packet: bytes, now: float) -> None:
        if not self.queue:
            self.free_at = max(self.free_at, now)
        if self.queued + len(packet) > self.most_queued:
            self.dropped += 1
            return
        self.queue.append(packet)
        self.queued += len(packet)

    def leave(self, now: float) -> bytes | None:
        """Return the next packet that has passed the bottleneck by now."""
        done = self._done_at()
        if done > now:
            return None
        packet = self.queue.popleft()
        self.queued -= len(packet)
        self.free_at = done  # not now: what a busy machine lets us sleep too long is made good
        self.carried += _payload(packet)
        if self.random.random() < self.loss:
            self.dropped += 1
        else:
            self.fly(packet, done)
        return packet

    def fly(self, packet: bytes, at: float) -> None:
        self.number += 1
        heapq.heappush(self.flying, (at + self.delay_s, self.number, packet))

    def arrive(self, now: float) -> None:
        while self.flying and self.flying[0][0] <= now:
            try:
                os.write(self.to, heapq.heappop(self.flying)[2])
            except OSError:  # the device has no room, or is not up yet
                self.dropped += 1

    def wakes_at(self, now: float) -> float:
        return min(self._done_at(), self.flying[0][0] if self.flying else now + 1.0)

    def _done_at(self) -> float:
        return self.free_at + len(self.queue[0]) / self.bytes_per_s if self.queue else math.inf


def relay(near: int, far: int, rate: float, delay_s: float, loss: float, cut_every: int) -> dict[str, int]:
    """Pass packets on until standard input ends."""
    queue = max(_SMALLEST_QUEUE, rate * delay_s * 2)
    up = Way(far, rate, delay_s, loss, random.Random(1), queue)
    down = Way(near, rate, delay_s, loss, random.Random(2), queue)
    cuts = 0
    while True:
        now = time.monotonic()
        for way in (up, down):
            way.arrive(now)
            while (packet := way.leave(now)) is not None:
                if way is up and cut_every and up.carried // cut_every > cuts and _payload(packet):
                    cuts += 1
                    _cut(packet, up, down, now)
        wait_s = min(up.wakes_at(now), down.wakes_at(now)) - time.monotonic()
        for ready in select.select([near, far, sys.stdin], [], [], max(0.0, wait_s))[0]:
            if ready is sys.stdin:
                return {"up": up.carried, "down": down.carried, "dropped": up.dropped + down.dropped, "cuts": cuts}
            way = up if ready == near else down
            try:
                while True:
                    way.enter(os.read(ready, _MOST_PACKET), time.monotonic())
            except BlockingIOError:
                continue


def _is_tcp(packet: bytes) -> bool:
    return packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_TCP


def _payload(packet: bytes) -> int:
    if not _is_tcp(packet):
        return 0
    head = (packet[0] & 15) * 4
    return len(packet) - head - (packet[head + 12] >> 4) * 4


def _cut(packet: bytes, up: Way, down: Way, now: float) -> None:
    """Reset the connection of a packet that was just let through, at both ends."""
    up.queue.clear()
    up.queued = 0
    head = (packet[0] & 15) * 4
    near_port, far_port, sequence, acknowledged = struct.unpack("!HHII", packet[head : head + 12])
    addresses = packet[12:16], packet[16:20]
    up.fly(_reset(*addresses, near_port, far_port, sequence + _payload(packet), acknowledged), now)
    down.fly(_reset(*reversed(addresses), far_port, near_port, acknowledged, sequence), now - down.delay_s)


def _reset(source: bytes, target: bytes, from_port: int, to_port: int, sequence: int, acknowledged: int) -> bytes:
    """Return a packet of IPv4 and TCP with the flags RST and ACK (RFC 9293 §3.5.2)."""
    tcp = struct.pack("!HHIIBBHHH", from_port, to_port, sequence % 2**32, acknowledged, 0x50, _RST_ACK, 0, 0, 0)
    pseudo = source + target + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(tcp))
    tcp = tcp[:16] + _checksum(pseudo + tcp) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, socket.IPPROTO_TCP, 0) + source + target
    return ip[:10] + _checksum(ip) + ip[12:] + tcp


def _checksum(content: bytes) -> bytes:
    total = sum(struct.unpack(f"!{len(content) // 2}H", content))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)


if __name__ == "__main__":
    devices = [_tun(name) for name in sys.argv[1:3]]
    print("laid", flush=True)
    print(json.dumps(relay(*devices, *map(float, sys.argv[3:6]), int(sys.argv[6]))))
