"""Says how every image of an RBD pool is mirrored, in one run and one connection to Ceph.

usage: images.py CEPH_CONF POOL none|demoted|copies TIMEOUT_SECONDS      (an empty CEPH_CONF is Ceph's own default)

The rbd program looks at one image a run, and each run costs more than a hundred images do here. Prints JSON:
{"images": {NAME: {"mirroring": "enabled", "primary": true, "state": "up+stopped", "description": "..."}}}; an image that is
not mirrored has {}. A pool that does not exist has no images. Exit code 3: this Python has no module for Ceph.
With "demoted", an image that is demoted on both sites also says what its newest whole mirror snapshot is: {"newest": {"id": 7,
"at": 1795547882, "demotion": true, "copyOf": 5}}, and whether it has one: {"complete": true}; with "copies", so does every copy whose
report names no snapshot. That opens the image, so it is left out where half the time is over.
"""

import json
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timezone

try:
    import rados
    import rbd
except ImportError:
    sys.exit(3)

MIRRORING = {0: "disabling", 1: "enabled", 2: "disabled"}
STATES = ["unknown", "error", "syncing", "starting_replay", "replaying", "stopping_replay", "stopped"]
# An image that is opened waits for Ceph, not for a processor.
OPEN_AT_ONCE = 16


DEMOTIONS = (rbd.RBD_SNAP_MIRROR_STATE_PRIMARY_DEMOTED, rbd.RBD_SNAP_MIRROR_STATE_NON_PRIMARY_DEMOTED)
COPIES = (rbd.RBD_SNAP_MIRROR_STATE_NON_PRIMARY, rbd.RBD_SNAP_MIRROR_STATE_NON_PRIMARY_DEMOTED)


def whole_snapshots(ioctx, name):
    """Whether there is any, and the newest mirror snapshot where it is whole; {} for mirroring by journal, which has none."""
    with rbd.Image(ioctx, name, read_only=True) as image:
        if image.mirror_image_get_mode() != rbd.RBD_MIRROR_IMAGE_MODE_SNAPSHOT:
            return {}
        snapshots = [s for s in image.list_snaps() if "mirror" in s]
        seen = {"complete": any(s["mirror"]["complete"] for s in snapshots)}
        newest = max(snapshots, key=lambda s: s["id"], default=None)
        if newest is not None and newest["mirror"]["complete"]:
            seen["newest"] = described(image, newest["id"], newest["mirror"])
        return seen


def described(image, snapshot, mirror):
    # librbd's time, of no time zone, is that of UTC.
    at = image.get_snap_timestamp(snapshot).replace(tzinfo=timezone.utc)
    seen = {"id": snapshot, "at": round(at.timestamp()), "demotion": mirror["state"] in DEMOTIONS}
    return {**seen, "copyOf": mirror["primary_snap_id"]} if mirror["state"] in COPIES else seen


def add_snapshots(ioctx, images, until, all_copies):
    def ask(name):
        if time.monotonic() > until:
            return
        try:
            images[name].update(whole_snapshots(ioctx, name))
        except rbd.Error:
            return

    # As probeImage in images.ts has it, for one image by the rbd program.
    doubtful = [
        name
        for name, seen in images.items()
        if seen.get("mirroring") == "enabled"
        and not seen["primary"]
        and "local_snapshot_timestamp" not in seen.get("description", "")
        and (all_copies or seen.get("state") == "up+unknown")
    ]
    if doubtful:
        with ThreadPoolExecutor(OPEN_AT_ONCE) as pool:
            list(pool.map(ask, doubtful))


def look(ioctx):
    pool = rbd.RBD()
    names = {image["id"]: image["name"] for image in pool.list2(ioctx)}
    images = {name: {} for name in names.values()}
    for image_id, info in pool.mirror_image_info_list(ioctx):
        if image_id in names:
            mirroring = MIRRORING.get(info["state"], "unknown")
            images[names[image_id]] = {"mirroring": mirroring, "primary": info["primary"]}
    for status in pool.mirror_image_status_list(ioctx):
        seen = images.get(names.get(status["id"]))
        if seen is not None and seen.get("mirroring") == "enabled":
            word = STATES[status["state"]] if status["state"] < len(STATES) else "unknown"
            seen["state"] = ("up+" if status["up"] else "down+") + word
            seen["description"] = status["description"]
    return images


def main(conf, pool, asked, timeout):
    until = time.monotonic() + float(timeout) / 2
    # Ends this process even where it hangs inside Ceph's library, and where whoever asked is gone.
    signal.alarm(max(1, round(float(timeout))))
    with rados.Rados(conffile=conf) as cluster:
        try:
            ioctx = cluster.open_ioctx(pool)
        except rados.ObjectNotFound:
            images = {}
        else:
            with ioctx:
                images = look(ioctx)
                if asked != "none":
                    add_snapshots(ioctx, images, until, all_copies=asked == "copies")
    json.dump({"images": images}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
