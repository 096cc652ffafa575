"""Asks every placement group of every pool for I/O: exit code 0 when all have answered.

usage: probe.py CEPH_CONF TIMEOUT_SECONDS

The status will not do: a placement group whose read lease has run out shows as active and clean until an operation comes
and has to wait. Listing a pool's objects is no such operation, so names that no one uses are looked up instead, enough of
them that each of a small pool's groups gets some.
"""

import os
import sys
import threading

import rados

NAMES_PER_POOL = 64


def main(conf, timeout):
    with rados.Rados(conffile=conf, conf={"client_mount_timeout": str(round(timeout))}) as cluster:
        pending = threading.Semaphore(0)
        asked = 0
        contexts = [cluster.open_ioctx(pool) for pool in cluster.list_pools()]
        for context in contexts:
            for number in range(NAMES_PER_POOL):
                # The callback comes with "no such object" as well: an answer is all that is wanted.
                context.aio_stat(f"rbd-dr.probe.{number}", lambda *_: pending.release())
                asked += 1
        for answered in range(asked):
            if not pending.acquire(timeout=timeout):
                print(f"{asked - answered} of {asked} look-ups got no answer in {timeout} s", file=sys.stderr, flush=True)
                # Not sys.exit: closing the contexts would wait for the answers that do not come.
                os._exit(1)
        for context in contexts:
            context.close()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
