/** What must hold, whatever has happened: each breach is a line in words. */
import { CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import { waitForAcks } from "../../lab/demo/acks.js";
import { REPLICATION_API } from "../../observe/lists.js";
import type { ImageRef } from "../../dr/model.js";
import type { Account } from "../../lab/demo/ledger.js";
import { judgeLoss } from "../../lab/demo/loss.js";
import { SITES, type SiteName } from "../../lab/paths.js";
import { imageOf, imageSeen } from "../../lab/program/images.js";
import { waitMirrored } from "../../lab/program/mirrored.js";
import { readSite } from "../../lab/site.js";
import { other } from "./conditions/condition.js";
import type { Lane } from "./lane.js";

/** Seconds in which an application that is to run must have written. */
const APPLICATION = 120;

/** A site serves: its image alone is primary, the application writes, and nothing that was acknowledged is missing. */
export async function serves(lane: Lane, site: SiteName): Promise<string[]> {
    lane.image ??= await imageOf(readSite(lane.lab, site), lane.volume);
    return [
        ...(await attempt(() => waitForAcks(lane.ledger.log, site, 3, APPLICATION))),
        ...(await primaryIs(lane, site)),
        ...(await replicationIs(lane, site, "Primary")),
        ...(await writesAreThere(lane, site)),
    ];
}

/** The other site receives: its image replays, and its VolumeReplication says that it is a secondary, if it has one. */
export async function receives(lane: Lane, site: SiteName): Promise<string[]> {
    return [
        ...(await attempt(() => waitMirrored(readSite(lane.lab, site), lane.image!, 180))),
        ...(await replicationIs(lane, site, "Secondary")),
    ];
}

/** A site has handed over: no image is primary, and what was acknowledged will be looked for on the other site. */
export async function handedOver(lane: Lane, site: SiteName): Promise<string[]> {
    return [...(await primaryIs(lane, undefined)), ...(await replicationIs(lane, site, "Secondary"))];
}

/** After a forced promotion: what is missing is what the preview named, and nothing older. */
export async function lossIsDeclared(lane: Lane, site: SiteName): Promise<string[]> {
    const breaches = [
        ...(await attempt(() => waitForAcks(lane.ledger.log, site, 3, APPLICATION))),
        ...(await replicationIs(lane, site, "Primary")),
    ];
    if (lane.report === undefined) return [...breaches, "the preview did not say what may be lost"];
    const account = await lane.ledger.check(site);
    const verdict = judgeLoss(lane.report, account);
    note(lane, account, { inWindow: account.newlyLost.length });
    if (!verdict.nothingOlder) breaches.push("writes are missing that are older than the time that the preview named");
    if (account.lossSeconds > lane.report.seconds)
        breaches.push(
            `${account.lossSeconds.toFixed(1)} s of writes are missing, and the preview said at most ${lane.report.seconds.toFixed(1)} s`,
        );
    const foreign = account.newlyLost.filter((ack) => ack.site !== other(site));
    if (foreign.length > 0) breaches.push(`${foreign.length} writes of ${site} itself are missing`);
    return breaches;
}

/** After a resync: the other site's writes are whole; those that the returned site made alone are gone, as declared. */
export async function onlyStraysDiscarded(lane: Lane, gaveUp: SiteName): Promise<string[]> {
    const account = await lane.ledger.check(other(gaveUp));
    const foreign = account.newlyLost.filter((ack) => ack.site !== gaveUp);
    note(lane, account, { discarded: account.newlyLost.length - foreign.length });
    return foreign.length === 0 ? [] : [`${foreign.length} writes of ${other(gaveUp)} are missing after the resync`];
}

/** After a take-down: the primary's image stays, with every write. */
export async function keepsItsData(lane: Lane, site: SiteName): Promise<string[]> {
    return writesAreThere(lane, site, lane.image);
}

function note(lane: Lane, account: Account, lost: { inWindow?: number; discarded?: number } = {}): void {
    lane.writes = {
        acknowledged: account.acknowledged,
        found: account.found,
        inWindow: lane.writes.inWindow + (lost.inWindow ?? 0),
        discarded: lane.writes.discarded + (lost.discarded ?? 0),
    };
}

async function writesAreThere(lane: Lane, site: SiteName, image?: ImageRef): Promise<string[]> {
    const account = await lane.ledger.check(site, image);
    note(lane, account);
    const { newlyLost } = account;
    const first = newlyLost[0];
    if (first === undefined) return [];
    return [
        `${newlyLost.length} acknowledged writes are missing on ${site}, the first of ${first.at} from ${first.site}`,
    ];
}

/** Looks at both images with `rbd info`. @param site the one that is to be primary; undefined for none */
async function primaryIs(lane: Lane, site: SiteName | undefined): Promise<string[]> {
    const breaches: string[] = [];
    for (const each of SITES) {
        const image = await imageSeen(readSite(lane.lab, each), lane.image!);
        if (image === undefined) breaches.push(`Ceph of ${each} does not answer`);
        else if (image.primary !== (each === site))
            breaches.push(`the image on ${each} is ${image.primary ? "" : "not "}primary`);
    }
    return breaches;
}

interface RawVr {
    readonly metadata: { readonly generation: number; readonly deletionTimestamp?: string };
    readonly status?: {
        readonly state?: string;
        readonly observedGeneration?: number;
        readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
}

/** The VolumeReplication says what it is to say, of its newest spec, within a minute; on a site that never had one none is fine. */
async function replicationIs(lane: Lane, site: SiteName, state: "Primary" | "Secondary"): Promise<string[]> {
    let seen = "";
    for (let i = 0; i < 60; i++) {
        const vr = await readVr(lane, site);
        if (vr === undefined) return state === "Primary" ? [`there is no VolumeReplication on ${site}`] : [];
        const is = (type: string) => vr.status?.conditions?.find((c) => c.type === type)?.status;
        seen = `${vr.status?.state}, Completed=${is("Completed")}, Degraded=${is("Degraded")}`;
        const current = vr.status?.observedGeneration === vr.metadata.generation;
        const well = is("Completed") === "True" && (state === "Secondary" || is("Degraded") === "False");
        if (vr.metadata.deletionTimestamp !== undefined) seen = "it is being deleted";
        else if (vr.status?.state === state && current && well) return [];
        await sleep(1000);
    }
    return [`the VolumeReplication on ${site} is not ${state}: ${seen}`];
}

async function readVr(lane: Lane, site: SiteName): Promise<RawVr | undefined> {
    const { kubeconfig, context } = readSite(lane.lab, site).kubernetes;
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    config.setCurrentContext(context);
    const [namespace, name] = lane.volume.split("/") as [string, string];
    const list = (await config.makeApiClient(CustomObjectsApi).listNamespacedCustomObject({
        ...REPLICATION_API,
        namespace,
        plural: "volumereplications",
    })) as { items: (RawVr & { metadata: { name: string } })[] };
    return list.items.find((vr) => vr.metadata.name === name);
}

async function attempt(check: () => Promise<unknown>): Promise<string[]> {
    try {
        await check();
        return [];
    } catch (error) {
        return [error instanceof Error ? error.message : String(error)];
    }
}
