"""A photo of a thing: with the camera of the kit, or from a file that somebody copied here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Position
from fieldkit.ports.codec import SamplePictures
from fieldkit.ports.devices import (
    BiometricCaptureDevice,
    Cancel,
    DeviceKind,
    NothingPresentedError,
    PreviewSink,
    Registry,
)

MOST_BYTES = 25_000_000
MOST_PX = 1_280  # enough to see a scratch, small enough for hundreds of photos
PAPER_PX = 2_000  # a page stays readable


@runtime_checkable
class StillCamera(Protocol):
    """A camera whose pictures are larger than its live frames."""

    def shoot(self, cancel: Cancel) -> bytes:
        """Take one picture as it is, JPEG. Raise a `DeviceError`."""
        ...


class TakePhoto:
    """Gives photos as JPEG without what a telephone hides in its files (place, owner)."""

    def __init__(self, registry: Registry, pictures: SamplePictures) -> None:
        self._registry, self._pictures = registry, pictures

    def look(
        self,
        preview: PreviewSink,
        cancel: Cancel,
        most_px: int = MOST_PX,
        is_wanted: Callable[[], bool] = lambda: False,
    ) -> bytes:
        """Show live frames until cancelled and return the last one, JPEG. Raise a `DeviceError`.

        When it `is_wanted` then, a camera with a shutter takes a picture: its live frames are too small to be read.
        """
        device = self._registry.device_for(DeviceKind.CAMERA)
        assert isinstance(device, BiometricCaptureDevice)
        device.open(cancel)
        last = _Last(preview)
        device.stream((Position.PORTRAIT,), last, cancel)
        jpeg = device.shoot(_ToTheEnd()) if isinstance(device, StillCamera) and is_wanted() else last.jpeg
        if not jpeg:
            raise NothingPresentedError("sarpras.no_frame")
        return self._pictures.photo(jpeg, most_px)

    def clean(self, name: str, content: bytes) -> bytes:
        """Return the photo in a file. Raise `InputError("sarpras.photo_unreadable")`."""
        try:
            if len(content) > MOST_BYTES:
                raise InputError("sarpras.photo_unreadable", name=name)
            return self._pictures.photo(content, MOST_PX)
        except (ValueError, InputError) as damage:
            raise InputError("sarpras.photo_unreadable", name=name) from damage


class _ToTheEnd:
    """Lets a shot that was released come home: the cancel of the live picture is what asked for it."""

    def is_cancelled(self) -> bool:
        return False


class _Last:
    """Passes frames on and remembers the last one."""

    def __init__(self, preview: PreviewSink) -> None:
        self._preview, self.jpeg = preview, b""

    def offer(self, jpeg: bytes) -> None:
        self.jpeg = jpeg or self.jpeg
        self._preview.offer(jpeg)
