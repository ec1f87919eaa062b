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

    async def ask(
        self, method: str, path: str, headers: dict[str, str], *body: bytes | memoryview
    ) -> tuple[int, dict[str, str], bytes]:
        size = sum(len(piece) for piece in body)
        said = {"Host": "gateway", "Authorization": self.authorization, "Content-Length": str(size), **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode())
        for piece in body:
            self.writer.write(piece)
        await self.writer.drain()
        status = int((await self.reader.readline()).split()[1])
        told: dict[str, str] = {}
        while (line := await self.reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            told[name.lower()] = value.strip()
        length = int(told.get("content-length", "0"))
        return status, told, await self.reader.readexactly(length) if length else b""


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
        named = base64.b64encode(name.encode()).decode()
        opening = {"Upload-Length": str(size), "Upload-Metadata": f"record_id {named}"}
        answer: dict[str, str] = {}
        for start in range(0, size, self.plan["chunk"]):
            pieces = cut(whole, start, self.plan["chunk"])
            digest = hashlib.sha256()
            for piece in pieces:
                digest.update(piece)
            headers = {
                "Tus-Resumable": "1.0.0",
                "Content-Type": "application/offset+octet-stream",
                "Upload-Checksum": f"sha256 {base64.b64encode(digest.digest()).decode()}",
            }
            if start or self.plan["bare"]:
                headers["Upload-Offset"] = str(start)
                answer = await self.expect(line, 204, "PATCH", f"/tus/{name}", headers, *pieces)
            else:  # as the kit does on a line that it knows: the first bytes come with the question
                answer = await self.expect(line, 201, "POST", "/tus", {**headers, **opening}, *pieces)
        if not self.plan["bare"]:
            if name in self.receipts:
                self.refused.append(f"{name} twice")
            self.receipts[name] = answer["fieldkit-receipt"]

    async def expect(self, line: Line, status: int, *request: Any) -> dict[str, str]:
        told, headers, body = await line.ask(*request)
        if told != status:
            raise RuntimeError(f"{request[0]} {request[1]}: {told} {body[:200]!r}")
        return headers

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
