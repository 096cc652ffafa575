/** How one volume stands on both sites, and what is wrong with it. */
import type { ImageSnapshot, VolumeKey, VolumeSnapshot } from "../../dr/model.js";
import { holdsAnything, volumeIn } from "../../dr/facts.js";
import { neverComplete } from "../../dr/guards/promotion.js";
import { recordedGroup, recordedState } from "../../dr/groups/split.js";
import { describeProgress, usersOf } from "../../dr/seen.js";
import { formatSeconds, fromEpoch, secondsBetween } from "../../dr/time.js";
import { servesUnprotected } from "../../dr/unprotected.js";
import {
    asksPrimary,
    asksResync,
    handedOver,
    imageInSplitBrain,
    mirrorDown,
    replaying,
    vrInSplitBrain,
    vrPhase,
} from "../../dr/vr-status.js";
import type { SiteSeen } from "./model.js";
import { gravest, type Finding, type VolumeStatus } from "./schema.js";

/** Multiples of the scheduling interval at which a copy that lags is worth a word, and an alarm. */
const WARN_AT = 2;
const ALARM_AT = 3;

/** What a volume's copies are judged by. */
interface Clock {
    readonly now: string;
    /** Seconds between two mirror snapshots; 0 where it is not known. */
    readonly interval: number;
}

/** One site's side of a volume. */
interface Side {
    readonly site: string;
    readonly seen: SiteSeen;
    /** Undefined where the site was not observed. */
    readonly volume?: VolumeSnapshot;
    /** Primary by its image; by its VR where the image cannot be looked at. */
    readonly primary: boolean;
    /** In use there, though nothing replicates it: what a primary is once its VR was deleted by hand. */
    readonly unprotected: boolean;
}

/** Judges a volume. */
export function judgeVolume(
    key: VolumeKey,
    sites: readonly [SiteSeen, SiteSeen],
    clock: Clock,
): { status: VolumeStatus; findings: Finding[] } {
    const sides = sites.map((seen) => sideOf(key, seen, sites));
    const primary = sides.filter((side) => side.primary);
    const copies = sides.filter((side) => !side.primary);
    const lastSync = newest(sides, key);
    const rpoSeconds =
        primary.length === 1 || sides.some((s) => s.volume === undefined)
            ? secondsBetween(lastSync ?? "", clock.now)
            : undefined;
    const findings = [
        ...roleFindings(key, sides, primary),
        ...primary.flatMap((side) => primaryFindings(key, side)),
        ...copies.flatMap((side) =>
            side.unprotected ? [unprotectedFinding(key, side, primary)] : copyFindings(key, side, primary.length > 0),
        ),
        ...lagFindings(key, rpoSeconds, clock),
    ];
    return {
        findings,
        status: {
            key,
            level: gravest(findings.map((f) => f.level)),
            primary: primary.map(({ site }) => site),
            lastSync,
            rpoSeconds,
            state: stateOf(sides, primary, copies),
            sites: Object.fromEntries(
                sides.flatMap(({ site, volume }) => (volume === undefined ? [] : [[site, onSite(volume)]])),
            ),
        },
    };
}

/** What a cluster's copies are, all together. */
export function liveRole(seen: SiteSeen, keys: readonly VolumeKey[]) {
    const { snapshot } = seen;
    if (snapshot.reach !== "observed") return "unknown" as const;
    const held = keys.flatMap((key) => snapshot.volumes[key] ?? []).filter((v) => holdsAnything(v) || hasCopy(v));
    const roles = new Set(held.map((v) => roleOf(seen, v)));
    if (roles.size === 0) return "empty" as const;
    return roles.size === 1 ? [...roles][0]! : ("mixed" as const);
}

/** Kubernetes holds nothing of a copy that has never been primary. */
function hasCopy({ image }: VolumeSnapshot): boolean {
    return image?.exists === true && image.mirroring === "enabled";
}

function roleOf(seen: SiteSeen, volume: VolumeSnapshot): "primary" | "secondary" | "resync" | "unprotected" {
    if (isPrimary(volume)) return "primary";
    if (isUnprotected(seen, volume, [seen])) return "unprotected";
    return volume.vr !== undefined && asksResync(volume.vr) ? "resync" : "secondary";
}

