/** A lane: a volume and a pair of stacks of its own, on clusters that all lanes share. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { Ledger } from "../../lab/demo/ledger.js";
import type { ReportedLoss } from "../../lab/demo/loss.js";
import { writePrivate } from "../../host/files.js";
import { kubeconfigFile, labDir, readSite, SITES, type SiteName } from "../../lab/index.js";
import type { ImageRef } from "../../dr/model.js";
import type { PulumiCli } from "../../lab/program/pulumi-cli.js";
import { openWorkspace } from "../../lab/program/workspace.js";
import { ApiProxy } from "./api-proxy.js";
import { NO_WRITES, type Writes } from "./model.js";

/** Seconds that a lane's stacks wait: short, so that what cannot be done is known soon. */
const PATIENCE = { quiesceTimeout: "90s", handoverTimeout: "90s", resyncTimeout: "10m", provisionerTimeout: "5m" };

/** One lane. */
export interface Lane {
    readonly name: string;
    readonly lab: string;
    readonly cli: PulumiCli;
    /** `namespace/name` of its claim. */
    readonly volume: string;
    readonly ledger: Ledger;
    /** The operator's line to each site's API server. */
    readonly lines: Readonly<Record<SiteName, ApiProxy>>;
    /** The image, once it is known. */
    image?: ImageRef;
    /** A site that is declared lost, and has not given its copy up yet: two primaries are then what was asked for. */
    lost?: SiteName;
    /** What the preview of the forced promotion said. */
    report?: ReportedLoss;
    /** What the last look at all acknowledged writes came to. */
    writes: Writes;
}

/**
 * Opens a lane; nothing is brought up yet.
 *
 * @param platform the lane's stacks install Rook, pool and mirroring too; the others find them there
 */
export async function openLane(lab: string, platform: boolean): Promise<Lane> {
    const name = freeName(lab, platform);
    const dir = join(labDir(lab), "lanes", name);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const lines = {
        cluster1: await ApiProxy.to(readSite(lab, "cluster1").kubernetes.server),
        cluster2: await ApiProxy.to(readSite(lab, "cluster2").kubernetes.server),
    };
    const kubeconfig = join(dir, "kubeconfig");
    writeKubeconfig(lab, kubeconfig, lines);
    // The platform outlives the process that made it, and its lines with it.
    const own = platform ? {} : { manage: [], storageClass: name, replicationClass: name, kubeconfig };
    const cli = await openWorkspace(lab, {
        folder: join("lanes", name),
        volumes: [{ name: "data", namespace: name, size: "1Gi" }],
        settings: { ...PATIENCE, ...own },
    });
    const volume = `${name}/data`;
    return { name, lab, cli, volume, ledger: new Ledger(lab, volume), lines, writes: NO_WRITES };
}

/** Lets go of a lane. Its folder stays, for a look at what it did; its application is stopped. */
export async function closeLane(lane: Lane): Promise<void> {
    for (const site of SITES) {
        lane.lines[site].set({ delayMs: 0 });
        const { kubeconfig, context } = readSite(lane.lab, site).kubernetes;
        const access = ["--kubeconfig", kubeconfig, "--context", context, "--request-timeout=10s"];
        const scale = ["-n", lane.name, "scale", "deployment", "--all", "--replicas=0"];
        await execa("kubectl", [...access, ...scale], { env: lane.cli.env, reject: false });
        await lane.lines[site].close();
    }
}

/** Names are never used twice in a lab: what a lane leaves behind belongs to it. */
function freeName(lab: string, platform: boolean): string {
    if (platform) return "platform";
    for (let n = 1; ; n++) if (!existsSync(join(labDir(lab), "lanes", `lane${n}`))) return `lane${n}`;
}

interface Kubeconfig {
    readonly contexts: readonly { readonly name: string; readonly context: { readonly cluster: string } }[];
    readonly clusters: readonly { readonly name: string; readonly cluster: { server: string } }[];
}

/** The lab's kubeconfig, with each site at the end of the lane's own line. */
function writeKubeconfig(lab: string, file: string, lines: Lane["lines"]): void {
    const config = parse(readFileSync(kubeconfigFile(lab), "utf8")) as Kubeconfig;
    for (const site of SITES) {
        const { context } = readSite(lab, site).kubernetes;
        const name = config.contexts.find((c) => c.name === context)?.context.cluster;
        const cluster = config.clusters.find((c) => c.name === name);
        if (cluster === undefined) throw new Error(`${kubeconfigFile(lab)} has no cluster for ${context}.`);
        cluster.cluster.server = lines[site].url;
    }
    writePrivate(file, stringify(config));
}
