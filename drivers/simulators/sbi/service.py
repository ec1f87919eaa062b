"""One simulated registration device: what it answers, without any socket."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum

import cv2
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from drivers.simulators.sbi import requests
from drivers.simulators.sbi.requests import V0_9_5, WORDS, CaptureCall, Dialect, Model, RefusedError, StreamCall
from drivers.simulators.stage import Fault, Presented, Speed, Stage
from drivers.simulators.subject.presented import Image
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, Modality, Position
from fieldkit.formats.face import FaceRecord, encode_face_record
from fieldkit.formats.finger import FingerRecord, encode_finger_record
from fieldkit.formats.images import encode_jp2_lossless
from fieldkit.formats.iris import IrisRecord, encode_iris_record
from fieldkit.formats.iso19794 import QualityBlock

# Live frames of a sub-device: a slap is the single fingers side by side.

_SIZE = (640, 480)
_FRAMES = 6
LIFTED_FRAMES = 4
# How much lower than the middle finger the others lie, as a share of the height.
_DROP = (0.1, 0.0, 0.05, 0.2)


class Preview:
    """Renders a short loop of frames once per person, attempt and sub-device."""

    def __init__(self, stage: Stage, positions: tuple[Position, ...]) -> None:
        self._stage = stage
        self._positions = positions
        # After an attempt people lift their fingers, move them and lay them down again.
        is_slap = positions[0].modality is Modality.FINGER
        self._lifted = LIFTED_FRAMES if is_slap and any(map(stage.was_tried, positions)) else 0
        self._seen: object = None
        self._frames: list[bytes] = []

    def frame(self, number: int) -> bytes:
        """Return the n-th JPEG frame."""
        is_lifted = number < self._lifted
        met = [None if is_lifted else self._stage.glance(position) for position in self._positions]
        images = [None if one is None else one.image for one in met]
        seen = (self._stage.turn, *(None if one is None else one.quality for one in met))
        if seen != self._seen:
            still = self._still(images)
            self._frames = [_jpeg(_sway(still, step)) for step in range(_FRAMES)]
            self._seen = seen
        return self._frames[number % _FRAMES]

    def _still(self, images: list[Image | None]) -> Image:
        if self._positions[0] in EYES:
            return _eyes(images)
        if self._positions[0] is Position.PORTRAIT:
            return _portrait(images[0])
        return _slap(images, self._positions)


def _slap(images: list[Image | None], positions: tuple[Position, ...]) -> Image:
    canvas = np.full((_SIZE[1], _SIZE[0]), 246, np.uint8)
    # The left hand lies on the glass with its little finger outermost, on the left.
    shown = images[::-1] if positions[0] in LEFT_FOUR else images
    drops = _DROP[: len(images)][::-1] if positions[0] in LEFT_FOUR else _DROP[: len(images)]
    width = _SIZE[0] // max(len(images), 2)
    for place, image in enumerate(shown):
        if image is None:
            continue
        scale = min((width - 8) / image.shape[1], 0.75 * _SIZE[1] / image.shape[0])
        small = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        top = round(20 + drops[place % len(drops)] * _SIZE[1])
        left = place * width + (width - small.shape[1]) // 2
        height = min(small.shape[0], _SIZE[1] - top)
        canvas[top : top + height, left : left + small.shape[1]] = small[:height]
    return canvas


def _eyes(images: list[Image | None]) -> Image:
    canvas = np.full((_SIZE[1], _SIZE[0]), 90, np.uint8)
    width = _SIZE[0] // len(images)
    height = min(_SIZE[1], width * 3 // 4)
    top = (_SIZE[1] - height) // 2
    # Seen from the camera, the right eye is on the left.
    for place, image in enumerate(images):
        if image is not None:
            canvas[top : top + height, place * width : (place + 1) * width] = cv2.resize(image, (width, height))
    return canvas


def _portrait(image: Image | None) -> Image:
    if image is None:
        return np.full((640, 480, 3), 90, np.uint8)
    small = cv2.resize(image, (480, 640), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), dtype=np.uint8)


def _sway(still: Image, step: int) -> Image:
    phase = 2 * np.pi * step / _FRAMES
    matrix = np.array([[1.0, 0.0, 1.5 * np.sin(phase)], [0.0, 1.0, np.cos(phase)]])
    return np.asarray(
        cv2.warpAffine(still, matrix, still.shape[1::-1], borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


def _jpeg(image: Image) -> bytes:
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 75])[1])


# Keys of a device provider and of its devices, and compact JWS in RS256 (RFC 7515).


def base64url(data: bytes) -> str:
    """Return unpadded base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class DeviceKey:
    """The signing key of one device with its certificate chain, leaf first."""

    def __init__(self, key: rsa.RSAPrivateKey, chain: tuple[x509.Certificate, ...]) -> None:
        self._key = key
        x5c = [base64.b64encode(link.public_bytes(serialization.Encoding.DER)).decode() for link in chain]
        self._header = base64url(json.dumps({"x5c": x5c, "alg": "RS256", "typ": "JWT"}).encode())

    def sign(self, payload: Mapping[str, object]) -> str:
        """Return the compact JWS of a payload."""
        signed = f"{self._header}.{base64url(json.dumps(payload).encode())}"
        return f"{signed}.{base64url(self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class Provider:
    """A device provider: a certification authority that certifies its devices."""

    def __init__(self, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    @classmethod
    def create(cls, name: str, now: dt.datetime) -> Provider:
        """Make a new authority."""
        key = rsa.generate_private_key(65537, 2048)
        subject = _name(name)
        draft = _draft(subject, subject, key, key.public_key(), now, 3650)
        draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        draft = draft.add_extension(_usage(is_ca=True), critical=True)
        return cls(key, draft.sign(key, hashes.SHA256()))

    @classmethod
    def load(cls, pem: bytes) -> Provider:
        """Take a given authority: private key and certificate in one PEM."""
        key = serialization.load_pem_private_key(pem, None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("a device provider signs with RSA")
        return cls(key, x509.load_pem_x509_certificate(pem))

    def to_pem(self) -> bytes:
        """Return key and certificate, to be given to `load`."""
        private = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return private + self.certificate_pem

    @property
    def certificate_pem(self) -> bytes:
        """Return what a kit pins."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def certify(self, device: str, now: dt.datetime) -> DeviceKey:
        """Make the key of a device."""
        key = rsa.generate_private_key(65537, 2048)
        draft = _draft(_name(device), self._certificate.subject, self._key, key.public_key(), now, 365)
        draft = draft.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        draft = draft.add_extension(_usage(is_ca=False), critical=True)
        return DeviceKey(key, (draft.sign(self._key, hashes.SHA256()), self._certificate))


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Perangkat Simulasi"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _draft(
    subject: x509.Name,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    public_key: rsa.RSAPublicKey,
    now: dt.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


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
