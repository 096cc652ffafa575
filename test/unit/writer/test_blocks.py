"""Block format, log and verdict. Run by writer.test.ts, or by hand: python3 -m unittest discover test/unit/writer"""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "lab", "writer"))

import acklog  # noqa: E402
import block as blocks  # noqa: E402
import verify  # noqa: E402

VOLUME = blocks.volume_digest("csi-vol-1")


def block(seq=1, epoch=1, site="cluster1"):
    return blocks.Block(VOLUME, site, b"w" * 16, epoch, seq, 123, blocks.random_payload())


class BlockFormat(unittest.TestCase):
    def test_round_trip(self):
        data = blocks.encode(block(seq=2**40, site="cluster2"))
        self.assertEqual(len(data), blocks.BLOCK_SIZE)
        found = blocks.decode(data, VOLUME)
        self.assertEqual((found.seq, found.epoch, found.site, found.time_ns), (2**40, 1, "cluster2", 123))

    def test_no_byte_can_change_unseen(self):
        data = blocks.encode(block())
        for position in list(range(140)) + [500, blocks.BLOCK_SIZE - 1]:
            broken = bytearray(data)
            broken[position] ^= 1
            self.assertIsNone(blocks.decode(bytes(broken), VOLUME), position)

    def test_another_volume_is_not_this_one(self):
        self.assertIsNone(blocks.decode(blocks.encode(block()), blocks.volume_digest("csi-vol-2")))

    def test_half_a_block_and_nothing(self):
        self.assertIsNone(blocks.decode(blocks.encode(block())[:2048], VOLUME))
        self.assertIsNone(blocks.decode(b"\0" * blocks.BLOCK_SIZE, VOLUME))


class Log(unittest.TestCase):
    def setUp(self):
        self.path = os.path.join(tempfile.mkdtemp(), "acks", "default.pvc.jsonl")
        self.log = acklog.AckLog(self.path)
        self.addCleanup(self.log.close)

    def start(self, epoch, first, limit, offset=0):
        entry = {"event": "start", "epoch": epoch, "site": "a", "firstSeq": first, "seqLimit": limit, "offset": offset}
        self.log.append(entry)

    def numbers(self):
        with self.log.locked():
            return self.log.next_numbers()

    def test_only_the_owner_reads_it(self):
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)

    def test_a_run_that_ended_in_order_is_continued(self):
        self.assertEqual(self.numbers(), (1, 1))
        self.start(1, 1, 100)
        self.log.append({"event": "stop", "epoch": 1, "lastSeq": 42, "reason": "stopped", "at": acklog.now()})
        self.assertEqual(self.numbers(), (2, 43))

    def test_numbers_of_a_run_that_may_still_write_are_left_alone(self):
        self.start(1, 1, 100)
        self.assertEqual(self.numbers(), (2, 101))
        self.start(2, 101, 200)
        self.assertEqual(self.numbers(), (3, 201))

    def test_a_line_cut_off_by_a_kill_is_no_acknowledgement(self):
        ack = {"seq": 1, "offset": 0, "sha256": "x", "at": acklog.now(), "epoch": 1, "site": "a"}
        self.log.append(ack)
        with open(self.path, "a") as file:
            file.write('{"seq":2,"off')
        with self.log.locked():
            pass
        self.log.append(ack | {"seq": 3})
        acks, _, _ = acklog.read(self.path)
        self.assertEqual([entry.seq for entry in acks], [1, 3])


class Verdict(unittest.TestCase):
    def ack(self, seq, offset, at, epoch=1):
        return acklog.Ack(seq, offset, f"sum{seq}", f"2026-01-01T00:00:{at:06.3f}Z", epoch, "a")

    def test_nothing_acknowledged(self):
        result = verify.compare([], [], {}, set())
        self.assertEqual((result["acknowledged"], result["found"], result["lossSeconds"]), (0, 0, 0.0))
        self.assertIsNone(result["lastFound"])

    def test_the_tail_is_lost(self):
        acks = [self.ack(1, 0, 1), self.ack(2, 4096, 2), self.ack(3, 8192, 3.5)]
        result = verify.compare(acks, [], {0: "sum1"}, {1})
        self.assertEqual((result["lost"], result["abandoned"], result["lossSeconds"]), ([2, 3], [], 2.5))
        self.assertEqual((result["firstLost"]["seq"], result["lastFound"]["seq"]), (2, 1))

    def test_a_block_overwritten_by_a_later_branch_is_lost_and_abandoned(self):
        acks = [self.ack(1, 0, 1), self.ack(2, 4096, 2), self.ack(3, 8192, 3), self.ack(10, 4096, 9, epoch=2)]
        starts = [acklog.Start(1, "a", 1, 9, 0), acklog.Start(2, "b", 10, 20, 4096)]
        new_branch = verify.compare(acks, starts, {0: "sum1", 4096: "sum10"}, {1, 2})
        self.assertEqual((new_branch["lost"], new_branch["abandoned"]), ([2, 3], [2, 3]))
        self.assertEqual(new_branch["lossSeconds"], 2.0)
        old_branch = verify.compare(acks, starts, {0: "sum1", 4096: "sum2", 8192: "sum3"}, {1})
        self.assertEqual((old_branch["lost"], old_branch["abandoned"]), ([10], []))

    def test_a_hole_in_the_middle_is_seen(self):
        acks = [self.ack(1, 0, 1), self.ack(2, 4096, 2), self.ack(3, 8192, 3)]
        result = verify.compare(acks, [], {0: "sum1", 8192: "sum3"}, {1})
        self.assertEqual((result["lost"], result["lossSeconds"]), ([2], 1.0))


if __name__ == "__main__":
    unittest.main()
