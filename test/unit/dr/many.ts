/** Two sites with many adopted volumes, each with a workload of its own, for the tests of how things grow. */
import type { DecisionInput, SiteIntent, VolumeRecord, VolumeSnapshot, VrSnapshot } from "../../../dr/model.js";
import type { ClaimSeen } from "../../../dr/claims/types.js";
import type { WorkloadSeen } from "../../../dr/workloads/types.js";
import { adoptedRecord, claim } from "./claims/claims.js";
import { ask, AT, outputs, seen, volume, vr } from "./world.js";

/** Names of the volumes; each ten share a namespace. */
export function manyKeys(count: number): string[] {
    return Array.from({ length: count }, (_, i) => `shop-${Math.floor(i / 10)}/data-db${i}-0`);
}

/** cluster1, primary of all, is asked for `asked`; groups adopt by label. What is adopted is still to be resolved. */
export function manyVolumes(count: number, asked: SiteIntent["replicationState"], inGroups = 10): DecisionInput {
    const keys = manyKeys(count);
    const own = keys.map((key, i): VolumeSnapshot => ({
        ...volume({ key, vr: vrOf(key, "primary") }),
        pvc: { phase: "Bound", volumeName: "pvc-0a1b", uid: `u${i}`, deleting: false },
        pods: [`db${i}-0`],
        users: [{ kind: "StatefulSet", name: `db${i}`, pods: [`db${i}-0`] }],
    }));
    const peer = keys.map((key): VolumeSnapshot => ({
        ...volume({ key, vr: vrOf(key, "secondary") }),
    }));
    const labels = (i: number) => ({ app: `app-${i % inGroups}` });
    const records: Record<string, VolumeRecord> = Object.fromEntries(
        keys.map((key, i) => [key, adoptedRecord(key, labels(i))]),
    );
    const claims = keys.map((key, i): ClaimSeen => claim(key, { labels: labels(i), ours: true, record: records[key] }));
    const groups = Array.from({ length: inGroups }, (_, g) => ({ name: `app-${g}`, replicationState: asked }));
    const recorded = (state: "primary" | "secondary", source: "adopt" | "restore") => ({
        records,
        sources: Object.fromEntries(keys.map((key) => [key, source])),
        terms: Object.fromEntries(keys.map((key) => [key, 1])),
        lastSync: Object.fromEntries(keys.map((key) => [key, AT])),
        groups: Object.fromEntries(
            groups.map(({ name }, g) => [
                name,
                { replicationState: state, volumes: keys.filter((_, i) => i % inGroups === g) },
            ]),
        ),
        workloads: Object.fromEntries(
            manyWorkloads(count).map((w) => [`StatefulSet/${w.namespace}/${w.name}`, { replicas: 1, at: AT }]),
        ),
    });
    return ask(asked, {
        intent: {
            volumes: [],
            groups,
            adopt: groups.map(({ name }) => ({
                selector: { matchLabels: { app: name } },
                group: name,
            })) as SiteIntent["adopt"],
        },
        own: { ...seen(...own), claims, workloads: manyWorkloads(count) } as DecisionInput["own"],
        peer: seen(...peer),
        ownOutputs: outputs("cluster1", "primary", recorded("primary", "adopt")),
        peerOutputs: outputs("cluster2", "secondary", recorded("secondary", "restore")),
    });
}

/** A StatefulSet on each volume. */
export function manyWorkloads(count: number): WorkloadSeen[] {
    return manyKeys(count).map((key, i): WorkloadSeen => ({
        kind: "StatefulSet",
        namespace: key.split("/")[0]!,
        name: `db${i}`,
        labels: {},
        replicas: 1,
        claims: [],
        claimPrefixes: [`data-db${i}-`],
        deletesClaims: false,
    }));
}

function vrOf(key: string, asks: "primary" | "secondary"): VrSnapshot {
    const name = key.split("/")[1]!;
    const ofPrimary = { term: 1, claim: name };
    return { ...(asks === "primary" ? vr(asks, "TFF", ofPrimary) : vr(asks, "TTF", { claim: name })), name };
}
