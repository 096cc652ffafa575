/** What runs, since when, and who could reach it. */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { cephHealth } from "./ceph/index.js";
import { kubernetesReady } from "./kubernetes/index.js";
import { SITES, siteDir, type SiteName } from "./paths.js";
import { listProcesses, type ProcessInfo } from "./process.js";
import { isLoopback, listenersOf } from "../host/procfs.js";
import { readLab, type StandIn } from "./record.js";
import { readSite, siteFile } from "./site.js";

/** One process in the status. */
export interface ProcessStatus {
    readonly name: string;
    readonly pid: number;
    readonly state: ProcessInfo["state"];
    /** ISO time of its start; absent if it is dead. */
    readonly since?: string;
    /** `address:port` of each TCP listener. */
    readonly listens: readonly string[];
    readonly log: string;
}

/** One site in the status. */
export interface SiteStatus {
    readonly site: SiteName;
    readonly address: string;
    /** `running`: every process runs; `frozen`: some are frozen; `degraded`: some are dead; `stopped`: none is left. */
    readonly state: "running" | "frozen" | "degraded" | "stopped";
    readonly kubernetesReady: boolean;
    /** `HEALTH_OK` and so on, or why there is no answer. */
    readonly ceph: string;
    readonly processes: readonly ProcessStatus[];
}

/** The status of a lab. */
export interface LabStatus {
    readonly lab: string;
    /** False if there is no such lab. */
    readonly exists: boolean;
    readonly without: readonly StandIn[];
    readonly sites: readonly SiteStatus[];
    /** Listeners that other machines could reach: `site/process address:port`. */
    readonly exposed: readonly string[];
}

/** Looks at a lab. Never throws for what is down: that is what it is asked for. */
export async function labStatus(lab: string): Promise<LabStatus> {
    const record = readLab(lab);
    if (!record) return { lab, exists: false, without: [], sites: [], exposed: [] };
    const sites = await Promise.all(SITES.map((site) => siteStatus(lab, site, record.addresses[site])));
    const exposed = sites.flatMap(({ site, processes }) =>
        processes.flatMap(({ name, listens }) =>
            listens
                .filter((at) => !isLoopback(at.slice(0, at.lastIndexOf(":")).replace(/[[\]]/g, "")))
                .map((at) => `${site}/${name} ${at}`),
        ),
    );
    return { lab, exists: true, without: record.without, sites, exposed };
}

async function siteStatus(lab: string, site: SiteName, address: string): Promise<SiteStatus> {
    const dir = siteDir(lab, site);
    const found = listProcesses(dir);
    const state = stateOf(found);
    const answers = state === "running" || state === "degraded" ? await health(lab, site) : undefined;
    return {
        site,
        address,
        state,
        kubernetesReady: answers?.kubernetesReady ?? false,
        ceph: answers?.ceph ?? state,
        processes: processStatuses(dir, found),
    };
}

/** State of a site by its processes. */
export function stateOf(processes: readonly Pick<ProcessInfo, "state">[]): SiteStatus["state"] {
    const states = new Set(processes.map((found) => found.state));
    if (states.has("frozen")) return "frozen";
    if (!states.has("running")) return "stopped";
    return states.has("dead") ? "degraded" : "running";
}

function processStatuses(dir: string, found: readonly ProcessInfo[]): ProcessStatus[] {
    const listeners = listenersOf(found.filter(({ state }) => state !== "dead").map(({ pid }) => pid));
    return found
        .map((one): ProcessStatus => {
            const folder = relative(dir, one.dir).replace(/^run\/?/, "");
            const grouped =
                folder === "" || folder === "ceph" || folder === "kubernetes" ? one.name : `${folder}/${one.name}`;
            const listens = (listeners.get(one.pid) ?? []).map(({ address, port }) =>
                address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
            );
            return {
                name: grouped,
                pid: one.pid,
                state: one.state,
                since: one.since?.toISOString(),
                listens,
                log: one.log,
            };
        })
        .sort((a, b) => a.name.localeCompare(b.name));
}

async function health(lab: string, site: SiteName): Promise<{ kubernetesReady: boolean; ceph: string }> {
    if (!existsSync(siteFile(lab, site))) return { kubernetesReady: false, ceph: "not made yet" };
    const info = readSite(lab, site);
    const [ready, ceph] = await Promise.all([
        kubernetesReady({ ...info.kubernetes, node: info.node }),
        cephHealth(info.ceph.conf).then(
            ({ status, checks }) => [status, ...checks].join("; "),
            (error: Error) => error.message,
        ),
    ]);
    return { kubernetesReady: ready, ceph };
}
