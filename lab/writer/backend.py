"""Where blocks lie: an RBD image through librbd, or a plain file for tests."""

import argparse
import errno
import os
from typing import Iterator, Protocol

from block import BLOCK_SIZE

CHUNK = 4 << 20


class ReadOnlyError(Exception):
    """The image does not take writes any more: it was demoted, or its client was shut out."""


class BackendError(Exception):
    """The image cannot be opened or used; the text says why and what to look at."""


class Backend(Protocol):
    """An open image."""

    size: int
    source: dict

    def read(self, offset: int, length: int) -> bytes: ...

    def write(self, offset: int, data: bytes) -> None: ...

    def flush(self) -> None: ...

    def used_end(self) -> int: ...

    def lock_owner(self) -> str | None: ...

    def close(self) -> None: ...


def chunks(backend: Backend, end: int) -> Iterator[tuple[int, bytes]]:
    """Reads from the start up to `end`, in pieces of whole blocks."""
    for offset in range(0, end, CHUNK):
        yield offset, backend.read(offset, min(CHUNK, end - offset))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say which image it is."""
    parser.add_argument("--conf", help="ceph.conf of the site; it names the keyring")
    parser.add_argument("--id", default="admin", help="cephx user (default: admin)")
    parser.add_argument("--pool", help="name of the pool")
    parser.add_argument("--namespace", default="", help="RADOS namespace of the image (default: none)")
    parser.add_argument("--image", help="name of the image")
    parser.add_argument("--file", help="a plain file instead of an RBD image, for tests")
    parser.add_argument("--size", type=int, default=1 << 20, help="size in bytes of --file when it is made")
    parser.add_argument("--volume", help="name of the volume in its blocks (default: name of the image or file)")
    parser.add_argument("--log", required=True, help="the volume's acknowledgement log, one for both sites")
    parser.add_argument("--connect-timeout", type=int, default=30, help="seconds to reach Ceph (default: 30)")


def volume_name(options: argparse.Namespace) -> str:
    """Name of the volume in its blocks: the same on both sites, as the image's name is."""
    return options.volume or options.image or os.path.basename(options.file)


def open_backend(options: argparse.Namespace, read_only: bool) -> Backend:
    """Opens what the options name. Raises BackendError."""
    if options.file:
        return FileBackend(options.file, options.size, read_only)
    missing = [name for name in ("conf", "pool", "image") if not getattr(options, name)]
    if missing:
        raise BackendError(f"missing --{', --'.join(missing)} (or give --file)")
    try:
        from rbd_backend import RbdBackend
    except ImportError as error:
        raise BackendError(f"this Python cannot use librbd ({error}); install python3-rbd and python3-rados") from error
    return RbdBackend(options, read_only)


class FileBackend:
    """A plain file. Taking away its write permission (chmod a-w) plays the demotion."""

    def __init__(self, path: str, size: int, read_only: bool):
        try:
            self._fd = os.open(path, os.O_RDONLY if read_only else os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BackendError(f"cannot open {path}: {error.strerror}") from error
        if not read_only and os.fstat(self._fd).st_size == 0:
            os.ftruncate(self._fd, size)
        self.size = os.fstat(self._fd).st_size
        self.source = {"kind": "file", "name": path}

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self._fd, length, offset)

    def write(self, offset: int, data: bytes) -> None:
        if os.fstat(self._fd).st_mode & 0o222 == 0:
            raise ReadOnlyError(os.strerror(errno.EROFS))
        os.pwrite(self._fd, data, offset)

    def flush(self) -> None:
        os.fsync(self._fd)

    def used_end(self) -> int:
        end = 0
        for offset, data in chunks(self, self.size):
            if data.strip(b"\0"):
                end = offset + len(data.rstrip(b"\0"))
        return -(-end // BLOCK_SIZE) * BLOCK_SIZE

    def lock_owner(self) -> str | None:
        return None

    def close(self) -> None:
        os.close(self._fd)
