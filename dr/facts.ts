/** What is known of each volume, drawn together from config, both clusters and both stacks' outputs. */
import { hasHandedOver } from "./handed-over.js";
import { asksPrimary, termOf } from "./vr-status.js";
import type {
    DecisionInput,
    SiteIntent,
    SiteOutputs,
    SiteSnapshot,
    VolumeKey,
    VolumeRecord,
    VolumeSnapshot,
    VolumeSpec,
    VrSnapshot,
} from "./model.js";

/** All that is known of one volume. */
export interface VolumeFacts {
    readonly key: VolumeKey;
    /** Undefined for a volume that config does not name (any more). */
    readonly spec?: VolumeSpec;
    /** Undefined where this cluster was not observed or holds nothing of the volume. */
    readonly own?: VolumeSnapshot;
    readonly peer?: VolumeSnapshot;
    readonly ownVr?: VrSnapshot;
    readonly peerVr?: VrSnapshot;
    readonly ownRecord?: VolumeRecord;
    readonly peerRecord?: VolumeRecord;
    /** Whether this stack's last finished `up` held the volume on this cluster, and did not merely know of it. */
    readonly ownHeld: boolean;
    /** Highest term this site is known to have been primary in; 0 where it never was. */
    readonly ownTerm: number;
    /** The same of the peer. */
    readonly peerTerm: number;
    /**
     * Whether the peer's outputs give this volume to us: handed over, in a term later than any of ours. A record of an
     * earlier term speaks of a handover that has been used up.
     */
    readonly peerRecordsHandover: boolean;
    /** Whether our outputs still give this volume to the peer, who may promote on the strength of them. */
    readonly ownRecordsHandover: boolean;
    /** Whether this cluster asks for, or its image is, primary. */
    readonly ownPrimary: boolean;
    /** Whether the peer's cluster was seen asking for, or its image being, primary. */
    readonly peerPrimary: boolean;
    /** Whether this site is seen to have handed the volume over. */
    readonly ownHandedOver: boolean;
    /** Whether the peer is seen to have handed the volume over, to this site. */
    readonly peerHandedOver: boolean;
}

/** What guards and plans work on. */
export interface Context {
    readonly input: DecisionInput;
    readonly intent: SiteIntent;
    readonly ownOutputs?: SiteOutputs;
    readonly peerOutputs?: SiteOutputs;
    readonly ownSeen: boolean;
    readonly peerSeen: boolean;
    /** Every volume that config or either stack's outputs know. */
    readonly all: readonly VolumeFacts[];
    /** Those that config names. */
    readonly volumes: readonly VolumeFacts[];
    /** Whether config declares the peer lost. */
    readonly peerLost: boolean;
}

/** Draws the facts together. */
export function contextOf(input: DecisionInput): Context {
    const { intent } = input;
    const ownOutputs = input.ownOutputs.found === "outputs" ? input.ownOutputs.outputs : undefined;
    const peerOutputs = input.peerOutputs.found === "outputs" ? input.peerOutputs.outputs : undefined;
    const specs = new Map(intent.volumes.map((spec) => [keyOf(spec), spec]));
    const keys = new Set([
        ...specs.keys(),
        ...Object.keys(ownOutputs?.records ?? {}),
        ...Object.keys(peerOutputs?.records ?? {}),
    ]);
    const handovers = { own: recordedHandovers(ownOutputs), peer: recordedHandovers(peerOutputs) };
    const all: VolumeFacts[] = [];
    for (const key of keys) all.push(factsOf(key, specs.get(key), input, ownOutputs, peerOutputs, handovers));
    return {
        input,
        intent,
        ownOutputs,
        peerOutputs,
        ownSeen: input.own.reach === "observed",
        peerSeen: input.peer.reach === "observed",
        all,
        volumes: all.filter((v) => v.spec !== undefined),
        peerLost: intent.lostSite !== undefined && intent.lostSite === intent.peer,
    };
}

/** `namespace/name` of a volume in config. */
export function keyOf(spec: VolumeSpec): VolumeKey {
    return `${spec.namespace}/${spec.name}`;
}

/** Namespace and name of a volume's claim: what `keyOf` has put together. */
export function claimOf(key: VolumeKey): Pick<VolumeSpec, "namespace" | "name"> {
    const [namespace = "", name = ""] = key.split("/");
    return { namespace, name };
}

function factsOf(
    key: VolumeKey,
    spec: VolumeSpec | undefined,
    input: DecisionInput,
    ownOutputs: SiteOutputs | undefined,
    peerOutputs: SiteOutputs | undefined,
    handovers: { readonly own: ReadonlySet<VolumeKey>; readonly peer: ReadonlySet<VolumeKey> },
): VolumeFacts {
    const own = volumeIn(input.own, key);
    const peer = volumeIn(input.peer, key);
    const ownTerm = Math.max(termOf(own?.vr), ownOutputs?.terms?.[key] ?? 0);
    const recordedPeerTerm = peerOutputs?.terms?.[key] ?? 0;
    const peerTerm = Math.max(termOf(peer?.vr), recordedPeerTerm);
    return {
        key,
        spec,
        own,
        peer,
        ownVr: own?.vr,
        peerVr: peer?.vr,
        ownRecord: ownOutputs?.records[key],
        peerRecord: peerOutputs?.records[key],
        ownHeld: ownOutputs?.sources?.[key] !== undefined,
        ownTerm,
        peerTerm,
        peerRecordsHandover: handovers.peer.has(key) && recordedPeerTerm > ownTerm,
        ownRecordsHandover: handovers.own.has(key) && peerTerm < (ownOutputs?.terms?.[key] ?? 0),
        ownPrimary: isPrimary(own),
        peerPrimary: isPrimary(peer),
        ownHandedOver: hasHandedOver(own, peer),
        peerHandedOver: hasHandedOver(peer, own),
    };
}

/** What was seen of one volume on a site; undefined where the site was not seen. */
export function volumeIn(snapshot: SiteSnapshot, key: VolumeKey): VolumeSnapshot | undefined {
    return snapshot.reach === "observed" ? snapshot.volumes[key] : undefined;
}

function recordedHandovers(outputs: SiteOutputs | undefined): ReadonlySet<VolumeKey> {
    return new Set(outputs?.replicationState === "secondary" ? outputs.handedOver : []);
}

/** Whether a volume asks for primary on a cluster, or its image is. */
export function isPrimary(volume: VolumeSnapshot | undefined): boolean {
    if (volume?.vr !== undefined && asksPrimary(volume.vr)) return true;
    return volume?.image?.exists === true && volume.image.mirroring === "enabled" && volume.image.primary;
}

/** Whether a cluster holds any object of the volume. */
export function holdsAnything(volume: VolumeSnapshot | undefined): boolean {
    return volume !== undefined && (volume.pvc !== undefined || volume.pv !== undefined || volume.vr !== undefined);
}

/** Whether anything of the peer is seen in use, in this group or another: a site that is lost serves nothing. */
export function peerServes({ all, input }: Context): boolean {
    return all.some((v) => inUse(v.peer)) || (input.inUseAtPeer ?? []).length > 0;
}

/** Whether a volume is used on a cluster: a pod mounts it, or it is attached to a node. */
export function inUse(volume: VolumeSnapshot | undefined): boolean {
    return volume !== undefined && (volume.pods.length > 0 || volume.attachments.length > 0);
}
