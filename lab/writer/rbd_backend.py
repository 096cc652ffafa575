"""An RBD image through librbd."""

import argparse
import errno

import rados
import rbd

from backend import BackendError, ReadOnlyError
from block import BLOCK_SIZE

# What a write answers when this client may not write any more: demoted, no permission, shut out by the cluster.
_REFUSED = (errno.EROFS, errno.EPERM, errno.ESHUTDOWN)


class RbdBackend:
    """An RBD image, on the site where it is primary or, read-only, on the other one."""

    def __init__(self, options: argparse.Namespace, read_only: bool):
        self._name = "/".join(part for part in (options.pool, options.namespace, options.image) if part)
        self._image = self._ioctx = None
        self._cluster = None
        try:
            # CEPH_ARGS and the machine's own ceph.conf have no say here: only the site's file.
            self._cluster = rados.Rados(conffile=options.conf, rados_id=options.id)
            self._cluster.conf_set("client_mount_timeout", str(options.connect_timeout))
            self._cluster.connect()
            self._ioctx = self._cluster.open_ioctx(options.pool)
            if options.namespace:
                self._ioctx.set_namespace(options.namespace)
            self._image = rbd.Image(self._ioctx, options.image, read_only=read_only)
            self.size = self._image.size()
            self.source = self._pick_source() if read_only else {"kind": "image", "name": self._name}
            if not read_only:
                self._require_writable()
        except (rados.Error, rbd.Error) as error:
            self.close()
            raise BackendError(f"cannot open {self._name} with {options.conf}: {error}") from error
        except BaseException:
            self.close()
            raise

    def _require_writable(self) -> None:
        mirror = self._mirroring()
        if mirror and not mirror["primary"]:
            raise ReadOnlyError(f"{self._name} is not primary on this site")

    def _mirroring(self) -> dict | None:
        info = self._image.mirror_image_get_info()
        return info if info["state"] == rbd.RBD_MIRROR_IMAGE_ENABLED else None

    def _pick_source(self) -> dict:
        """What to read of the image, and to read it: a secondary's head may be half of a snapshot being copied."""
        mirror = self._mirroring()
        if mirror and not mirror["primary"]:
            snapshot = self._newest_complete()
            if snapshot:
                self._image.set_snap_by_id(snapshot["id"])
                self.size = self._image.size()
                at = self._image.get_snap_timestamp(snapshot["id"])
                return {"kind": "mirror-snapshot", "name": f"{self._name}@{snapshot['name']}", "at": f"{at.isoformat()}Z"}
        kind = "primary" if mirror and mirror["primary"] else "image"
        return {"kind": kind, "name": self._name}

    def _newest_complete(self) -> dict | None:
        best = None
        for snapshot in self._image.list_snaps():
            mirror = snapshot.get("mirror")
            if mirror is None:
                continue
            copied = mirror["state"] in (
                rbd.RBD_SNAP_MIRROR_STATE_NON_PRIMARY,
                rbd.RBD_SNAP_MIRROR_STATE_NON_PRIMARY_DEMOTED,
            )
            if (not copied or mirror["complete"]) and (best is None or snapshot["id"] > best["id"]):
                best = snapshot
        return best

    def lock_owner(self) -> str | None:
        """Which other living client holds the exclusive lock; nobody where the image's features have none.

        A dead client's lock stays until somebody wants it, and librbd then breaks it; its watch ends after 30 s.
        """
        if not self._image.features() & rbd.RBD_FEATURE_EXCLUSIVE_LOCK or self._image.is_exclusive_lock_owner():
            return None
        alive = {watcher["addr"] for watcher in self._image.watchers_list()}
        return next((owner["owner"] for owner in self._image.lock_get_owners() if owner["owner"] in alive), None)

    def read(self, offset: int, length: int) -> bytes:
        return self._image.read(offset, length)

    def write(self, offset: int, data: bytes) -> None:
        self._refusable(lambda: self._image.write(data, offset))

    def flush(self) -> None:
        self._refusable(self._image.flush)

    def _refusable(self, work) -> None:
        try:
            work()
        except (rbd.Error, rados.Error) as error:
            number = abs(getattr(error, "errno", 0) or 0)
            if number in _REFUSED or isinstance(error, rbd.ReadOnlyImage):
                raise ReadOnlyError(str(error)) from error
            raise BackendError(f"{self._name}: {error}") from error

    def used_end(self) -> int:
        end = 0

        def note(offset: int, length: int, exists: bool) -> None:
            nonlocal end
            if exists:
                end = max(end, offset + length)

        self._image.diff_iterate(0, self.size, None, note)
        return min(-(-end // BLOCK_SIZE) * BLOCK_SIZE, self.size)

    def close(self) -> None:
        for part in (self._image, self._ioctx):
            if part is not None:
                part.close()
        if self._cluster is not None:
            self._cluster.shutdown()
