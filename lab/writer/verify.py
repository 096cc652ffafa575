#!/usr/bin/env python3
"""Says which acknowledged blocks of a volume an image holds, on either site.

A block is found when the image has, at the offset of the acknowledgement, bytes with the checksum of the
acknowledgement. Of a secondary the newest complete mirror snapshot is read. Exit codes: 0 all found, 1 some lost,
2 the image or the log cannot be read. `abandoned` names those of the lost blocks whose place a later run has taken: that
is so after a forced failover, where the loss was declared; anywhere else it is a loss like any other.
"""

import argparse
import json
import sys
from datetime import datetime

import backend as backends
import block as blocks
from acklog import Ack, Start, read


def digests(image: backends.Backend, end: int, volume: bytes) -> tuple[dict[int, str], set[int]]:
    """Checksums of the image's good blocks by offset, and the epochs that they are of."""
    found: dict[int, str] = {}
    epochs: set[int] = set()
    for start, data in backends.chunks(image, min(end, image.size)):
        for offset in range(0, len(data) - blocks.BLOCK_SIZE + 1, blocks.BLOCK_SIZE):
            piece = data[offset : offset + blocks.BLOCK_SIZE]
            good = blocks.decode(piece, volume)
            if good:
                found[start + offset] = blocks.checksum(piece)
                epochs.add(good.epoch)
    return found, epochs


def is_abandoned(ack: Ack, starts: list[Start], held: set[int]) -> bool:
    """True when a later run, whose blocks this image holds, went on before this block: that branch was given up."""
    return any(start.epoch > ack.epoch and start.epoch in held and start.offset <= ack.offset for start in starts)


def brief(ack: Ack | None) -> dict | None:
    """What is told of a block."""
    return ack and {"seq": ack.seq, "at": ack.at, "epoch": ack.epoch, "site": ack.site}


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one time of the log to another."""
    parse = lambda text: datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((parse(later) - parse(earlier)).total_seconds(), 3)


def loss_seconds(kept: list[Ack], first_lost: Ack | None, last_lost: Ack | None) -> float:
    """The measured RPO: seconds from the last block that survived to the last that did not."""
    if not first_lost or not last_lost:
        return 0.0
    before = [ack.at for ack in kept if ack.at <= first_lost.at]
    return seconds_between(max(before, default=first_lost.at), last_lost.at)


def compare(acks: list[Ack], starts: list[Start], found: dict[int, str], held: set[int]) -> dict:
    """The verdict on an image."""
    lost = [ack for ack in acks if found.get(ack.offset) != ack.sha256]
    abandoned = [ack for ack in lost if is_abandoned(ack, starts, held)]
    missing = set(lost)
    kept = [ack for ack in acks if ack not in missing]
    first_lost = min(lost, key=lambda ack: ack.at, default=None)
    last_lost = max(lost, key=lambda ack: ack.at, default=None)
    return {
        "acknowledged": len(acks),
        "found": len(kept),
        "lost": [ack.seq for ack in lost],
        "abandoned": [ack.seq for ack in abandoned],
        "firstLost": brief(first_lost),
        "lastLost": brief(last_lost),
        "lastFound": brief(max(kept, key=lambda ack: ack.at, default=None)),
        "lastAcknowledged": brief(max(acks, key=lambda ack: ack.at, default=None)),
        "lossSeconds": loss_seconds(kept, first_lost, last_lost),
    }


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="say which acknowledged blocks an image holds")
    backends.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    if not options.file and not options.image:
        parser.error("give --conf, --pool and --image, or --file")
    return options


def fail(text: str) -> None:
    """Ends with the reason on standard error."""
    print(text, file=sys.stderr)
    sys.exit(2)


def main() -> None:
    """Compares and prints."""
    options = parse()
    # The log first: blocks acknowledged while the image is being read are not asked of it.
    try:
        acks, starts, _ = read(options.log)
    except OSError as error:
        fail(f"cannot read the acknowledgement log {options.log}: {error.strerror}")
    try:
        image = backends.open_backend(options, read_only=True)
    except backends.BackendError as error:
        fail(str(error))
    try:
        end = max((ack.offset for ack in acks), default=-blocks.BLOCK_SIZE) + blocks.BLOCK_SIZE
        volume = blocks.volume_digest(backends.volume_name(options))
        result = compare(acks, starts, *digests(image, end, volume)) | {"source": image.source}
    finally:
        image.close()
    if options.json:
        print(json.dumps(result))
    else:
        print(f"{result['source']['name']} ({result['source']['kind']}):", end=" ")
        print(f"{result['found']} of {result['acknowledged']} acknowledged blocks found, {len(result['lost'])} lost", end="")
        print(f" ({len(result['abandoned'])} of them on a branch that was given up)" if result["abandoned"] else "")
        for name in ("firstLost", "lastLost", "lastFound"):
            if result[name]:
                print(f"  {name}: block {result[name]['seq']} at {result[name]['at']} on {result[name]['site']}")
    sys.exit(1 if result["lost"] else 0)


if __name__ == "__main__":
    main()
