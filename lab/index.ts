/** The lab as a library: two sites on one machine. The command line (`lab/cli.ts`) is a thin shell on this. */
import { rmSync } from "node:fs";
import { SITES, checkSiteName, labDir, labsDir, siteDir } from "./paths.js";
import { privateDir } from "../host/files.js";
import { requireLab, siteUp, type Progress } from "./lifecycle.js";
import * as lifecycle from "./lifecycle.js";
import { withLock } from "./lock.js";
import { ensurePackages } from "./packages.js";
import { killAll } from "./process.js";
import { checkStandIns, freeAddresses, readLab, writeLab } from "./record.js";
import { type SiteInfo } from "./site.js";
import { ensureToolchain } from "./toolchain/ensure.js";

export { kubeconfigFile, type Progress } from "./lifecycle.js";
export { labDir, labName, SITES, type SiteName } from "./paths.js";
export { STAND_INS, type StandIn } from "./record.js";
export { readSite, type SiteInfo } from "./site.js";
export { labStatus, type LabStatus, type SiteStatus } from "./status.js";
export { ensureToolchain } from "./toolchain/ensure.js";
export { moduleDir, toolPath, toolchainBin } from "./toolchain/index.js";

/** What to bring up. */
export interface LabUpArgs {
    /** Name of the lab. */
    readonly lab: string;
    /** Parts to leave out (`STAND_INS`); default: as at the last `up`, none at the first. */
    readonly without?: readonly string[];
    /** Called with a line of progress. */
    readonly onProgress?: Progress;
}

/**
 * Brings both sites up: makes, starts, repairs or thaws what is needed, and changes nothing where all runs.
 * @returns both sites, cluster1 first.
 * @throws if this machine cannot run the lab, or with what a part said that failed.
 */
export async function labUp({ lab, without, onProgress = () => undefined }: LabUpArgs): Promise<SiteInfo[]> {
    if (process.platform !== "linux") {
        throw new Error(
            `The lab needs Linux (loopback addresses, /proc, Ceph's daemons); this is ${process.platform}.`,
        );
    }
    const leaveOut = without && checkStandIns(without);
    checkPathLength(lab);
    await ensurePackages(onProgress);
    await ensureToolchain(onProgress);
    return locked(lab, onProgress, async () => {
        await withLock(labsDir(), async () => {
            const record = readLab(lab) ?? { addresses: await freeAddresses(), without: [] };
            privateDir(labDir(lab));
            writeLab(lab, { ...record, without: leaveOut ?? record.without });
        });
        return Promise.all(SITES.map((site) => siteUp(lab, site, onProgress)));
    });
}

/** A unix socket's path may have 107 bytes, and `run/<pod>/<name>.sock` comes on top of a site's folder. */
const LONGEST_SITE_DIR = 70;

function checkPathLength(lab: string): void {
    const dir = siteDir(lab, SITES[0]);
    if (Buffer.byteLength(dir) <= LONGEST_SITE_DIR) return;
    throw new Error(
        `The lab's folder ${dir} is too deep: sockets below it would have names longer than Linux allows. ` +
            `Set XDG_CACHE_HOME to a shorter path (the site's folder may have ${LONGEST_SITE_DIR} bytes).`,
    );
}

/** Ends every process of a lab and removes its folder. A lab that does not exist is fine. The toolchain stays. */
export async function labDown(lab: string, onProgress: Progress = () => undefined): Promise<void> {
    await locked(lab, onProgress, async () => {
        await Promise.all(SITES.map((site) => killAll(siteDir(lab, site))));
        await killAll(labDir(lab));
        rmSync(labDir(lab), { recursive: true, force: true });
    });
}

/** Kills every process of a site in one go, as a power cut would. The data stays for `siteStart`. */
export async function siteStop(lab: string, site: string): Promise<void> {
    await lifecycle.siteStop(lab, checkSiteName(site));
}

/** Brings a stopped (or half-dead, or frozen) site back, with the data it had. */
export async function siteStart(lab: string, site: string, onProgress: Progress = () => undefined): Promise<SiteInfo> {
    requireLab(lab);
    return locked(lab, onProgress, () => siteUp(lab, checkSiteName(site), onProgress));
}

/** Puts a new, empty site in the place of one whose data is lost for good. The lab's address of it stays. */
export async function siteRebuild(
    lab: string,
    site: string,
    onProgress: Progress = () => undefined,
): Promise<SiteInfo> {
    requireLab(lab);
    return locked(lab, onProgress, () => lifecycle.siteRebuild(lab, checkSiteName(site), onProgress));
}

/** Freezes every process of a site (SIGSTOP): its sockets stay open and nothing answers. */
export async function siteFreeze(lab: string, site: string): Promise<void> {
    await lifecycle.siteFreeze(lab, checkSiteName(site));
}

/** Lets a frozen site go on, and waits until its Ceph serves again. */
export async function siteThaw(lab: string, site: string): Promise<void> {
    await lifecycle.siteThaw(lab, checkSiteName(site));
}

/** One `up`, `start` or `down` of a lab at a time. */
function locked<T>(lab: string, onProgress: Progress, body: () => Promise<T>): Promise<T> {
    const onWait = (holder: string): void => onProgress(`lab ${lab} is being changed by ${holder}; waiting`);
    return withLock(labDir(lab), body, { onWait });
}
