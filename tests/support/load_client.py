"""Many kits at once as one light process: `python -m support.load_client PLAN`; prints what came of it as JSON.

The plan names the address, and for each kit its token, its manifests and the heads of its records; the rest of every
record is the same random bytes, so that a load of gigabytes is not made first. With `bare` the same bytes go to an
application that only writes them: no announcement, no upload to open, no receipt.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import random
import ssl
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def rest_of_all(size: int) -> bytes:
    return random.Random(7).randbytes(size)


@dataclass
class Line:
    """One kept connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    authorization: str

    async def ask(self, method: str, path: str, headers: dict[str, str], *body: bytes | memoryview) -> tuple[int, Any]:
        size = sum(len(piece) for piece in body)
        said = {"Host": "gateway", "Authorization": self.authorization, "Content-Length": str(size), **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode())
        for piece in body:
            self.writer.write(piece)
        await self.writer.drain()
        status = int((await self.reader.readline()).split()[1])
        length = 0
        while (line := await self.reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, await self.reader.readexactly(length) if length else b""


class Load:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.receipts: dict[str, str] = {}
        self.refused: list[str] = []
        self.sent = 0
        self.longest_s = 0.0
        self.rest = memoryview(rest_of_all(plan["size"]))
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE

    async def kit(self, kit: dict[str, Any]) -> None:
        reader, writer = await asyncio.open_connection(self.plan["host"], self.plan["port"], ssl=self.tls)
        line = Line(reader, writer, f"Bearer {kit['token']}")
        try:
            if not self.plan["bare"]:
                announced = json.dumps({"manifests": [record["manifest"] for record in kit["records"]]}).encode()
                await self.expect(line, 200, "POST", "/announce", {"Content-Type": "application/json"}, announced)
            for record in kit["records"]:
                began = time.monotonic()
                await self.record(line, record)
                self.longest_s = max(self.longest_s, time.monotonic() - began)
                self.sent += 1
        finally:
            writer.close()

    async def record(self, line: Line, record: dict[str, Any]) -> None:
        head, size, name = record["head"].encode(), self.plan["size"], record["id"]
        whole = [head, self.rest[len(head) :]]
        if not self.plan["bare"]:
            named = base64.b64encode(name.encode()).decode()
            opening = {"Upload-Length": str(size), "Upload-Metadata": f"record_id {named}"}
            await self.expect(line, 201, "POST", "/tus", {"Tus-Resumable": "1.0.0", **opening})
        for start in range(0, size, self.plan["chunk"]):
            pieces = cut(whole, start, self.plan["chunk"])
            digest = hashlib.sha256()
            for piece in pieces:
                digest.update(piece)
            headers = {
                "Tus-Resumable": "1.0.0",
                "Content-Type": "application/offset+octet-stream",
                "Upload-Offset": str(start),
                "Upload-Checksum": f"sha256 {base64.b64encode(digest.digest()).decode()}",
            }
            await self.expect(line, 204, "PATCH", f"/tus/{name}", headers, *pieces)
        if not self.plan["bare"]:
            answer = json.loads(await self.expect(line, 200, "GET", f"/receipts/{name}", {}))
            if name in self.receipts:
                self.refused.append(f"{name} twice")
            self.receipts[name] = answer["receipt"]

    async def expect(self, line: Line, status: int, *request: Any) -> bytes:
        told, body = await line.ask(*request)
        if told != status:
            raise RuntimeError(f"{request[0]} {request[1]}: {told} {body[:200]!r}")
        return body

    async def run(self) -> dict[str, Any]:
        began = time.monotonic()
        told = await asyncio.gather(*map(self.kit, self.plan["kits"]), return_exceptions=True)
        seconds = time.monotonic() - began
        return {
            "seconds": seconds,
            "records": self.sent,
            "receipts": self.receipts,
            "wrong": self.refused + [repr(each) for each in told if each is not None],
            "longest_s": self.longest_s,
            "processor_s": time.process_time(),
        }


def cut(whole: list[bytes | memoryview], start: int, size: int) -> list[bytes | memoryview]:
    head, rest = whole
    end = start + size
    if start >= len(head):
        return [rest[start - len(head) : end - len(head)]]
    return [head[start:end], rest[: max(0, end - len(head))]]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(Load(json.loads(Path(sys.argv[1]).read_text())).run())))
