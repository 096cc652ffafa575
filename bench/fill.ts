/** Gives every volume that nobody writes something to lose. */
import { execa } from "execa";
import pLimit from "p-limit";
import { pythonWithRbd } from "../lab/agent/programs/python.js";
import { readAcks } from "../lab/demo/acks.js";
import { ackLogPath, WRITER } from "../lab/writer/index.js";
import { SITES } from "../lab/index.js";
import type { Arena, Contender } from "./contenders/contender.js";
import { keyOf } from "./volumes.js";

/** Blocks of 4 KiB that an idle volume holds. */
const BLOCKS = 16;

/**
 * Writes a few acknowledged blocks to each idle volume that has none yet, and has each volume's image sent to the other site:
 * one that was protected before the sites were peers is copied from the next mirror snapshot on, which its schedule may
 * take an hour to make.
 */
export async function fillIdle(arena: Arena, contender: Contender): Promise<void> {
    const images = await contender.images();
    const python = await pythonWithRbd();
    const limit = pLimit(4);
    const idle = contender.volumes.filter((v) => !v.written);
    const { conf } = arena.site(SITES[0]).ceph;
    await Promise.all(
        idle.map((volume) =>
            limit(async () => {
                const log = ackLogPath(arena.lab, keyOf(volume));
                if ((await readAcks(log)).length >= BLOCKS) return;
                const ref = images.get(keyOf(volume));
                if (ref === undefined) throw new Error(`${keyOf(volume)} has no image`);
                await execa(
                    python,
                    [
                        ...[WRITER, "--conf", conf, "--pool", ref.pool, "--image", ref.image],
                        ...["--log", log, "--site", SITES[0], "--rate", "0", "--blocks", String(BLOCKS)],
                    ],
                    { stdin: "ignore", timeout: 120_000 },
                );
            }),
        ),
    );
    await Promise.all(
        [...images.values()].map((ref) =>
            limit(() => execa("rbd", ["--conf", conf, "mirror", "image", "snapshot", `${ref.pool}/${ref.image}`])),
        ),
    );
}
