"""The questions that the driver asks of Ceph, one function each: through librbd and librados, as ceph-csi does.

Each gets a connected cluster and the question's arguments by name, and opens what it needs for itself: an image that is only
looked at is opened read-only, as whoever opens it for more watches it, and is counted among those that use it.
"""

import base64
import errno
import json
from contextlib import contextmanager
from typing import Iterator

import rados
import rbd

MIRRORING = {
    rbd.RBD_MIRROR_IMAGE_DISABLING: "disabling",
    rbd.RBD_MIRROR_IMAGE_ENABLED: "enabled",
    rbd.RBD_MIRROR_IMAGE_DISABLED: "disabled",
}
MODES = {"journal": rbd.RBD_MIRROR_IMAGE_MODE_JOURNAL, "snapshot": rbd.RBD_MIRROR_IMAGE_MODE_SNAPSHOT}
STATES = ["unknown", "error", "syncing", "starting_replay", "replaying", "stopping_replay", "stopped"]
FEATURES = {
    "layering": rbd.RBD_FEATURE_LAYERING,
    "exclusive-lock": rbd.RBD_FEATURE_EXCLUSIVE_LOCK,
    "object-map": rbd.RBD_FEATURE_OBJECT_MAP,
    "fast-diff": rbd.RBD_FEATURE_FAST_DIFF,
    "deep-flatten": rbd.RBD_FEATURE_DEEP_FLATTEN,
    "journaling": rbd.RBD_FEATURE_JOURNALING,
}


class Refused(Exception):
    """Something that the `rbd` program refuses, or the manager: the number says why, as librbd's errors do."""

    def __init__(self, number: int, said: str):
        super().__init__(said)
        self.errno = number


@contextmanager
def opened_pool(cluster: rados.Rados, pool: str, namespace: str) -> Iterator[rados.Ioctx]:
    with cluster.open_ioctx(pool) as ioctx:
        ioctx.set_namespace(namespace)
        yield ioctx


@contextmanager
def opened_image(cluster: rados.Rados, pool: str, namespace: str, image: str, write: bool = False) -> Iterator[rbd.Image]:
    with opened_pool(cluster, pool, namespace) as ioctx, rbd.Image(ioctx, image, read_only=not write) as opened:
        yield opened


def require_mirrored(image: rbd.Image) -> None:
    """As the `rbd` program does, before it does anything to an image's mirroring."""
    if image.mirror_image_get_info()["state"] != rbd.RBD_MIRROR_IMAGE_ENABLED:
        raise Refused(errno.EINVAL, "mirroring not enabled on the image")


def pools(cluster):
    ret, out, said = cluster.mon_command(json.dumps({"prefix": "osd lspools", "format": "json"}), b"")
    if ret < 0:
        raise Refused(-ret, said)
    return [{"id": pool["poolnum"], "name": pool["poolname"]} for pool in json.loads(out)]


def info(cluster, **place):
    with opened_image(cluster, **place) as image:
        seen = {"name": place["image"], "id": image.id(), "size": image.size()}
        mirror = image.mirror_image_get_info()
        if mirror["state"] != rbd.RBD_MIRROR_IMAGE_DISABLED:
            seen["mirroring"] = {"state": MIRRORING.get(mirror["state"], "unknown"), "primary": mirror["primary"]}
        try:
            parent, parent_id = image.get_parent_image_spec(), image.parent_id()
        except rbd.ImageNotFound:
            return seen
    where = {"pool": parent["pool_name"], "namespace": parent["pool_namespace"]}
    return {**seen, "parent": {**where, "image": parent["image_name"], "trash": in_trash(cluster, parent_id, **where)}}


def in_trash(cluster, image_id, pool, namespace):
    with opened_pool(cluster, pool, namespace) as ioctx:
        try:
            return rbd.RBD().trash_get(ioctx, image_id) is not None
        except rbd.ImageNotFound:
            return False


def status(cluster, **place):
    with opened_image(cluster, **place) as image:
        require_mirrored(image)
        seen = image.mirror_image_get_status()
    answer = {"remotes": [site_status(site) for site in seen["remote_statuses"]]}
    # Of a site that has never reported there is nothing at all.
    return {**answer, "local": site_status(seen)} if "up" in seen else answer


