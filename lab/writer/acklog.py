"""The acknowledgement log of a volume: JSON lines, one file across both sites, the truth outside both clusters.

    {"event": "start", "epoch", "site", "writer", "firstSeq", "seqLimit", "offset", "at"}   a writer begins
    {"seq", "offset", "sha256", "at", "epoch", "site"}                                      a block is acknowledged
    {"event": "stop", "epoch", "lastSeq", "reason", "at"}                                   a writer has ended in order

`seqLimit` is the highest number that a run may use: a run that was killed may have written numbers that nobody acknowledged,
so the next one starts beyond it. That keeps a number from ever meaning two blocks, even when both sites write at once.
"""

import datetime
import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Iterator


@dataclass(frozen=True)
class Ack:
    """An acknowledged block."""

    seq: int
    offset: int
    sha256: str
    at: str
    epoch: int
    site: str


@dataclass(frozen=True)
class Start:
    """The start of a run; `offset` is where it began to append."""

    epoch: int
    site: str
    first_seq: int
    seq_limit: int
    offset: int


def now() -> str:
    """This moment, RFC 3339 in UTC with milliseconds."""
    moment = datetime.datetime.now(datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class AckLog:
    """Appends to a log, and reads it."""

    def __init__(self, path: str):
        """Opens the log for appending, and creates it (0600) when there is none."""
        os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
        self._path = path
        self._fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def append(self, entry: dict) -> None:
        """Adds a line; it is on disk when this returns."""
        os.write(self._fd, json.dumps(entry, separators=(",", ":")).encode() + b"\n")
        os.fsync(self._fd)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other writers from starting meanwhile; ends a line that a killed writer left unfinished."""
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        try:
            size = os.fstat(self._fd).st_size
            if size and os.pread(self._fd, 1, size - 1) != b"\n":
                os.write(self._fd, b"\n")
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def next_numbers(self) -> tuple[int, int]:
        """Epoch and first sequence number of a new run. Call it while locked."""
        _, starts, stops = read(self._path)
        epoch = max((start.epoch for start in starts), default=0) + 1
        used = max((stops.get(start.epoch, start.seq_limit) for start in starts), default=0)
        return epoch, used + 1

    def close(self) -> None:
        """Closes the file."""
        os.close(self._fd)


def read(path: str) -> tuple[list[Ack], list[Start], dict[int, int]]:
    """Reads a log: blocks, starts, and the last number of each run that ended in order.

    Lines that were cut off by a kill are skipped: what is not there in full was not acknowledged.
    """
    acks: list[Ack] = []
    starts: list[Start] = []
    stops: dict[int, int] = {}
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
                if entry.get("event") == "start":
                    keys = ("epoch", "site", "firstSeq", "seqLimit", "offset")
                    starts.append(Start(*(entry[key] for key in keys)))
                elif entry.get("event") == "stop":
                    stops[entry["epoch"]] = entry["lastSeq"]
                elif "seq" in entry:
                    keys = ("seq", "offset", "sha256", "at", "epoch", "site")
                    acks.append(Ack(*(entry[key] for key in keys)))
            except (ValueError, KeyError, AttributeError):
                continue
    return acks, starts, stops
