/** Refusals of bad config, foreign stacks, and volumes that config and the cluster tell differently: `dr/refusals/config.ts`. */
import * as w from "../../world.js";
import { primary, handed, ownHad, type RefusalCase } from "./fixtures.js";

const { ask, outputs, recordOf, seen, volume, vr } = w;

export const CONFIG_CASES: readonly RefusalCase[] = [
    [
        "PEER_IS_SELF",
        "peer is the stack itself",
        ask("primary", { intent: { peer: "cluster1" } }),
        "config: peer is cluster1",
    ],
    [
        "LOST_SITE_NOT_PEER",
        "lostSite names a third site",
        ask("primary", { intent: { lostSite: "cluster9" } }),
        "cluster9",
    ],
    [
        "LOST_SITE_NOT_PEER",
        "lostSite names this site",
        ask("secondary", { intent: { lostSite: "cluster1" } }),
        "cluster1",
    ],
    [
        "VOLUME_TWICE",
        "two entries for one PVC",
        ask("primary", { intent: { volumes: [1, 2].map((n) => ({ name: "a", namespace: "b", size: `${n}Gi` })) } }),
        "b/a twice",
    ],
    [
        "BAD_SIZE",
        "a size that is none",
        ask("primary", { intent: { volumes: [{ name: "a", namespace: "b", size: "1GB" }] } }),
        "1GB",
    ],
    [
        "BAD_SIZE",
        "no size at all",
        ask("primary", { intent: { volumes: [{ name: "a", namespace: "b", size: "0" }] } }),
        "no room",
    ],
    [
        "OWN_STACK_FOREIGN",
        "own stack is another program's",
        ask("primary", { ownOutputs: { found: "foreign", keys: ["url"] } }),
        "url",
    ],
    [
        "PEER_STACK_FOREIGN",
        "peer stack is another program's",
        ask("secondary", { peerOutputs: { found: "foreign", keys: ["url"] } }),
        "url",
    ],
    [
        "STACK_OF_OTHER_SITE",
        "the peer's outputs name a third site",
        ask("primary", { peerOutputs: outputs("cluster9", "primary") }),
        "cluster9",
    ],
    [
        "OWN_UNREACHABLE",
        "deployed and silent",
        ask("secondary", { own: w.UNREACHABLE, ownOutputs: ownHad }),
        "ECONNREFUSED",
    ],
    [
        "OWN_UNREACHABLE",
        "never finished, and silent",
        ask("primary", { own: w.UNREACHABLE }),
        "no `up` of it has ever been finished",
    ],
    [
        "OWN_UNREACHABLE",
        "deployed, and its context is gone",
        ask("primary", { own: w.UNKNOWN, ownOutputs: ownHad }),
        "not set",
    ],
    [
        "VOLUME_REMOVED",
        "a replicated volume is dropped from config",
        ask("primary", {
            intent: { volumes: [] },
            own: seen(primary),
            ownOutputs: outputs("cluster1", "primary", { term: 1 }),
        }),
        "VR asks primary",
    ],
    [
        "VOLUME_NOT_IN_CONFIG",
        "the peer hands over more than config names",
        ask("primary", {
            peer: seen(handed, { ...handed, key: "default/other" }),
            peerOutputs: outputs("cluster2", "secondary", {
                term: 1,
                records: { [w.KEY]: recordOf(), "default/other": recordOf("default/other") },
            }),
        }),
        "default/other",
    ],
    [
        "VOLUME_SHRINK",
        "config asks for less",
        ask("primary", {
            own: seen(primary),
            intent: { volumes: [{ name: "rbd-pvc", namespace: "default", size: "512Mi" }] },
        }),
        "512Mi",
        "1073741824",
    ],
    [
        "CLASS_CHANGED",
        "another VolumeReplicationClass",
        ask("primary", { own: seen(primary), intent: { replicationClass: "other" } }),
        "other",
    ],
    [
        "CLASS_CHANGED",
        "another StorageClass",
        ask("primary", {
            own: seen({ ...primary, pvc: { ...primary.pvc!, storageClass: "rook-ceph-block" } }),
            intent: { storageClass: "fast" },
        }),
        "rook-ceph-block",
        "fast",
    ],
    [
        "VR_OF_OTHER_CLAIM",
        "the VR names another claim",
        ask("primary", { own: seen(volume({ vr: vr("primary", "TFF", { claim: "x" }) })) }),
        "claim x",
    ],
    [
        "RECLAIM_POLICY",
        "a PV that deletes",
        ask("primary", { own: seen({ ...primary, pv: { ...primary.pv!, reclaimPolicy: "Delete" } }) }),
        "kubectl patch pv pvc-0a1b",
    ],
];
