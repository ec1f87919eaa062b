"""The calls of libgphoto2 that this driver needs, and its error numbers in our words; each may block for seconds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Protocol

from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    NotConnectedError,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)

MAX_PHOTO_BYTES = 64 * 1024 * 1024
_JPEG = b"\xff\xd8"

# libgphoto2's and its port library's result codes.
_GONE = (-5, -52, -105)  # unknown port, not found on USB, model not found
_TAKEN = (-53, -60, -110)  # claimed by another program, locked, camera busy
_TIMEOUT = -10
_NOT_SUPPORTED = -6

in_use = threading.Lock()
"""Held while a call is made: the library's list of ports is not for two threads."""


class Shutter(Protocol):
    """A camera that can be told to take a picture."""

    def connect(self) -> None:
        """Claim the camera. Raise a `DeviceError`; an open one is left as it is."""
        ...

    def shoot(self) -> tuple[bytes, bool]:
        """Take a picture; return the JPEG and whether it could be deleted from the camera."""
        ...

    def preview(self) -> bytes | None:
        """Return a live frame, None from a camera that offers none."""
        ...

    def leave(self) -> None:
        """Let go of the camera; never raises."""
        ...


def is_installed() -> bool:
    """Return whether the extra is there, without loading it."""
    return find_spec("gphoto2") is not None


def connected() -> list[tuple[str, str]]:
    """Return model and port of each camera on USB. Raise a `DeviceError`."""
    import gphoto2

    with _in_our_words("usb"):
        ports = gphoto2.PortInfoList()
        ports.load()
        found = _known_models().detect(ports)
        return [(found.get_name(i), found.get_value(i)) for i in range(found.count())]


@lru_cache(maxsize=1)
def _known_models() -> Any:
    """Return the library's table of models: read once, because a scan comes every other second."""
    import gphoto2

    models = gphoto2.CameraAbilitiesList()
    models.load()
    return models


class PtpCamera:
    """A camera at a port such as `usb:001,004`."""

    def __init__(self, port: str) -> None:
        self._port = port
        self._camera: Any = None

    def connect(self) -> None:
        """Claim the camera."""
        import gphoto2

        if self._camera is not None:
            return
        with in_use, _in_our_words(self._port, NotConnectedError("device.not_connected", address=self._port)):
            ports = gphoto2.PortInfoList()
            ports.load()
            camera = gphoto2.Camera()
            camera.set_port_info(ports[ports.lookup_path(self._port)])
            camera.init()
            self._camera = camera

    def shoot(self) -> tuple[bytes, bool]:
        """Take a picture, fetch it and delete it from the card: faces do not stay on a camera."""
        import gphoto2

        camera = self._open()
        with in_use, self._leaving_on_error():
            path = camera.capture(gphoto2.GP_CAPTURE_IMAGE)
            size = camera.file_get_info(path.folder, path.name).file.size
            if size > MAX_PHOTO_BYTES:
                raise ProtocolError("device.stream_too_big", limit=MAX_PHOTO_BYTES)
            photo = camera.file_get(path.folder, path.name, gphoto2.GP_FILE_TYPE_NORMAL)
            jpeg = bytes(memoryview(photo.get_data_and_size()))
            try:
                camera.file_delete(path.folder, path.name)
                is_deleted = True
            except gphoto2.GPhoto2Error:
                is_deleted = False
        if not jpeg.startswith(_JPEG):
            raise ProtocolError("device.photo_not_jpeg", name=path.name)
        return jpeg, is_deleted

    def preview(self) -> bytes | None:
        """Return a frame of the viewfinder."""
        import gphoto2

        camera = self._open()
        with in_use, self._leaving_on_error():
            try:
                frame = bytes(memoryview(camera.capture_preview().get_data_and_size()))
            except gphoto2.GPhoto2Error as error:
                if error.code == _NOT_SUPPORTED:
                    return None
                raise
        return frame if frame.startswith(_JPEG) else None

    def leave(self) -> None:
        """Let go of the camera."""
        with in_use:
            self._drop()

    def _open(self) -> Any:
        if self._camera is None:
            raise NotConnectedError("device.not_connected", address=self._port)
        return self._camera

    def _drop(self) -> None:
        import gphoto2

        camera, self._camera = self._camera, None
        if camera is not None:
            try:
                camera.exit()
            except gphoto2.GPhoto2Error:
                return  # pulled out: there is nothing to let go of

    @contextmanager
    def _leaving_on_error(self) -> Iterator[None]:
        try:
            with _in_our_words(self._port):
                yield
        except DeviceError:
            self._drop()
            raise


@contextmanager
def _in_our_words(port: str, otherwise: DeviceError | None = None) -> Iterator[None]:
    import gphoto2

    try:
        yield
    except gphoto2.GPhoto2Error as error:
        if error.code in _GONE:
            raise NotConnectedError("device.not_connected", address=port) from error
        if error.code in _TAKEN:
            raise DeviceBusyError("device.busy", address=port) from error
        if error.code == _TIMEOUT:
            raise TimedOutError("device.timed_out", address=port) from error
        raise otherwise or TransportBrokenError("device.transport_broken", address=port) from error