def site_status(site):
    word = STATES[site["state"]] if site["state"] < len(STATES) else "unknown"
    return {"up": site["up"], "state": word, "description": site["description"]}


def watchers(cluster, **place):
    with opened_image(cluster, **place) as image:
        return len(list(image.watchers_list()))


def metadata(cluster, key, **place):
    with opened_image(cluster, **place) as image:
        try:
            return image.metadata_get(key)
        except KeyError:
            return None


def set_metadata(cluster, key, value, **place):
    with opened_image(cluster, **place, write=True) as image:
        image.metadata_set(key, value)


def enable_mirroring(cluster, mode, **place):
    with opened_image(cluster, **place, write=True) as image:
        image.mirror_image_enable(MODES[mode])


def disable_mirroring(cluster, force, **place):
    with opened_image(cluster, **place, write=True) as image:
        require_mirrored(image)
        image.mirror_image_disable(force)


def promote(cluster, **place):
    with opened_image(cluster, **place, write=True) as image:
        require_mirrored(image)
        image.mirror_image_promote(False)


def demote(cluster, **place):
    with opened_image(cluster, **place, write=True) as image:
        require_mirrored(image)
        image.mirror_image_demote()


def resync(cluster, **place):
    with opened_image(cluster, **place, write=True) as image:
        require_mirrored(image)
        image.mirror_image_resync()


def add_schedule(cluster, pool, namespace, image, interval, start=None):
    level = "/".join(part for part in (pool, namespace, image) if part)
    command = {"prefix": "rbd mirror snapshot schedule add", "level_spec": level, "interval": interval}
    ret, _, said = cluster.mgr_command(json.dumps({**command, **({"start_time": start} if start else {})}), b"")
    if ret < 0:
        raise Refused(-ret, said)


def create(cluster, pool, namespace, image, size, features, data_pool=None):
    # No feature named: Ceph's own default.
    mask = sum(FEATURES[feature] for feature in features) if features else None
    with opened_pool(cluster, pool, namespace) as ioctx:
        rbd.RBD().create(ioctx, image, size, old_format=False, features=mask, data_pool=data_pool)


def resize(cluster, size, **place):
    with opened_image(cluster, **place, write=True) as image:
        image.resize(size, allow_shrink=False)


def remove(cluster, pool, namespace, image):
    with opened_pool(cluster, pool, namespace) as ioctx:
        rbd.RBD().remove(ioctx, image)


def omap(cluster, pool, namespace, object, keys):
    """Values of an object's keys, as base64; without those that are not there, and empty where there is no object."""
    with opened_pool(cluster, pool, namespace) as ioctx, rados.ReadOpCtx() as operation:
        found, _ = ioctx.get_omap_vals_by_keys(operation, tuple(keys))
        try:
            ioctx.operate_read_op(operation, object)
        except rados.ObjectNotFound:
            return {}
        return {key: base64.b64encode(value).decode() for key, value in found}


def set_omap(cluster, pool, namespace, object, values, create=False):
    """Sets keys of an object; with `create` the object must be new."""
    with opened_pool(cluster, pool, namespace) as ioctx, rados.WriteOpCtx() as operation:
        if create:
            operation.new(rados.LIBRADOS_CREATE_EXCLUSIVE)
        ioctx.set_omap(operation, tuple(values), tuple(value.encode() for value in values.values()))
        ioctx.operate_write_op(operation, object)


def remove_omap_key(cluster, pool, namespace, object, key):
    with opened_pool(cluster, pool, namespace) as ioctx, rados.WriteOpCtx() as operation:
        ioctx.remove_omap_keys(operation, (key,))
        ioctx.operate_write_op(operation, object)


def remove_object(cluster, pool, namespace, object):
    with opened_pool(cluster, pool, namespace) as ioctx:
        ioctx.remove_object(object)


# What waits for the cluster alone. The others may wait for another client of the image too, which may never let go of it.
LOOKS = {each.__name__: each for each in (pools, info, status, watchers, metadata, omap)}
CHANGES = {
    each.__name__: each
    for each in (
        *(set_metadata, enable_mirroring, disable_mirroring, promote, demote, resync, add_schedule, create, resize, remove),
        *(set_omap, remove_omap_key, remove_object),
    )
}