function isPrimary({ image, vr }: VolumeSnapshot): boolean {
    if (image !== undefined) return image.exists && image.mirroring === "enabled" && image.primary;
    return vr?.status.state === "Primary";
}

/** Whether this is a volume that some stack has replicated; what nobody has protected yet, or has the name alone, lacks nothing. */
function isReplicated({ key, pvc }: VolumeSnapshot, sites: readonly SiteSeen[]): boolean {
    const records = sites.flatMap(({ outputs }) =>
        outputs.found === "outputs" ? (outputs.outputs.records[key] ?? []) : [],
    );
    if (records.length === 0) return sites.some(({ snapshot }) => volumeIn(snapshot, key)?.vr !== undefined);
    return records.some((record) => record.pv.metadata.name === pvc?.volumeName);
}

function isUnprotected({ outputs }: SiteSeen, volume: VolumeSnapshot, sites: readonly SiteSeen[]): boolean {
    if (isPrimary(volume) || !isReplicated(volume, sites)) return false;
    const group = outputs.found === "outputs" ? recordedGroup(outputs.outputs, volume.key) : undefined;
    const left = outputs.found === "outputs" && group !== undefined ? recordedState(outputs.outputs, group) : undefined;
    return servesUnprotected(volume, left === "primary");
}

function sideOf(key: VolumeKey, seen: SiteSeen, sites: readonly SiteSeen[]): Side {
    const { snapshot, intent } = seen;
    const volume = volumeIn(snapshot, key);
    const primary = volume !== undefined && isPrimary(volume);
    const unprotected = volume !== undefined && isUnprotected(seen, volume, sites);
    return { site: intent.site, seen, volume, primary, unprotected };
}

/** The newest snapshot that both sites are known to hold, from whoever knows. */
function newest(sides: readonly Side[], key: VolumeKey): string | undefined {
    const times = sides.flatMap(({ primary, volume, seen }) => {
        // What a copy has is the copy's to say; a primary's own snapshots say nothing of what has arrived elsewhere.
        const local = primary ? undefined : volume?.image?.sync?.localSnapshotTimestamp;
        const recorded = seen.outputs.found === "outputs" ? seen.outputs.outputs.lastSync[key] : undefined;
        return [local === undefined ? undefined : fromEpoch(local), volume?.vr?.status.lastSyncTime, recorded];
    });
    const known = times.flatMap((time) => (time === undefined ? [] : [Date.parse(time)])).filter(Number.isFinite);
    return known.length === 0 ? undefined : new Date(Math.max(...known)).toISOString();
}

function roleFindings(key: VolumeKey, sides: readonly Side[], primary: readonly Side[]): Finding[] {
    const about = { volumes: [key], next: [] };
    if (primary.length > 1)
        return [
            {
                ...about,
                level: "critical",
                code: "two-primaries",
                text: "it is primary on both sites: they write apart",
            },
        ];
    const allSeen = sides.every((side) => side.volume !== undefined);
    const held = sides.some((side) => side.volume?.vr !== undefined);
    // Whoever uses it unprotected writes all the same.
    if (primary.length > 0 || !allSeen || !held || sides.some((side) => side.unprotected)) return [];
    const text = sides.some(({ volume }) => volume?.vr !== undefined && handedOver(volume.vr))
        ? "it is demoted on both sites and handed over: nothing can write until one of them is primary"
        : "it is primary on neither site: nothing can write";
    return [{ ...about, level: "warning", code: "no-primary", text }];
}

/** As grave as a copy that lags without end: what is written there reaches nobody, and the copy went when mirroring ended. */
function unprotectedFinding(key: VolumeKey, { site, volume }: Side, primary: readonly Side[]): Finding {
    const image = volume?.image === undefined ? "its image cannot be looked at" : "its image is not mirrored";
    const users = usersOf(volume!).join(", ");
    const both = primary.map((side) => `; ${side.site} is primary, so that two sites serve`).join("");
    const text = `it is not protected: ${site} uses it (${users}), no VolumeReplication there replicates it, and ${image}${both}`;
    return { level: "critical", code: "unprotected", site, volumes: [key], text, next: [] };
}

