"""The demo application, and its verifier: numbered, checksummed, flushed blocks in one file on the volume.

    blocks.py write FOLDER SITE [RATE]      appends a block, flushes it, then prints its acknowledgement as JSON; until SIGTERM
    blocks.py verify FOLDER                 prints number and checksum of each good block that the file holds

It needs Python 3.8 and nothing else. A number never means two blocks, not even where a site wrote on after it was given up:
each run begins at the milliseconds of its start, and writes fewer than a thousand blocks a second.
"""

import hashlib
import json
import os
import signal
import struct
import sys
import time

FILE = "rbd-dr.blocks"
SIZE = 4096
MAGIC = b"RBDDRAPP"
# magic, number, site; then random bytes, and the digest of all before it
HEADER = struct.Struct("<8sQ32s")
DIGEST = 32


def make(seq: int, site: str) -> bytes:
    """A block's 4096 bytes."""
    head = HEADER.pack(MAGIC, seq, site.encode()[:32])
    body = head + os.urandom(SIZE - len(head) - DIGEST)
    return body + hashlib.sha256(body).digest()


def number(block: bytes):
    """The number of a good block; None of anything else."""
    if len(block) != SIZE or not block.startswith(MAGIC) or hashlib.sha256(block[:-DIGEST]).digest() != block[-DIGEST:]:
        return None
    return HEADER.unpack_from(block)[1]


def last_number(fd: int) -> int:
    """Number of the last good block, 0 where there is none."""
    for index in range(os.fstat(fd).st_size // SIZE - 1, -1, -1):
        seq = number(os.pread(fd, SIZE, index * SIZE))
        if seq is not None:
            return seq
    return 0


def write(folder: str, site: str, rate: float) -> None:
    """Appends until it is told to stop, or the volume is full."""
    stopped = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.append(True))
    fd = os.open(os.path.join(folder, FILE), os.O_RDWR | os.O_CREAT, 0o600)
    # The file's name is as much a part of the data as its blocks are.
    directory = os.open(folder, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
    # A block that a crash cut off is overwritten.
    offset = os.fstat(fd).st_size // SIZE * SIZE
    seq = max(last_number(fd) + 1, int(time.time() * 1000))
    while not stopped:
        block = make(seq, site)
        try:
            os.pwrite(fd, block, offset)
            os.fsync(fd)
        except OSError as error:
            print(json.dumps({"event": "failed", "error": error.strerror}), flush=True)
            time.sleep(5)
            continue
        now = time.time()
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + ".%03dZ" % int(now * 1000 % 1000)
        digest = hashlib.sha256(block).hexdigest()
        print(json.dumps({"seq": seq, "at": at, "site": site, "sha256": digest}), flush=True)
        seq, offset = seq + 1, offset + SIZE
        time.sleep(1 / rate)


def verify(folder: str) -> None:
    """Says which good blocks there are."""
    try:
        file = open(os.path.join(folder, FILE), "rb")
    except FileNotFoundError:
        return
    with file:
        while len(block := file.read(SIZE)) == SIZE:
            seq = number(block)
            if seq is not None:
                print(seq, hashlib.sha256(block).hexdigest())


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2], sys.argv[3], float(sys.argv[4]) if len(sys.argv) > 4 else 10.0)
    else:
        verify(sys.argv[2])
