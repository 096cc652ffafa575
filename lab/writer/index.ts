/** The lab's application writer and its verifier, as the rest of the lab and the tests use them. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { z } from "zod";
import { pythonWithRbd } from "../agent/programs/python.js";
import { labDir } from "../paths.js";
import type { SiteInfo } from "../site.js";

/** Path of the writer; its options are in its `--help`. */
export const WRITER = fileURLToPath(new URL("./writer.py", import.meta.url));
/** Path of the verifier. */
export const VERIFIER = fileURLToPath(new URL("./verify.py", import.meta.url));

/**
 * Path of a volume's acknowledgement log: one for both sites, outside both clusters.
 * @param lab name of the lab
 * @param key `namespace/name` of the claim
 */
export function ackLogPath(lab: string, key: string): string {
    return join(labDir(lab), "acks", `${key.replace("/", ".")}.jsonl`);
}

/** Exit codes of the writer. */
export const WriterExit = { stopped: 0, unusable: 2, foreignData: 3, readOnly: 4, hanging: 5 } as const;

/** Which image. */
export interface WrittenImage {
    readonly pool: string;
    readonly image: string;
    /** RADOS namespace; none by default. */
    readonly namespace?: string;
}

const blockSchema = z.object({
    /** Number of the block: never used twice for one volume, not even by two sites at once. */
    seq: z.number(),
    /** When it was acknowledged, RFC 3339. */
    at: z.string(),
    /** Which run of a writer wrote it. */
    epoch: z.number(),
    site: z.string(),
});

const verdictSchema = z.object({
    /** How many blocks the log has acknowledged, on both sites together. */
    acknowledged: z.number(),
    /** How many of them the image holds, by checksum. */
    found: z.number(),
    /** Numbers of those that it does not hold. */
    lost: z.array(z.number()),
    /** Those of the lost whose place a later run has taken: the branch that a forced failover gave up. */
    abandoned: z.array(z.number()),
    firstLost: blockSchema.nullable(),
    lastLost: blockSchema.nullable(),
    lastFound: blockSchema.nullable(),
    lastAcknowledged: blockSchema.nullable(),
    /** Seconds from the last block that survived to the last that did not, the measured RPO; 0 when none is lost. */
    lossSeconds: z.number(),
    /** What was read: the image of a primary, the newest complete mirror snapshot of a secondary. */
    source: z.object({ kind: z.string(), name: z.string(), at: z.string().optional() }),
});

/** One block, as far as a report tells of it. */
export type AcknowledgedBlock = z.infer<typeof blockSchema>;

/** Which acknowledged blocks an image holds. */
export type Verdict = z.infer<typeof verdictSchema>;

/**
 * Reads a volume's image on a site and compares it with the acknowledgement log.
 * @param site the site whose copy is read, primary or not
 * @param ref the image
 * @param ackLog path of the volume's log, `labs/<name>/acks/<namespace>.<pvc>.jsonl`
 * @param timeoutMs how long reading may take; 5 minutes by default
 * @throws Error with the verifier's reason when image or log cannot be read in that time
 */
export async function verify(
    site: Pick<SiteInfo, "site" | "ceph">,
    ref: WrittenImage,
    ackLog: string,
    timeoutMs = 300_000,
): Promise<Verdict> {
    const namespace = ref.namespace ? ["--namespace", ref.namespace] : [];
    const image = ["--conf", site.ceph.conf, "--pool", ref.pool, "--image", ref.image, ...namespace];
    const result = await execa(await pythonWithRbd(), [VERIFIER, ...image, "--log", ackLog, "--json"], {
        reject: false,
        timeout: timeoutMs,
        stdin: "ignore",
    });
    if (result.exitCode === 0 || result.exitCode === 1) {
        const verdict = verdictSchema.safeParse(parseJson(result.stdout));
        if (verdict.success) return verdict.data;
    }
    const why = result.timedOut ? `no answer in ${timeoutMs / 1000} s` : result.stderr.trim().split("\n").at(-1);
    throw new Error(`cannot verify ${ref.pool}/${ref.image} on ${site.site}: ${why || `exit code ${result.exitCode}`}`);
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
