/** Says what was seen, in one line each, with its time: the middle part of every refusal. */
import type { Context, VolumeFacts } from "./facts.js";
import { formatBytes } from "./quantity.js";
import { formatSeconds } from "./time.js";
import { syncProgress, vrPhase } from "./vr-status.js";
import type { Condition, ImageSnapshot, SiteOutputs, SiteSnapshot, VolumeSnapshot, VrSnapshot } from "./model.js";

/** Which side is spoken of. */
export type Side = "own" | "peer";

/** A volume on one cluster. */
export function seenVolume(context: Context, facts: VolumeFacts, side: Side): string {
    const snapshot = context.input[side];
    const site = side === "own" ? context.intent.site : context.intent.peer;
    if (snapshot.reach !== "observed") return seenSite(context, side);
    const volume = facts[side];
    return `${site} at ${snapshot.at}: ${facts.key}: ${describeVolume(volume)}`;
}

/** Whether a cluster answered. */
export function seenSite(context: Context, side: Side): string {
    const site = side === "own" ? context.intent.site : context.intent.peer;
    const snapshot: SiteSnapshot = context.input[side];
    switch (snapshot.reach) {
        case "observed":
            return `${site} at ${snapshot.at}: its Kubernetes API answers`;
        case "unreachable":
            return `${site} at ${snapshot.at}: does not answer (${snapshot.error})`;
        case "unknown":
            return `${site} at ${snapshot.at}: not looked at (${snapshot.why})`;
    }
}

/** What a stack's last outputs say. */
export function seenOutputs(context: Context, side: Side): string {
    const site = side === "own" ? context.intent.site : context.intent.peer;
    const found = side === "own" ? context.input.ownOutputs : context.input.peerOutputs;
    switch (found.found) {
        case "none":
            return `stack ${site}: has no outputs, so no \`up\` of it has ever been finished`;
        case "foreign":
            return `stack ${site}: its outputs are not this program's (${found.keys.join(", ")})`;
        case "outputs":
            return describeOutputs(found.outputs);
    }
}

function describeOutputs(outputs: SiteOutputs): string {
    const handed = outputs.handedOver.length > 0 ? `, handed over ${outputs.handedOver.join(", ")}` : "";
    const held = Object.keys(outputs.records);
    return `stack ${outputs.site}, last finished up at ${outputs.at}: ${outputs.replicationState}, holds ${held.join(", ") || "no volume"}${handed}`;
}

function describeVolume(volume: VolumeSnapshot | undefined): string {
    if (volume === undefined) return "nothing of it on this cluster";
    const parts = [
        volume.vr === undefined ? "no VR" : describeVr(volume.vr),
        volume.pvc === undefined ? "no PVC" : `PVC ${volume.pvc.phase}${volume.pvc.deleting ? ", being deleted" : ""}`,
    ];
    if (volume.pv !== undefined) parts.push(`PV ${volume.pv.name} ${volume.pv.phase}`);
    parts.push(...usersOf(volume));
    if (volume.image !== undefined) parts.push(describeImage(volume.image));
    return parts.join("; ");
}

/** Who uses a volume on a cluster, in words; empty when nobody does. */
export function usersOf(volume: Pick<VolumeSnapshot, "pods" | "attachments">): string[] {
    return [
        ...volume.pods.map((pod) => `pod ${pod} mounts it`),
        ...volume.attachments.map((attachment) => `VolumeAttachment ${attachment} is left`),
    ];
}

/** A VR: what it asks, what the controller answered, and the message. */
export function describeVr(vr: VrSnapshot): string {
    const asked = `${vr.spec.replicationState}${vr.spec.autoResync ? " with autoResync" : ""}`;
    const conditions = vr.status.conditions
        .filter((c) => ["Completed", "Degraded", "Resyncing"].includes(c.type))
        .map((c) => conditionText(c, vr.generation));
    const message = vr.status.message ? ` "${vr.status.message}"` : "";
    const deleting = vr.deleting ? ", being deleted" : "";
    return `VR asks ${asked} (${vrPhase(vr)}${deleting}), state ${vr.status.state ?? "not reported"} ${conditions.join(" ") || "without conditions"}${message}`;
}

function conditionText(condition: Condition, generation: number): string {
    const stale = condition.observedGeneration !== undefined && condition.observedGeneration < generation;
    return `${condition.type}=${condition.status}${stale ? "(of an earlier request)" : ""}`;
}

/** An image: role, replayer's state, progress. */
export function describeImage(image: ImageSnapshot): string {
    if (!image.exists) return "its image does not exist there";
    if (image.mirroring !== "enabled") return `image mirroring ${image.mirroring}`;
    const progress = describeProgress(image);
    const text = image.description?.replace(/,?\s*\{.*\}/s, "").trim();
    return `image ${image.primary ? "primary" : "not primary"}, ${image.state ?? "no status"}${text ? ` (${text})` : ""}${progress ? `, ${progress}` : ""}`;
}

/** Progress of a copy in words: percent, bytes left, time left, how far behind; empty where nothing is known. */
export function describeProgress(image: ImageSnapshot | undefined): string {
    const progress = syncProgress(image);
    if (progress === undefined) return "";
    const parts: string[] = [];
    if (progress.percent !== undefined && progress.percent < 100) parts.push(`${progress.percent}% copied`);
    if (progress.bytesLeft) parts.push(`${formatBytes(progress.bytesLeft)} left`);
    if (progress.secondsLeft) parts.push(`about ${formatSeconds(progress.secondsLeft)} to go`);
    if (progress.behindSeconds) parts.push(`${formatSeconds(progress.behindSeconds)} behind the primary`);
    if (parts.length === 0 && progress.caughtUp) parts.push("complete up to the primary's newest snapshot");
    return parts.join(", ");
}
