/** Every condition: what befalls a site, its Ceph, its rbd-mirror, or the operator's line to it. */
import { markedPids } from "../../../lab/process.js";
import { siteDir, type SiteName } from "../../../lab/paths.js";
import { siteFreeze, siteStart, siteStop, siteThaw } from "../../../lab/index.js";
import { fill, unfill } from "./full.js";
import { changeKey, restoreKey } from "./token.js";
import type { Condition } from "./condition.js";

/** Power goes, and comes back. */
export const stopped: Condition = {
    name: "site-stopped",
    title: "site stopped (SIGKILL of everything), started again",
    siteWide: true,
    from: "under way",
    lasts: 30,
    inject: ({ lab }, site) => siteStop(lab, site),
    mend: async ({ lab }, site) => void (await siteStart(lab, site)),
};

/** Half-dead: every socket stays open, and nothing answers. */
export const frozen: Condition = {
    name: "site-frozen",
    title: "site frozen (SIGSTOP), thawed",
    siteWide: true,
    from: "under way",
    lasts: 45,
    inject: ({ lab }, site) => siteFreeze(lab, site),
    mend: ({ lab }, site) => siteThaw(lab, site),
};

/** The daemon dies; the kubelet starts it again. */
export const mirrorKilled: Condition = {
    name: "mirror-killed",
    title: "rbd-mirror killed",
    siteWide: true,
    from: "under way",
    lasts: 300,
    inject: ({ lab }, site) => signalMirror(lab, site, "SIGKILL"),
    mend: () => Promise.resolve(),
};

/** The daemon hangs until somebody sees to it. */
export const mirrorHung: Condition = {
    name: "mirror-hung",
    title: "rbd-mirror hung (SIGSTOP), continued",
    siteWide: true,
    from: "under way",
    lasts: 300,
    inject: ({ lab }, site) => signalMirror(lab, site, "SIGSTOP"),
    mend: ({ lab }, site) => signalMirror(lab, site, "SIGCONT"),
};

async function signalMirror(lab: string, site: SiteName, signal: NodeJS.Signals): Promise<void> {
    const pids = markedPids(siteDir(lab, site), "rbd-mirror");
    if (pids.length === 0 && signal !== "SIGCONT") throw new Error(`no rbd-mirror runs on ${site}`);
    for (const pid of pids) process.kill(pid, signal);
}

/** The other site's token no longer opens this one's Ceph: it was made anew, and nobody told. */
export const wrongToken: Condition = {
    name: "wrong-token",
    title: "wrong peer token (the key in it is not the user's any more)",
    siteWide: true,
    from: "start",
    lasts: 300,
    inject: ({ lab }, site) => changeKey(lab, site),
    mend: ({ lab }, site) => restoreKey(lab, site),
};

/** No byte more can be written. */
export const full: Condition = {
    name: "ceph-full",
    title: "Ceph full",
    siteWide: true,
    from: "start",
    lasts: 300,
    inject: ({ lab }, site) => fill(lab, site),
    mend: ({ lab }, site) => unfill(lab, site),
};

/** Each answer takes long. */
export const apiSlow: Condition = {
    name: "api-slow",
    title: "API server slow (400 ms each way)",
    siteWide: false,
    from: "start",
    lasts: 600,
    inject: async ({ lane }, site) => lane.lines[site].set({ delayMs: 400 }),
    mend: async ({ lane }, site) => lane.lines[site].set({ delayMs: 0 }),
};

/** The operator's line is down; the sites are well. */
export const apiCut: Condition = {
    name: "api-cut",
    title: "API server out of reach for the operator",
    siteWide: false,
    from: "under way",
    lasts: 30,
    inject: async ({ lane }, site) => lane.lines[site].set("cut"),
    mend: async ({ lane }, site) => lane.lines[site].set({ delayMs: 0 }),
};
