/** One measured move: steady before, every acknowledged write read back after. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { readAcks, waitForAcks } from "../lab/demo/acks.js";
import { labDir, SITES, type SiteName } from "../lab/index.js";
import { ackLogPath, verify } from "../lab/writer/index.js";
import { TIMINGS_VARIABLE } from "../timings.js";
import type { Arena, Contender } from "./contenders/contender.js";
import { load } from "./machine.js";
import { readMarks } from "./marks.js";
import { outageOf, rto, type Outage } from "./outage.js";
import { phasesOf } from "./phases.js";
import type { Leg } from "./results.js";
import { waitReplaying } from "./steady.js";
import { Timeline } from "./timeline.js";
import type { Usage } from "./usage.js";
import { keyOf } from "./volumes.js";

/** Writes on each written volume before a move begins, so that there is something to lose. */
const WRITES = 40;

/**
 * Moves a contender's volumes, measures it, and says in a line what came of it.
 *
 * @param move carries the move out
 * @throws Error when the move fails, or a written volume is not written again within five minutes of it
 */
export async function measureLeg(
    arena: Arena,
    contender: Contender,
    direction: Leg["direction"],
    from: SiteName,
    to: SiteName,
    move: () => Promise<Usage>,
): Promise<Leg> {
    const images = await contender.images();
    const written = contender.volumes.filter((v) => v.written);
    const logs = written.map((v) => ackLogPath(arena.lab, keyOf(v)));
    await waitReplaying(arena.site(to), [...images.values()]);
    await Promise.all(logs.map((log) => waitForAcks(log, from, WRITES, 180)));

    const marks = join(labDir(arena.lab), "timings.jsonl");
    await rm(marks, { force: true });
    process.env[TIMINGS_VARIABLE] = marks;
    const timeline = new Timeline();
    await timeline.start(SITES.map(arena.site), contender.volumes[0]!.namespace);
    const before = { load: load(), began: Date.now() };
    let usage, outages;
    try {
        usage = await move();
        outages = await waitWritten(logs, to, before.began);
    } finally {
        delete process.env[TIMINGS_VARIABLE];
    }
    const edges = [...timeline.stop(), ...(await readMarks(marks))];
    const leg: Leg = {
        direction,
        began: new Date(before.began).toISOString(),
        rto: rto(outages),
        ...(await readBack(arena, contender, images, to)),
        ...usage,
        stateBytes: await contender.stateBytes(),
        load: before.load,
        phases: phasesOf(edges, outages),
    };
    arena.say(
        `${contender.name} ${direction}: RTO ${leg.rto.toFixed(1)} s, ${leg.lost} of ${leg.acknowledged} writes lost, load ${leg.load.toFixed(1)}`,
    );
    return leg;
}

/** Waits for the first write of each volume on the new site. */
async function waitWritten(logs: readonly string[], to: SiteName, since: number, seconds = 300): Promise<Outage[]> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const outages = await Promise.all(logs.map(async (log) => outageOf(await readAcks(log), to, since)));
        const silent = logs.filter((_, i) => outages[i] === undefined);
        if (silent.length === 0) return outages as Outage[];
        if (Date.now() > end) throw new Error(`Waited ${seconds} s for writes on ${to}; none in ${silent.join(", ")}.`);
        await sleep(200);
    }
}

/** Every acknowledged write of every volume, looked for on the site that is primary now. */
async function readBack(
    arena: Arena,
    contender: Contender,
    images: Awaited<ReturnType<Contender["images"]>>,
    on: SiteName,
): Promise<Pick<Leg, "rpo" | "acknowledged" | "lost">> {
    const limit = pLimit(2);
    const verdicts = await Promise.all(
        contender.volumes.map((volume) =>
            limit(() => verify(arena.site(on), images.get(keyOf(volume))!, ackLogPath(arena.lab, keyOf(volume)))),
        ),
    );
    return {
        rpo: Math.max(...verdicts.map((v) => v.lossSeconds)),
        acknowledged: verdicts.reduce((sum, v) => sum + v.acknowledged, 0),
        lost: verdicts.reduce((sum, v) => sum + v.lost.length, 0),
    };
}
