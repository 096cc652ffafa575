/**
 * The way back: a person who knows nothing but the texts. They type what a refusal's `next` says, choosing among its lines,
 * until one site serves and the other follows.
 */
import type { Refusal } from "../../../../dr/model.js";
import { contains } from "./ceph.js";
import { typeLine } from "./typist.js";
import { settle, type Walk } from "./walk.js";
import { KEYS, SITES } from "./world.js";

/** Everything works again, and both sites can be looked at; runs that were under way are killed and their locks cleared. */
export function mend({ w, stacks, sight }: Walk): void {
    sight.peerContext = true;
    w.link = true;
    for (const s of [0, 1]) {
        w.sites[s]!.up = w.sites[s]!.mirror = true;
        w.sites[s]!.csi = "runs";
        stacks[s]!.run = undefined;
        for (const vr of w.sites[s]!.vr) if (vr !== undefined) vr.idle = false;
    }
    settle(w, 3);
}

/** What keeps the sites from being healthy; undefined when one serves everything and the other follows. */
export function ailment({ w, stacks }: Walk): string | undefined {
    const p = [0, 1].find((s) => stacks[s]!.outputs?.replicationState === "primary" && stacks[s]!.state === "primary");
    if (p === undefined) return "no site is primary";
    const [own, peer] = [w.sites[p]!, w.sites[1 - p]!];
    if (stacks[1 - p]!.state !== "secondary") return `${SITES[1 - p]} is not asked to be secondary`;
    for (let v = 0; v < KEYS.length; v++) {
        if (own.vr[v]?.state !== "primary" || !own.images[v]?.primary)
            return `${KEYS[v]} is not primary on ${SITES[p]}`;
        if (!own.pods[v]) return `the application of ${KEYS[v]} does not run`;
        const copy = peer.images[v];
        if (copy === undefined || copy.primary || copy.resync) return `${KEYS[v]} has no second copy`;
        if (copy.status !== "up+replaying" || !contains(own.images[v]!.snap, copy.snap))
            return `${KEYS[v]} is not replayed: ${copy.status}`;
        if (peer.vr[v] !== undefined && peer.vr[v]!.state !== "secondary")
            return `${SITES[1 - p]}'s VR of ${KEYS[v]} asks ${peer.vr[v]!.state}`;
        if (peer.vr[v]?.auto) return `${SITES[1 - p]}'s VR of ${KEYS[v]} has autoResync`;
        if ((w.acked[v]! & ~w.excused[v]! & ~own.images[v]!.data) !== 0) return `${KEYS[v]} lost a write`;
    }
    return undefined;
}

/**
 * Follows the texts until all is well.
 *
 * @param keep the site that is to serve, at first
 * @param pick chooses among lines
 * @returns what was typed and what came of it; the last entry tells whether it ended well
 */
export function recover(walk: Walk, keep: number, pick: (n: number) => number): { healthy: boolean; log: string[] } {
    mend(walk);
    const log: string[] = [];
    for (let round = 0; round < 70; round++) {
        if (ailment(walk) === undefined) return { healthy: true, log };
        // What was left out for the time being is put back.
        for (const stack of walk.stacks) stack.names.fill(true);
        // Whoever gets nowhere with one site tries the other: some copies are simply not there to be promoted.
        const serving = round < 20 || round >= 45 ? keep : 1 - keep;
        const [s, state] = round % 2 === 0 ? [serving, "primary"] : [1 - serving, "secondary"];
        const refusal = type(
            walk,
            `pulumi config set replicationState ${state} -s ${SITES[s]} && pulumi up -s ${SITES[s]}`,
            log,
        );
        if (refusal !== undefined) follow(walk, refusal, pick, log, 0);
        settle(walk.w, 3);
    }
    log.push(`still: ${ailment(walk)}`);
    return { healthy: false, log };
}

/** Types one line of a refusal's advice, and follows what that leads to, not too deep. */
function follow(walk: Walk, refusal: Refusal, pick: (n: number) => number, log: string[], depth: number): void {
    log.push(`  refused: ${refusal.code}`);
    if (depth > 3) return;
    const line = refusal.next[pick(refusal.next.length)]!;
    const further = type(walk, line, log);
    if (further !== undefined) follow(walk, further, pick, log, depth + 1);
}

/** Types a line; an `up` that gets nowhere leaves what its plan said, which is followed like a refusal. */
function type(walk: Walk, line: string, log: string[]): Refusal | undefined {
    const ended = typeLine(walk, line, log);
    if (ended === undefined || ended === "done") return undefined;
    if (ended !== "timed out") return ended;
    const next = walk.stacks.find((stack) => stack.ended === "killed")?.next ?? [];
    return { kind: "refusal", code: "PEER_NOT_HANDED_OVER", reason: "timed out", seen: [], next };
}
