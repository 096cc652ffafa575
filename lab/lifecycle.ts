/** One site of the lab: bring up, stop, freeze, thaw. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cephRecover, cephUp, type CephArgs, type CephCluster } from "./ceph/index.js";
import { kubernetesUp, writeKubeconfig, type KubernetesArgs } from "./kubernetes/index.js";
import { REPO_ROOT, SITES, labDir, siteDir, type SiteName } from "./paths.js";
import {
    killAll,
    listProcesses,
    logFile,
    logTail,
    processPid,
    processState,
    signalAll,
    startProcess,
    stopProcess,
} from "./process.js";
import { readLab, type LabRecord } from "./record.js";
import { readSite, writeSite, type SiteInfo } from "./site.js";
import { waitFor } from "./wait.js";

/** Called with a line of progress. */
export type Progress = (line: string) => void;

/** Path of the lab's kubeconfig, with the contexts of both sites. */
export function kubeconfigFile(lab: string): string {
    return join(labDir(lab), "kubeconfig");
}

/** Folders of a site's parts. */
export function siteParts(
    lab: string,
    site: SiteName,
    record: LabRecord,
): { ceph: CephArgs; kubernetes: KubernetesArgs; runDir: string } {
    const dir = siteDir(lab, site);
    const runDir = join(dir, "run");
    return {
        runDir,
        ceph: { dir: join(dir, "ceph"), runDir: join(runDir, "ceph"), address: record.addresses[site] },
        kubernetes: { dir: join(dir, "kubernetes"), runDir: join(runDir, "kubernetes"), name: site },
    };
}

/**
 * Brings a site up, whatever state it is in: made, started, repaired or thawed. Changes nothing where all runs.
 * @param onProgress called when a part serves.
 * @throws what the part that failed said.
 */
export async function siteUp(lab: string, site: SiteName, onProgress: Progress = () => undefined): Promise<SiteInfo> {
    const record = requireLab(lab);
    const parts = siteParts(lab, site, record);
    const dir = siteDir(lab, site);
    if (listProcesses(dir).some((found) => found.state === "frozen")) {
        onProgress(`${site}: was frozen, thawing`);
        await siteThaw(lab, site);
    }
    const began = Date.now();
    const report = (part: string): void =>
        onProgress(`${site}: ${part} serves (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    const [ceph, kubernetes] = await Promise.all([
        cephUp(parts.ceph).then((made) => (report("Ceph"), made)),
        kubernetesUp(parts.kubernetes).then((made) => (report("Kubernetes"), made)),
    ]);
    const siteConfigs = SITES.map((name) =>
        join(siteDir(lab, name), "kubernetes", "clusters", name, "kubeconfig.yaml"),
    );
    writeKubeconfig(kubeconfigFile(lab), siteConfigs, `kwok-${SITES[0]}`);
    const { context, server, caFile, node } = kubernetes;
    const info: SiteInfo = {
        lab,
        site,
        dir,
        address: record.addresses[site],
        ceph: cephInfo(ceph),
        kubernetes: { kubeconfig: kubeconfigFile(lab), context, server, caFile },
        node,
    };
    writeSite(info);
    await agentUp(info, record);
    report("all of it");
    return info;
}

function cephInfo({ conf, keyring, fsid, monEndpoint }: CephCluster): SiteInfo["ceph"] {
    return { conf, keyring, fsid, monEndpoint };
}

/** Kills every process of a site in one go by SIGKILL, as a power cut would. The data stays. */
export async function siteStop(lab: string, site: SiteName): Promise<void> {
    requireLab(lab);
    await killAll(siteDir(lab, site));
}

/**
 * Puts a new, empty site in the place of one: every process is killed, all data is gone, and another Kubernetes cluster and
 * another Ceph cluster (with another fsid and other keys) are made on the same address.
 */
export async function siteRebuild(
    lab: string,
    site: SiteName,
    onProgress: Progress = () => undefined,
): Promise<SiteInfo> {
    requireLab(lab);
    const dir = siteDir(lab, site);
    await killAll(dir);
    rmSync(dir, { recursive: true, force: true });
    onProgress(`${site}: wiped`);
    return siteUp(lab, site, onProgress);
}

/** Stops every process of a site in its tracks (SIGSTOP): half-dead, with its sockets open. */
export async function siteFreeze(lab: string, site: SiteName): Promise<void> {
    requireLab(lab);
    const dir = siteDir(lab, site);
    if (!listProcesses(dir).some((found) => found.state !== "dead")) {
        throw new Error(
            `${site} is not running: there is nothing to freeze. Start it with \`npm run lab -- start ${site}\`.`,
        );
    }
    // Twice: a process that was being forked at the first time is there at the second.
    signalAll(dir, "SIGSTOP");
    signalAll(dir, "SIGSTOP");
}

/** Lets a frozen site go on, and makes its Ceph serve again. */
export async function siteThaw(lab: string, site: SiteName): Promise<void> {
    const parts = siteParts(lab, site, requireLab(lab));
    const dir = siteDir(lab, site);
    if (!listProcesses(dir).some((found) => found.state === "frozen")) return;
    signalAll(dir, "SIGCONT");
    const cephRuns = ["ceph-mon", "ceph-mgr", "ceph-osd"].every(
        (name) => processState(parts.ceph.runDir, name) === "running",
    );
    if (cephRuns) await cephRecover(parts.ceph, readSite(lab, site).ceph.conf);
}

/**
 * The record of a lab.
 * @throws if there is no such lab.
 */
export function requireLab(lab: string): LabRecord {
    const record = readLab(lab);
    if (!record) throw new Error(`There is no lab "${lab}". Bring it up with \`npm run lab -- up\`.`);
    return record;
}

const AGENT = join(REPO_ROOT, "lab", "agent", "main.ts");

/** The site agent is started last, and again if it is to leave other parts out than before. */
async function agentUp(site: SiteInfo, record: LabRecord): Promise<void> {
    if (!existsSync(AGENT)) return;
    const dir = join(site.dir, "run");
    const without = record.without.length > 0 ? ["--without", record.without.join(",")] : [];
    const args = ["--import", "tsx", AGENT, "--site-dir", site.dir, ...without];
    const running = listProcesses(dir).find(
        (found) => found.name === "agent" && found.dir === dir && found.state === "running",
    );
    if (running && running.command.slice(1).join("\0") !== args.join("\0")) await stopProcess(dir, "agent");
    const ready = join(dir, "agent.ready");
    if (!processPid(dir, "agent")) rmSync(ready, { force: true });
    const pid = await startProcess({ name: "agent", command: process.execPath, args, dir, cwd: REPO_ROOT });
    await waitFor(async () => (existsSync(ready) && Number(readFileSync(ready, "utf8")) === pid ? true : undefined), {
        what: `the agent of ${site.site}`,
        timeoutMs: 120_000,
        check: () => {
            if (processState(dir, "agent") === "running") return;
            throw new Error(`The agent of ${site.site} has ended. Its last words:\n${logTail(logFile(dir, "agent"))}`);
        },
    });
}
