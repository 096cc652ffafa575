#!/usr/bin/env python3
"""The lab's application: appends numbered, checksummed blocks to a volume and logs each acknowledgement.

A block counts as acknowledged once it is written, flushed, and its line is on disk in the log. On SIGTERM no new block is
begun. Exit codes: 0 stopped in order; 2 the image or its cluster cannot be used; 3 the image holds something else;
4 the image became read-only (demoted); 5 stopped while a write was hanging.
"""

import argparse
import os
import signal
import sys
import threading
import time
import uuid

import backend as backends
import block as blocks
from acklog import AckLog, now

EXIT_OK, EXIT_UNUSABLE, EXIT_FOREIGN, EXIT_READ_ONLY, EXIT_HANGING = 0, 2, 3, 4, 5


def say(text: str) -> None:
    """A line of the process's own log."""
    print(f"{now()} {text}", flush=True)


class ForeignDataError(Exception):
    """The image holds data, and none of it is this volume's."""


def last_block(image: backends.Backend, volume: bytes) -> tuple[int, blocks.Block | None]:
    """Offset after the last good block, and that block. Raises ForeignDataError."""
    end = image.used_end()
    for start in range((end - 1) // backends.CHUNK * backends.CHUNK, -1, -backends.CHUNK):
        data = image.read(start, min(backends.CHUNK, end - start))
        for offset in range(len(data) // blocks.BLOCK_SIZE * blocks.BLOCK_SIZE - blocks.BLOCK_SIZE, -1, -blocks.BLOCK_SIZE):
            found = blocks.decode(data[offset : offset + blocks.BLOCK_SIZE], volume)
            if found:
                return start + offset + blocks.BLOCK_SIZE, found
    for _, data in backends.chunks(image, end):
        if data.strip(b"\0"):
            raise ForeignDataError
    return 0, None


class Writer:
    """One run of the writer."""

    def __init__(self, options: argparse.Namespace):
        self._options = options
        self._stop = threading.Event()
        self._id = uuid.uuid4()
        self._volume = blocks.volume_digest(backends.volume_name(options))
        self.doing = "opening the image"

    def stop(self) -> None:
        """Begins no further block."""
        self._stop.set()

    def run(self) -> int:
        """Writes until stopped; returns the exit code."""
        options = self._options
        try:
            image = backends.open_backend(options, read_only=False)
        except backends.ReadOnlyError as error:
            return self._end(EXIT_READ_ONLY, f"the image is read-only: {error}")
        except backends.BackendError as error:
            return self._end(EXIT_UNUSABLE, str(error))
        log = AckLog(options.log)
        try:
            return self._write_all(image, log)
        except backends.ReadOnlyError as error:
            return self._end(EXIT_READ_ONLY, f"the image became read-only (demoted, or this client was shut out): {error}")
        except backends.BackendError as error:
            return self._end(EXIT_UNUSABLE, str(error))
        except ForeignDataError:
            name = backends.volume_name(options)
            return self._end(EXIT_FOREIGN, f"the image holds data that are not blocks of volume {name}: not touched")
        finally:
            log.close()
            image.close()

    def _end(self, code: int, text: str) -> int:
        say(f"ended: {text}")
        return code

    def _wait_for_lock(self, image: backends.Backend) -> None:
        """Waits while another client holds the exclusive lock.

        librbd would ask a living owner for it, and get it: two writers would overwrite each other. A killed writer's
        lock stays for about 30 s.
        """
        self.doing = "waiting for the image's lock"
        deadline = time.monotonic() + self._options.lock_timeout
        said = False
        while not self._stop.is_set() and (owner := image.lock_owner()):
            if time.monotonic() > deadline:
                raise backends.BackendError(f"another client, {owner}, has held the image's lock too long")
            if not said:
                say(f"waiting for the image's lock, held by {owner}")
                said = True
            self._stop.wait(1)

    def _write_all(self, image: backends.Backend, log: AckLog) -> int:
        self._wait_for_lock(image)
        self.doing = "looking for the last block"
        offset, last = last_block(image, self._volume)
        limit = self._options.blocks or image.size // blocks.BLOCK_SIZE
        with log.locked():
            epoch, seq = log.next_numbers()
            # A log that was lost must not make numbers repeat.
            epoch, seq = max(epoch, last.epoch + 1 if last else 0), max(seq, last.seq + 1 if last else 0)
            site, start = self._options.site, {"event": "start", "epoch": epoch, "site": self._options.site}
            room = (image.size - offset) // blocks.BLOCK_SIZE
            start |= {"writer": str(self._id), "firstSeq": seq, "seqLimit": seq + room - 1, "offset": offset, "at": now()}
            log.append(start)
        after = f"after block {last.seq} of epoch {last.epoch} ({last.site})" if last else "on an empty image"
        say(f"epoch {epoch} on {site or 'an unnamed site'} starts {after}: block {seq} at offset {offset}, room for {room}")
        due = time.monotonic()
        written = 0
        while not self._stop.is_set() and offset + blocks.BLOCK_SIZE <= image.size and written < limit:
            data = blocks.encode(
                blocks.Block(self._volume, site, self._id.bytes, epoch, seq, time.time_ns(), blocks.random_payload())
            )
            self.doing = f"writing block {seq}"
            image.write(offset, data)
            image.flush()
            ack = {"seq": seq, "offset": offset, "sha256": blocks.checksum(data), "at": now(), "epoch": epoch, "site": site}
            log.append(ack)
            seq, offset, written = seq + 1, offset + blocks.BLOCK_SIZE, written + 1
            self.doing = "waiting for the next block's time"
            if self._options.rate > 0:
                # A block that was late does not make the following ones hurry.
                due = max(due + 1 / self._options.rate, time.monotonic() - 1 / self._options.rate)
                self._stop.wait(max(0.0, due - time.monotonic()))
        full = offset + blocks.BLOCK_SIZE > image.size
        reason = "stopped" if self._stop.is_set() else "full" if full else "all asked for are written"
        log.append({"event": "stop", "epoch": epoch, "lastSeq": seq - 1, "reason": reason, "at": now()})
        if full and not self._stop.is_set() and not self._options.blocks:
            say(f"the image is full after {written} blocks: writing no more, waiting to be stopped")
            self._stop.wait()
        say(f"{reason} after {written} blocks; last block {seq - 1}")
        return EXIT_OK


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="append numbered, checksummed blocks to a volume")
    backends.add_arguments(parser)
    parser.add_argument("--site", default="", help="name of the site, for blocks and log")
    parser.add_argument("--rate", type=float, default=20.0, help="blocks a second, 0 for no limit (default: 20)")
    parser.add_argument("--blocks", type=int, default=0, help="end after so many blocks (default: go on)")
    parser.add_argument("--lock-timeout", type=float, default=60.0, help="seconds to wait for the image's lock")
    parser.add_argument("--grace", type=float, default=10.0, help="seconds that a stop waits for a hanging write")
    options = parser.parse_args()
    if not options.file and not options.image:
        parser.error("give --conf, --pool and --image, or --file")
    if options.rate < 0:
        parser.error(f"--rate {options.rate}: must not be negative")
    return options


def main() -> None:
    """Runs the writer in a thread of its own: librbd's calls cannot be interrupted by a signal."""
    options = parse()
    writer = Writer(options)
    result: list[int] = []
    asked = threading.Event()
    ended = threading.Event()

    def work() -> None:
        try:
            result.append(writer.run())
        finally:
            ended.set()

    def on_signal(number: int, _frame) -> None:
        if not asked.is_set():
            say(f"{signal.Signals(number).name}: stopping")
        asked.set()
        writer.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    threading.Thread(target=work, daemon=True).start()
    deadline = None
    while not ended.wait(0.2):
        if asked.is_set():
            deadline = deadline or time.monotonic() + options.grace
            if time.monotonic() > deadline:
                say(f"ended: still {writer.doing} {options.grace:g} s after the stop; that block is not acknowledged")
                sys.stdout.flush()
                os._exit(EXIT_HANGING)
    sys.stdout.flush()
    os._exit(result[0] if result else 1)


if __name__ == "__main__":
    main()
