"""One simulated registration device: what it answers, without any socket."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading
from collections.abc import Callable
from enum import StrEnum

from drivers.simulators.sbi import requests
from drivers.simulators.sbi.dialect import V0_9_5, Dialect
from drivers.simulators.sbi.models import WORDS, Model
from drivers.simulators.sbi.requests import CaptureCall, RefusedError, StreamCall
from drivers.simulators.sbi.trust import DeviceKey, base64url
from drivers.simulators.stage import Fault, Presented, Speed, Stage
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.formats.face import FaceRecord, encode_face_record
from fieldkit.formats.finger import FingerRecord, encode_finger_record
from fieldkit.formats.images import encode_jp2_lossless
from fieldkit.formats.iris import IrisRecord, encode_iris_record
from fieldkit.formats.iso19794 import QualityBlock

_NO_ERROR = {"errorCode": "0", "errorInfo": "Success"}
_SETTLE_S = 1.2  # a person needs this long to press well
_STREAM_END_S = 2.0
_VERSION = "1.4.2"

Json = dict[str, object]


class Status(StrEnum):
    """What a device says about itself."""

    READY = "Ready"
    BUSY = "Busy"
    NOT_READY = "Not Ready"
    NOT_REGISTERED = "Not Registered"


_REFUSALS = {
    Status.BUSY: requests.BUSY,
    Status.NOT_READY: requests.NOT_READY,
    Status.NOT_REGISTERED: requests.NOT_REGISTERED,
}


class DeviceService:
    """Answers discovery, info, stream and capture for one device; one capture at a time."""

    def __init__(
        self,
        model: Model,
        stage: Stage,
        key: DeviceKey,
        *,
        now: Callable[[], dt.datetime],
        speed: Speed = Speed.INSTANT,
        dialect: Dialect = V0_9_5,
    ) -> None:
        self.model = model
        self.dialect = dialect
        self.stage = stage
        self.url = ""
        self.status = Status.READY
        self.speed = speed
        self._key = key
        self._now = now
        self._capturing = threading.Lock()
        self._stream_lock = threading.Condition()
        self._streams: dict[int, int] = {}  # sub-device → running streams
        self._ending: set[int] = set()

    @property
    def is_capturing(self) -> bool:
        """Return whether a capture runs."""
        return self._capturing.locked()

    def use_key(self, key: DeviceKey) -> None:
        """Sign with another key from now on, as a device does when its certificate nears its end."""
        self._key = key

    def discover(self, body: bytes) -> list[Json]:
        """Return the discovery answer."""
        try:
            requests.read_kind(body, self.model, self.dialect)
        except RefusedError as refused:
            return [{"error": refused.reply}]
        digital_id = base64url(json.dumps(self._digital_id()).encode())
        return [{**self._described(), "digitalId": digital_id, "error": _NO_ERROR}]

    def describe(self, body: bytes) -> list[Json]:
        """Return the info answer with what the device signs about itself."""
        try:
            requests.read_kind(body, self.model, self.dialect)
        except RefusedError as refused:
            return [{"deviceInfo": "", "error": refused.reply}]
        described = {**self._described(), "firmware": _VERSION}
        if self.status is Status.NOT_REGISTERED:  # it has no key yet
            plain = base64url(json.dumps(self._digital_id()).encode())
            told = base64url(json.dumps({**described, "env": "None", "digitalId": plain}).encode())
        else:
            told = self._key.sign({**described, "env": "Developer", "digitalId": self._key.sign(self._digital_id())})
        refusal = self._refusal
        return [{"deviceInfo": told, "error": refusal.reply if refusal else _NO_ERROR}]

    def capture(self, body: bytes, stopping: threading.Event) -> Json:
        """Return the RCAPTURE answer."""
        try:
            call = requests.read_capture(body, self.model, self.dialect)
            if refusal := self._refusal:
                raise refusal
            if self.stage.take(Fault.BUSY):
                raise RefusedError(requests.BUSY)
            if not self._capturing.acquire(blocking=False):
                raise RefusedError(requests.IN_PROGRESS)
            try:
                self._end_stream(call.sub_id)
                return {"biometrics": self._items(call, stopping)}
            finally:
                self._capturing.release()
        except RefusedError as refused:
            return {"biometrics": [self._failed(refused)]}

    def open_stream(self, body: bytes) -> StreamCall:
        """Begin a stream. Raise `RefusedError`."""
        call = requests.read_stream(body, self.model, self.dialect)
        if refusal := self._refusal:
            raise refusal
        if self.is_capturing:
            raise RefusedError(requests.IN_PROGRESS)
        with self._stream_lock:
            if self._streams.keys() - {call.sub_id}:
                raise RefusedError(requests.OTHER_SUB_DEVICE)
            self._streams[call.sub_id] = self._streams.get(call.sub_id, 0) + 1
        return call

    def may_stream_after(self, seconds: float, sub_id: int) -> bool:
        """Wait for the next frame and return whether the stream goes on: a capture of the same sub-device ends it."""
        with self._stream_lock:
            return not self._stream_lock.wait_for(lambda: sub_id in self._ending, timeout=seconds)

    def close_stream(self, sub_id: int) -> None:
        """End a stream that `open_stream` began."""
        with self._stream_lock:
            self._streams[sub_id] -= 1
            if not self._streams[sub_id]:
                del self._streams[sub_id]
                self._ending.discard(sub_id)
            self._stream_lock.notify_all()

    def _end_stream(self, sub_id: int) -> None:
        with self._stream_lock:
            if self._streams.keys() - {sub_id}:
                raise RefusedError(requests.OTHER_SUB_DEVICE)
            if sub_id in self._streams:
                self._ending.add(sub_id)
                self._stream_lock.notify_all()
                self._stream_lock.wait_for(lambda: sub_id not in self._streams, timeout=_STREAM_END_S)

    def _items(self, call: CaptureCall, stopping: threading.Event) -> list[Json]:
        met = {position: self.stage.attempt(position) for position in call.positions}
        if len(met) > 1 and self.stage.take(Fault.THREE_OF_FOUR):
            met[call.positions[-1]] = None
        if self.speed is Speed.REALISTIC:
            is_good = all(one is not None and one.quality >= call.requested_score for one in met.values())
            stopping.wait(min(_SETTLE_S, call.timeout_ms / 1000) if is_good else call.timeout_ms / 1000)
        chain = call.previous_hash or hashlib.sha256(b"").digest()
        items: list[Json] = []
        for position, presented in met.items():
            if presented is None:
                items.append(self._failed(RefusedError(requests.NO_OBJECT)))
                continue
            record = _record(position, presented, self._now(), is_empty=self.stage.take(Fault.EMPTY_RECORD))
            chain = hashlib.sha256(chain + hashlib.sha256(record).digest()).digest()
            shown = hashlib.sha256(chain).digest() if self.stage.take(Fault.BROKEN_CHAIN) else chain
            data = self._sample(call, position, presented, record)
            items.append(
                {"specVersion": self.dialect.version, "data": data, "hash": shown.hex().upper(), "error": _NO_ERROR}
            )
        return items

    def _sample(self, call: CaptureCall, position: Position, presented: Presented, record: bytes) -> str:
        transaction_id = call.transaction_id
        if self.stage.take(Fault.WRONG_TRANSACTION):
            transaction_id = "0000-another-transaction"
        payload: Json = {
            "digitalId": self._key.sign(self._digital_id()),
            "deviceCode": self.model.code,
            "deviceServiceVersion": _VERSION,
            "bioType": self.model.kind,
            **({"bioSubType": WORDS[position]} if position in WORDS else {}),  # a face has none, not an empty one
            "purpose": "Registration",
            "env": call.env,
            "bioValue": base64url(record),
            "transactionId": transaction_id,
            "timestamp": _iso(self._now()),
            "requestedScore": str(call.requested_score),
            "qualityScore": str(presented.quality),
        }
        signed = self._key.sign(payload)
        if self.stage.take(Fault.WRONG_SIGNATURE):
            # Somebody on the way made the finger look better than it was.
            header, _, signature = signed.split(".")
            better = json.dumps({**payload, "qualityScore": "100"}).encode()
            return f"{header}.{base64url(better)}.{signature}"
        return signed

    def _failed(self, refused: RefusedError) -> Json:
        return {"specVersion": self.dialect.version, "data": "", "hash": "", "error": refused.reply}

    def _described(self) -> Json:
        return {
            "deviceId": self.model.device_id,
            "deviceStatus": (Status.BUSY if self.is_capturing else self.status).value,
            "certification": "L0",
            "serviceVersion": _VERSION,
            "deviceSubId": [str(sub_id) for sub_id in self.model.offered_subs],
            "callbackId": self.url,
            "deviceCode": self.model.code,
            "specVersion": [self.dialect.version],
            "purpose": "" if self.status is Status.NOT_REGISTERED else "Registration",
        }

    @property
    def _refusal(self) -> RefusedError | None:
        """What its state answers to every request but discovery."""
        return RefusedError(_REFUSALS[self.status]) if self.status in _REFUSALS else None

    def _digital_id(self) -> Json:
        return {
            "serialNo": self.model.serial,
            "make": self.model.make,
            "model": self.model.model,
            "type": self.model.kind,
            "deviceSubType": self.model.sub_type,
            "deviceProvider": self.model.make,
            "deviceProviderId": f"{self.model.make}.ID",
            "dateTime": _iso(self._now()),
        }


def _record(position: Position, presented: Presented, at: dt.datetime, *, is_empty: bool) -> bytes:
    height, width = presented.image.shape[:2]
    image = b"" if is_empty else encode_jp2_lossless(presented.image)
    quality = QualityBlock(presented.quality)
    if position.modality is Modality.FACE:
        return encode_face_record(FaceRecord(width, height, image, quality=quality, captured_at=at))
    if position.modality is Modality.IRIS:
        return encode_iris_record(IrisRecord(position, width, height, image, quality=quality, captured_at=at))
    return encode_finger_record(FingerRecord(position, width, height, image, quality=quality, captured_at=at))


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