function primaryFindings(key: VolumeKey, { site, volume }: Side): Finding[] {
    const about = { site, volumes: [key], next: [] };
    const vr = volume?.vr;
    if (vr === undefined)
        return [
            {
                ...about,
                level: "warning",
                code: "no-vr",
                text: `its image is primary on ${site}, and no VolumeReplication there replicates it`,
            },
        ];
    const phase = vrPhase(vr);
    if (phase === "promoted" || !asksPrimary(vr)) return [];
    return [
        {
            ...about,
            level: "warning",
            code: "not-promoted",
            text: `its VolumeReplication on ${site} is ${phase}: ${vr.status.message || "the controller says nothing yet"}`,
        },
    ];
}

function copyFindings(key: VolumeKey, { site, volume }: Side, hasPrimary: boolean): Finding[] {
    if (volume === undefined) return [];
    const { image, vr } = volume;
    const about = { site, volumes: [key], next: [] };
    if (imageInSplitBrain(image) || vrInSplitBrain(vr)) {
        const text = `its copy on ${site} is in split brain and receives nothing`;
        return [{ ...about, level: "critical", code: "split-brain", text }];
    }
    if (!hasPrimary) return [];
    if (image === undefined) return [];
    if (!image.exists) return [{ ...about, level: "warning", code: "no-copy", text: `${site} has no copy of it` }];
    if (image.mirroring !== "enabled")
        return [{ ...about, level: "warning", code: "not-mirrored", text: `its image on ${site} is not mirrored` }];
    if (mirrorDown(image)) {
        const text = `rbd-mirror on ${site} does not replay it (${image.state})`;
        return [{ ...about, level: "warning", code: "mirror-down", text }];
    }
    if (image.state === "up+error") {
        const text = `rbd-mirror on ${site} has failed on it: ${image.description || "no reason given"}`;
        return [{ ...about, level: "critical", code: "mirror-error", text }];
    }
    if (image.state !== "up+replaying" || image.sync === undefined || neverComplete(image)) {
        const text = `its copy on ${site} is not complete yet (${image.state ?? "no status"})`;
        return [{ ...about, level: "warning", code: "copy-incomplete", text }];
    }
    return [];
}

function lagFindings(key: VolumeKey, rpoSeconds: number | undefined, { interval }: Clock): Finding[] {
    if (rpoSeconds === undefined || interval === 0 || rpoSeconds <= WARN_AT * interval) return [];
    const level = rpoSeconds > ALARM_AT * interval ? "critical" : "warning";
    const times = level === "critical" ? ALARM_AT : WARN_AT;
    const text = `its last sync is more than ${times} intervals of ${formatSeconds(interval)} ago`;
    return [{ level, code: "sync-late", volumes: [key], text, next: [] }];
}

function onSite(volume: VolumeSnapshot): VolumeStatus["sites"][string] {
    const { vr, pvc, image } = volume;
    return {
        vr: vr && { asks: vr.spec.replicationState, phase: phaseOf(volume), message: vr.status.message },
        pvc: pvc?.phase,
        pods: [...volume.pods],
        image: image && {
            exists: image.exists,
            mirroring: image.mirroring,
            primary: image.primary,
            state: image.state,
            progress: describeProgress(image) || undefined,
        },
    };
}

function phaseOf({ vr }: VolumeSnapshot): string {
    if (vr === undefined) return "absent";
    return replaying(vr) ? "replaying" : vrPhase(vr);
}

function stateOf(sides: readonly Side[], primary: readonly Side[], copies: readonly Side[]): string {
    if (primary.length > 1) return "two primaries";
    if (sides.some((side) => side.unprotected)) return "not protected";
    const copy = copies.find((side) => side.volume !== undefined)?.volume;
    if (primary.length === 1) return copy === undefined ? "copy not seen" : copyState(copy.image);
    if (sides.some(({ volume }) => volume === undefined)) return "not known";
    if (sides.every(({ volume }) => volume?.vr === undefined)) return "not there yet";
    return sides.some(({ volume }) => volume?.vr !== undefined && handedOver(volume.vr)) ? "handed over" : "demoted";
}

function copyState(image: ImageSnapshot | undefined): string {
    if (image === undefined) return "image not seen";
    if (!image.exists) return "no copy";
    if (image.mirroring !== "enabled") return "not mirrored";
    if (imageInSplitBrain(image)) return "split brain";
    if (image.state === "up+replaying") return image.sync?.replayState === "syncing" ? "syncing" : "replaying";
    return image.state?.replace(/^up\+/, "").replaceAll("_", " ") ?? "no status";
}
