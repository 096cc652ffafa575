"""Answers questions to one Ceph cluster, as one cephx user, over a connection that stays open.

usage: worker.py CEPH_CONF      (the driver starts it; it ends when its standard input does)

A process for each question costs a connection each, and more than all that the question itself takes. Reads lines of JSON:
first {"monitors", "user", "key"}, then {"id", "ask": NAME, "with": {...}}; prints one for each question, in the order in which
they are answered: {"id", "answer"}, or {"id", "errno", "said"}, with "last": true when this connection is of no more use.
"""

import errno
import json
import os
import sys
import threading
import traceback
from concurrent.futures import Future, ThreadPoolExecutor

import rados

from questions import CHANGES, LOOKS

# A thread waits for Ceph, not for a processor. A change waits for the monitors most of the time, which do as many in a second
# as they are asked for in it; and it may wait for a client that does not let go of its image, while others still want to look.
LOOKS_AT_ONCE = 16
CHANGES_AT_ONCE = 128

_output = threading.Lock()


def connect(conf: str, login: dict) -> rados.Rados:
    settings = {"mon_host": login["monitors"], "key": login["key"]}
    cluster = rados.Rados(conffile=conf, rados_id=login["user"], conf=settings)
    cluster.connect()
    return cluster


def answer(connecting: Future, asked: dict) -> dict:
    try:
        cluster = connecting.result()
    except Exception as error:
        return {**refusal(error), "last": True}
    question = LOOKS.get(asked["ask"]) or CHANGES[asked["ask"]]
    try:
        return {"answer": question(cluster, **asked["with"])}
    except Exception as error:
        refused = refusal(error)
        # Whoever broke an image's lock has shut this client out, for an hour.
        return {**refused, "last": True} if refused["errno"] == errno.ESHUTDOWN else refused


def refusal(error: Exception) -> dict:
    number = getattr(error, "errno", None)
    if number is None:
        # None of Ceph's: a mistake here, for the driver's log.
        traceback.print_exception(error)
    return {"errno": abs(number) if number else errno.EIO, "said": str(error) or type(error).__name__}


def respond(connecting: Future, asked: dict) -> None:
    line = json.dumps({"id": asked["id"], **answer(connecting, asked)})
    with _output:
        print(line, flush=True)


def main(conf: str) -> None:
    looks, changes = ThreadPoolExecutor(LOOKS_AT_ONCE), ThreadPoolExecutor(CHANGES_AT_ONCE)
    connecting = looks.submit(connect, conf, json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        asked = json.loads(line)
        (looks if asked["ask"] in LOOKS else changes).submit(respond, connecting, asked)
    # Not sys.exit: it would wait for threads that wait for a Ceph that may never answer.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
