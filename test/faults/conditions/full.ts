/** A Ceph cluster that is full: its full ratio is set below what it holds. */
import { ceph } from "../../../lab/ceph/cli.js";
import type { SiteName } from "../../../lab/paths.js";
import { readSite } from "../../../lab/site.js";
import { waitFor } from "../../../lab/wait.js";

/** Ceph's own ratios. */
const USUAL = { nearfull: 0.85, backfillfull: 0.9, full: 0.95 };
/** Less than what an OSD takes for itself. */
const NOTHING = { nearfull: 0.0001, backfillfull: 0.0002, full: 0.0003 };

/** Makes a site's Ceph full, and waits until it says so. */
export async function fill(lab: string, site: SiteName): Promise<void> {
    const conf = readSite(lab, site).ceph.conf;
    await setRatios(conf, NOTHING, ["nearfull", "backfillfull", "full"]);
    await waitFull(conf, true);
}

/** Gives the space back, and waits until Ceph takes writes. */
export async function unfill(lab: string, site: SiteName): Promise<void> {
    const conf = readSite(lab, site).ceph.conf;
    // From the top: a ratio must not be above the next one.
    await setRatios(conf, USUAL, ["full", "backfillfull", "nearfull"]);
    await waitFull(conf, false);
}

async function setRatios(conf: string, ratios: typeof USUAL, order: readonly (keyof typeof USUAL)[]): Promise<void> {
    for (const name of order) await ceph(conf, ["osd", `set-${name}-ratio`, String(ratios[name])]);
}

interface Health {
    readonly checks: Readonly<Record<string, unknown>>;
}

async function waitFull(conf: string, wanted: boolean): Promise<void> {
    await waitFor(
        async () => {
            const { checks } = (await ceph(conf, ["health"])) as Health;
            if ("OSD_FULL" in checks === wanted) return true;
            throw new Error(`health checks: ${Object.keys(checks).join(", ") || "none"}`);
        },
        { what: `Ceph to be ${wanted ? "" : "no longer "}full`, timeoutMs: 90_000, intervalMs: 1000 },
    );
}
