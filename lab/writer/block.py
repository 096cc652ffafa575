"""The numbered block: what the writer appends and the verifier looks for."""

import hashlib
import os
import struct
from dataclasses import dataclass

BLOCK_SIZE = 4096
MAGIC = b"RBDDRBLK"
VERSION = 1
# magic, version, site, volume digest, writer id, epoch, sequence number, time in ns, payload digest
_HEADER = struct.Struct("<8sH30s32s16sQQQ32s")
PAYLOAD_SIZE = BLOCK_SIZE - _HEADER.size


@dataclass(frozen=True)
class Block:
    """One block. `writer` is unique to one run of the writer, `epoch` numbers the runs, `seq` never repeats."""

    volume: bytes
    site: str
    writer: bytes
    epoch: int
    seq: int
    time_ns: int
    payload: bytes


def volume_digest(volume: str) -> bytes:
    """What blocks carry of a volume's name, so that another volume's data is never taken for this one's."""
    return hashlib.sha256(volume.encode()).digest()


def encode(block: Block) -> bytes:
    """The block's 4096 bytes."""
    if len(block.payload) != PAYLOAD_SIZE:
        raise ValueError(f"payload has {len(block.payload)} bytes instead of {PAYLOAD_SIZE}")
    header = _HEADER.pack(
        MAGIC,
        VERSION,
        block.site.encode()[:30],
        block.volume,
        block.writer,
        block.epoch,
        block.seq,
        block.time_ns,
        # The header is under the checksum, too: a block is good as a whole or not at all.
        b"\0" * 32,
    )
    digest = hashlib.sha256(header + block.payload).digest()
    return header[:-32] + digest + block.payload


def decode(data: bytes, volume: bytes) -> Block | None:
    """The block in 4096 bytes; None when they are no good block of this volume."""
    if len(data) != BLOCK_SIZE or not data.startswith(MAGIC):
        return None
    magic, version, site, found, writer, epoch, seq, time_ns, digest = _HEADER.unpack_from(data)
    payload = data[_HEADER.size :]
    plain = data[: _HEADER.size - 32] + b"\0" * 32
    if version != VERSION or found != volume or hashlib.sha256(plain + payload).digest() != digest:
        return None
    return Block(found, site.rstrip(b"\0").decode(errors="replace"), writer, epoch, seq, time_ns, payload)


def random_payload() -> bytes:
    """Bytes that no other block has."""
    return os.urandom(PAYLOAD_SIZE)


def checksum(data: bytes) -> str:
    """What the acknowledgement log says of a block: SHA-256 of all its bytes, in hex."""
    return hashlib.sha256(data).hexdigest()
