/** Existing claims as adoption wants them: a pure function over a cluster's lists. */
import type * as k8s from "@kubernetes/client-node";
import { matchesClaim } from "../dr/claims/labels.js";
import type { AdoptSpec, ClaimSeen } from "../dr/claims/types.js";
import type { VolumeKey, VolumeRecord } from "../dr/model.js";
import { toRecord } from "../dr/records.js";
import { TERM_ANNOTATION } from "../dr/vr-status.js";
import type { SiteLists } from "./lists.js";
import type { RawVr } from "./vr.js";

/** Annotations with which csi-addons marks a claim that is replicated, with what owns it as the value. */
const OWNERS = {
    "replication.storage.openshift.io/volume-replication-name": "VolumeReplication",
    "replication.storage.openshift.io/volume-group-replication-name": "VolumeGroupReplication",
} as const;

/** Claims that entries of config match, and those that are replicated by adoption already, without their images. */
export function claimsSeen(
    lists: Pick<SiteLists, "claims" | "volumes" | "replications">,
    adopt: readonly AdoptSpec[],
    known: ReadonlySet<VolumeKey>,
): ClaimSeen[] {
    const volumes = new Map(lists.volumes.map((pv) => [pv.metadata?.name ?? "", pv]));
    const replications = new Map<VolumeKey, RawVr[]>();
    for (const vr of lists.replications) {
        const claim = `${vr.metadata.namespace}/${vr.spec.dataSource.name}`;
        replications.set(claim, [...(replications.get(claim) ?? []), vr]);
    }
    return lists.claims.flatMap((claim) => {
        const key = `${claim.metadata?.namespace}/${claim.metadata?.name}`;
        const labels = claim.metadata?.labels ?? {};
        if (!known.has(key) && !adopt.some((spec) => matchesClaim(spec, { key, labels }))) return [];
        const volume = volumes.get(claim.spec?.volumeName ?? "");
        return [{ ...claimSeen(key, claim, volume), ...replicationOf(key, claim, replications.get(key) ?? []) }];
    });
}

function claimSeen(
    key: VolumeKey,
    claim: k8s.V1PersistentVolumeClaim,
    volume: k8s.V1PersistentVolume | undefined,
): Omit<ClaimSeen, "ours" | "replicatedBy"> {
    const { metadata, spec, status } = claim;
    const from = spec?.dataSourceRef ?? spec?.dataSource;
    return {
        key,
        labels: metadata?.labels ?? {},
        phase: status?.phase ?? "Unknown",
        deleting: metadata?.deletionTimestamp !== undefined,
        accessModes: spec?.accessModes ?? [],
        volumeMode: spec?.volumeMode === "Block" ? "Block" : "Filesystem",
        size: spec?.resources?.requests?.["storage"] ?? "1Gi",
        madeFrom: from && `${from.kind} ${from.name}`,
        pv: volume && {
            name: volume.metadata?.name ?? "",
            reclaimPolicy: volume.spec?.persistentVolumeReclaimPolicy ?? "",
            csi: volume.spec?.csi && {
                driver: volume.spec.csi.driver,
                handle: volume.spec.csi.volumeHandle,
                attributes: volume.spec.csi.volumeAttributes ?? {},
            },
        },
        record: volume && recordOf(claim, volume),
    };
}

/** Undefined for a volume that the other site could not restore. */
function recordOf(claim: k8s.V1PersistentVolumeClaim, volume: k8s.V1PersistentVolume): VolumeRecord | undefined {
    try {
        return { ...toRecord(claim, volume), adopted: true };
    } catch {
        return undefined;
    }
}

function replicationOf(
    key: VolumeKey,
    claim: k8s.V1PersistentVolumeClaim,
    replications: readonly RawVr[],
): Pick<ClaimSeen, "ours" | "replicatedBy"> {
    const name = key.slice(key.indexOf("/") + 1);
    const isOurs = (vr: RawVr) => vr.metadata.name === name && vr.metadata.annotations?.[TERM_ANNOTATION] !== undefined;
    const others = replications.filter((vr) => !isOurs(vr)).map((vr) => `VolumeReplication ${vr.metadata.name}`);
    const ours = replications.some(isOurs);
    const marked = Object.entries(OWNERS).flatMap(([annotation, kind]) => {
        const owner = claim.metadata?.annotations?.[annotation];
        return owner === undefined || owner === "" || (ours && owner.endsWith(name)) ? [] : [`${kind} ${owner}`];
    });
    return { ours, replicatedBy: [...new Set([...others, ...marked])] };
}
