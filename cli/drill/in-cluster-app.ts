/**
 * The program's own demo application as a drill's: acknowledgements are the lines of its pods' logs, and what a volume holds
 * is asked of the same pods. Logs go with their pods, so they are followed all the time and kept beside the drill.
 */
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { PassThrough } from "node:stream";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { DEMO_CONTAINER, demoLabels, verifyCommand } from "../../components/demo-app/index.js";
import type { SiteConfig } from "../../config.js";
import { claimOf } from "../../dr/facts.js";
import { connect, within, type Cluster } from "../../observe/cluster.js";
import { inPod } from "../../observe/rbd.js";
import { CliError } from "../errors.js";
import type { AckedWrite } from "../report/record.js";
import type { DrillApp, Verified } from "./app.js";

/** Seconds that reading one volume back may take. */
const VERIFY_TIMEOUT = 900;

/** Seconds after which a log that has ended is looked for again: its pod may have a successor. */
const AGAIN = 1;

const ackLine = z.looseObject({
    seq: z.number().int().nonnegative(),
    at: z.iso.datetime(),
    site: z.string(),
    sha256: z.string(),
});

/** An acknowledgement with what the block must be. */
export type KeptAck = AckedWrite & { readonly sha256: string };

/** A way to the pods of one site. */
export interface SitePods {
    readonly site: string;
    /** Names of a volume's pods that run. */
    running(volume: string): Promise<string[]>;
    /** Follows a pod's log from its beginning until it ends or the signal is aborted. */
    follow(volume: string, pod: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
    /** Runs the verifier in a pod; undefined when it did not end well. */
    digests(volume: string, pod: string): Promise<string | undefined>;
}

/** Keeps acknowledgements: each once, in the order in which they were read, in memory and in a file. */
export class AckKeeper {
    private readonly kept = new Map<string, KeptAck>();

    constructor(private readonly file: string) {
        mkdirSync(dirname(file), { recursive: true });
        for (const line of readOld(file)) this.remember(JSON.parse(line) as KeptAck);
    }

    /** Takes a line of a log; what is no acknowledgement is passed over. */
    take(volume: string, line: string): void {
        const ack = ackLine.safeParse(parseJson(line));
        if (!ack.success) return;
        const { seq, site, sha256 } = ack.data;
        const kept = { volume, seq, at: new Date(ack.data.at).toISOString(), site, sha256 };
        if (this.remember(kept)) appendFileSync(this.file, `${JSON.stringify(kept)}\n`);
    }

    all(): KeptAck[] {
        return [...this.kept.values()];
    }

    private remember(ack: KeptAck): boolean {
        const key = `${ack.volume} ${ack.seq}`;
        if (this.kept.has(key)) return false;
        this.kept.set(key, ack);
        return true;
    }
}

/** Compares what was acknowledged with the verifier's lines, `NUMBER SHA256`. */
export function missingOf(acks: readonly KeptAck[], digests: string): number[] {
    const found = new Map(
        digests.split("\n").flatMap((line) => {
            const [seq, sha256] = line.trim().split(" ");
            return seq !== undefined && sha256 !== undefined ? [[Number(seq), sha256] as const] : [];
        }),
    );
    return acks.filter((ack) => found.get(ack.seq) !== ack.sha256).map((ack) => ack.seq);
}

/**
 * Begins to follow the demo applications of both sites.
 *
 * @param file where acknowledgements are kept
 */
export function inClusterApp(volumes: readonly string[], sites: readonly SitePods[], file: string): DrillApp {
    const keeper = new AckKeeper(file);
    const ended = new AbortController();
    const following = sites.flatMap((pods) => volumes.map((volume) => followSite(pods, volume, keeper, ended.signal)));
    return {
        description: "the program's demo application: numbered, checksummed, flushed blocks, one file a volume",
        volumes,
        acknowledgements: () => Promise.resolve(keeper.all()),
        verify: async (site) => {
            const pods = sites.find((each) => each.site === site)!;
            const results: Verified[] = [];
            for (const volume of volumes) {
                const acks = keeper.all().filter((ack) => ack.volume === volume);
                const digests = await digestsOf(pods, volume);
                const lost = missingOf(acks, digests);
                results.push({ volume, site, at: new Date().toISOString(), acknowledged: acks.length, lost });
            }
            return results;
        },
        close: async () => {
            ended.abort();
            await Promise.all(following);
        },
    };
}

async function digestsOf(pods: SitePods, volume: string): Promise<string> {
    const [pod] = await pods.running(volume);
    if (pod === undefined)
        throw new CliError(
            "unfinished",
            `No pod of ${volume}'s demo application runs on ${pods.site}: it cannot be read.`,
        );
    const digests = await pods.digests(volume, pod);
    if (digests === undefined)
        throw new CliError(
            "unfinished",
            `Pod ${pod} on ${pods.site} did not say what ${volume} holds. Run the same command again.`,
        );
    return digests;
}

/** Never fails: a site that does not answer says nothing, and is asked again. */
async function followSite(pods: SitePods, volume: string, keeper: AckKeeper, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
        for (const pod of await pods.running(volume).catch(() => []))
            await pods.follow(volume, pod, (line) => keeper.take(volume, line), signal).catch(() => undefined);
        await sleep(AGAIN * 1000, undefined, { signal }).catch(() => undefined);
    }
}

/** The pods of a site, through its API server. */
export function podsOf(config: SiteConfig): SitePods {
    const cluster: Cluster = connect(config.access);
    return {
        site: config.intent.site,
        running: async (volume) => {
            const { namespace, name } = claimOf(volume);
            const labelSelector = Object.entries(demoLabels(name))
                .map(([key, value]) => `${key}=${value}`)
                .join(",");
            const list = await within(
                cluster.core.listNamespacedPod({ namespace, labelSelector }),
                `pods of ${volume}`,
            );
            return list.items.flatMap((pod) => (pod.status?.phase === "Running" ? [pod.metadata!.name!] : []));
        },
        follow: (volume, pod, onLine, signal) => followLog(cluster, claimOf(volume).namespace, pod, onLine, signal),
        digests: async (volume, pod) => {
            const where = {
                name: pod,
                namespace: claimOf(volume).namespace,
                container: DEMO_CONTAINER,
                seconds: VERIFY_TIMEOUT,
            };
            const { exitCode, stdout } = await inPod(cluster, where, verifyCommand());
            return exitCode === 0 ? stdout : undefined;
        },
    };
}

async function followLog(
    cluster: Cluster,
    namespace: string,
    pod: string,
    onLine: (line: string) => void,
    signal: AbortSignal,
): Promise<void> {
    const stream = new PassThrough();
    const request = await within(
        cluster.log.log(namespace, pod, DEMO_CONTAINER, stream, { follow: true }),
        `the log of ${pod}`,
    );
    const stop = () => {
        request.abort();
        stream.end();
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
        for await (const line of createInterface({ input: stream })) onLine(line);
    } finally {
        signal.removeEventListener("abort", stop);
    }
}

function readOld(file: string): string[] {
    try {
        const text = readFileSync(file, "utf8");
        return text
            .slice(0, text.lastIndexOf("\n") + 1)
            .split("\n")
            .filter((line) => line !== "");
    } catch {
        return [];
    }
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
