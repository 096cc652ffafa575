/** Refusals of what config or a site's own state is, whatever is asked. */
import { settle } from "../walk.js";
import { deleteByHand, rbdByHand } from "../hands.js";
import { KEYS } from "../world.js";
import type { Scenario } from "./scenario.js";
import {
    C1,
    C2,
    after,
    changedUnderTheUp,
    config,
    down,
    empty,
    flip,
    forget,
    handedOver,
    killed,
    parted,
    patchAll,
    quirk,
    running,
    site,
    toured,
    volumes,
} from "./ways.js";

/** Refusals of what config or a site's own state is, whatever is asked. */
export const STATE: readonly Scenario[] = [
    {
        code: "PEER_IS_SELF",
        why: "peer is the stack itself",
        walk: () => config(running(), C1, { peer: "cluster1" }),
        site: C1,
    },
    {
        code: "LOST_SITE_NOT_PEER",
        why: "a third site",
        walk: () => config(running(), C1, { lostSite: "cluster9" }),
        site: C1,
    },
    {
        code: "VOLUME_TWICE",
        why: "two entries",
        walk: () => config(running(), C1, volumes(["a", "1Gi"], ["a", "2Gi"])),
        site: C1,
    },
    {
        code: "BAD_SIZE",
        why: "no quantity",
        walk: () => config(running(), C1, volumes(["a", "1GB"], ["b", "1Gi"])),
        site: C1,
    },
    {
        code: "OWN_STACK_FOREIGN",
        why: "another program's stack",
        walk: () => after(empty(), ({ stacks }) => (stacks[C1]!.outputsOf = { foreign: true })),
        site: C1,
    },
    {
        code: "PEER_STACK_FOREIGN",
        why: "another program's stack",
        walk: () => after(running(), ({ stacks }) => (stacks[C2]!.outputsOf = { foreign: true })),
        site: C1,
    },
    {
        code: "STACK_OF_OTHER_SITE",
        why: "copied state",
        walk: () => after(running(), ({ stacks }) => (stacks[C2]!.outputsOf = { site: "cluster9" })),
        site: C1,
    },
    { code: "OWN_UNREACHABLE", why: "the cluster is silent", walk: () => after(running(), down(C1)), site: C1 },
    {
        code: "VOLUME_REMOVED",
        why: "dropped from config",
        walk: () => after(running(), ({ stacks }) => (stacks[C1]!.names[0] = false)),
        site: C1,
    },
    {
        code: "VOLUME_NOT_IN_CONFIG",
        why: "handed over, not named",
        walk: () => after(handedOver(), (walk) => void ((walk.stacks[C2]!.names[0] = false), forget(walk, C2, 0))),
        site: C2,
        state: "primary",
    },
    {
        code: "VOLUME_SHRINK",
        why: "less than it has",
        walk: () => config(running(), C1, volumes(["a", "512Mi"], ["b", "1Gi"])),
        site: C1,
    },
    {
        code: "CLASS_CHANGED",
        why: "another VolumeReplicationClass",
        walk: () => config(running(), C1, { replicationClass: "other" }),
        site: C1,
    },
    {
        code: "CLASS_CHANGED",
        why: "another StorageClass",
        walk: () => config(running(), C1, { storageClass: "other" }),
        site: C1,
    },
    {
        code: "VR_OF_OTHER_CLAIM",
        why: "made by hand",
        walk: () => quirk(running(), C1, { vr: { claim: "x" } }),
        site: C1,
    },
    {
        code: "RECLAIM_POLICY",
        why: "a PV that deletes",
        walk: () => quirk(running(), C1, { pv: { reclaimPolicy: "Delete" } }),
        site: C1,
    },
    {
        code: "VR_DELETING",
        why: "both demoted: it will not go",
        walk: () => after(handedOver(), (walk) => void (deleteByHand(walk.w, C1, 0), settle(walk.w, 3))),
        site: C1,
        state: "primary",
    },
    {
        code: "VR_DELETING",
        why: "the peer's, both demoted",
        walk: () => after(handedOver(), (walk) => void (deleteByHand(walk.w, C1, 0), settle(walk.w, 3))),
        site: C2,
        state: "primary",
    },
    {
        code: "PVC_DELETING",
        why: "on its way out",
        walk: () => quirk(running(), C1, { pvc: { deleting: true } }),
        site: C1,
    },
    { code: "PVC_LOST", why: "its PV is gone", walk: () => quirk(running(), C1, { pvc: { phase: "Lost" } }), site: C1 },
    {
        code: "PV_RELEASED",
        why: "its claim is gone",
        walk: () => quirk(running(), C1, { pv: { phase: "Released" } }),
        site: C1,
    },
    {
        code: "IMAGE_DISAGREES",
        why: "demoted with rbd",
        walk: () => after(toured(), (walk) => KEYS.forEach((_, v) => rbdByHand(walk.w, C1, v))),
        site: C1,
        state: "primary",
    },
    {
        code: "IMAGE_DISAGREES",
        why: "promoted with rbd",
        walk: () => after(handedOver(), (walk) => KEYS.forEach((_, v) => rbdByHand(walk.w, C1, v))),
        site: C1,
        state: "secondary",
    },
    {
        code: "HALF_PROVISIONED",
        why: "the first up was killed",
        walk: () => killed(empty(), C1, "primary", 1),
        site: C1,
        state: "secondary",
    },
    {
        code: "VR_DRIFTED",
        why: "changed with kubectl",
        walk: () =>
            after(flip(flip(flip(parted(), C1, "resync"), C1, "secondary"), C1, "secondary"), (walk) =>
                patchAll(walk, C1, "resync", 0),
            ),
        site: C1,
        state: "secondary",
    },
    { code: "PLAN_CHANGED", why: "the peer changed under the up", walk: changedUnderTheUp, site: C2 },
    {
        code: "VOLUME_IN_USE",
        why: "somebody's pod",
        walk: () => after(toured(), (walk) => site(walk, C1).strangers.fill(true)),
        site: C1,
        state: "secondary",
    },
];
