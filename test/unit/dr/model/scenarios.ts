/** For each refusal a way into it in the model: what happened, and what is then asked of whom. */
import type { RefusalCode } from "../../../../dr/model.js";
import { newImage } from "./ceph.js";
import { startUp, step, type Sight, type Stack } from "./stack.js";
import { fence, newWalk, settle, wholeUp, type Walk } from "./walk.js";
import { deleteByHand, dropFinalizer, patchByHand, rbdByHand } from "./hands.js";
import { csiTick, emptySite, KEYS, mirrorTick, write, type Quirk, type SiteState } from "./world.js";

/** A refusal, how one gets there, and what is asked of which site (0: cluster1, 1: cluster2). */
export interface Scenario {
    readonly code: RefusalCode;
    readonly why: string;
    readonly walk: () => Walk;
    readonly site: number;
    /** Undefined where the walk has set it, or begun an `up`, already. */
    readonly state?: Stack["state"];
}

const [C1, C2] = [0, 1];
const SIGHT: Sight = { peerContext: true, images: true };

/** cluster1 serves, cluster2 follows and has never held a VR. */
function running(sight: Partial<Sight> = {}): Walk {
    return newWalk("running", { ...SIGHT, ...sight });
}

function empty(sight: Partial<Sight> = {}): Walk {
    return newWalk("empty", { ...SIGHT, ...sight });
}

/** cluster1 serves, cluster2 follows, and both have VRs: the volumes have been there and back. */
function toured(sight: Partial<Sight> = {}): Walk {
    const walk = running(sight);
    for (const [s, state] of [
        [C1, "secondary"],
        [C2, "primary"],
        [C2, "secondary"],
        [C1, "primary"],
    ] as const)
        flip(walk, s, state);
    return walk;
}

/** cluster1 has handed over. */
function handedOver(sight: Partial<Sight> = {}): Walk {
    return flip(toured(sight), C1, "secondary");
}

/** cluster1 was cut off and given up; cluster2 serves. cluster1 is back, its VRs still ask primary, and both have written. */
function parted(sight: Partial<Sight> = {}): Walk {
    const walk = toured(sight);
    walk.w.link = false;
    fence(walk.w, C1);
    for (const v of KEYS.keys()) write(walk.w, C1, v);
    walk.stacks[C2]!.lostSite = true;
    flip(walk, C2, "primary");
    for (const v of KEYS.keys()) write(walk.w, C2, v);
    walk.stacks[C2]!.lostSite = false;
    flip(walk, C2, "primary");
    walk.w.link = true;
    settle(walk.w, 3);
    return walk;
}

function flip(walk: Walk, s: number, state: Stack["state"]): Walk {
    walk.stacks[s]!.state = state;
    wholeUp(walk, s, 30);
    settle(walk.w, 3);
    return walk;
}

/** Does something to a walk, and hands it on. */
function after(walk: Walk, act: (walk: Walk) => void): Walk {
    act(walk);
    return walk;
}

function site(walk: Walk, s: number): SiteState {
    return walk.w.sites[s]!;
}

function quirk(walk: Walk, s: number, what: Quirk): Walk {
    return after(walk, () => (site(walk, s).quirks[0] = what));
}

function config(walk: Walk, s: number, what: Stack["config"]): Walk {
    return after(walk, () => Object.assign(walk.stacks[s]!.config, what));
}

/** Somebody changes the VRs of all volumes of a site with kubectl, and the controller follows. */
function patchAll(walk: Walk, s: number, state: Stack["state"], rounds = 3): void {
    for (const v of KEYS.keys()) patchByHand(walk.w, s, v, state);
    settle(walk.w, rounds);
}

/** An `up` that is killed before its nth step. */
function killed(walk: Walk, s: number, state: Stack["state"], steps: number): Walk {
    const stack = walk.stacks[s]!;
    stack.state = state;
    startUp(walk.w, walk.stacks, s, walk.sight);
    for (let i = 0; i < steps; i++) step(walk.w, walk.stacks, s, walk.sight);
    stack.run = undefined;
    return walk;
}

const down = (s: number) => (walk: Walk) => void (site(walk, s).up = false);
const noMirror = (s: number) => (walk: Walk) => void (site(walk, s).mirror = false);
const lost = (s: number) => (walk: Walk) => void (walk.stacks[s]!.lostSite = true);
const volumes = (...list: [string, string][]) => ({
    volumes: list.map(([name, size]) => ({ name, namespace: "default", size })),
});

export const SCENARIOS: readonly Scenario[] = [
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

    { code: "BOTH_PRIMARY", why: "the lost site came back", walk: parted, site: C2, state: "primary" },
    { code: "PEER_PRIMARY", why: "it serves", walk: toured, site: C2, state: "primary" },
    {
        code: "PEER_NOT_HANDED_OVER",
        why: "the last write does not arrive",
        walk: () =>
            after(toured(), (walk) => {
                noMirror(C2)(walk);
                KEYS.forEach((_, v) => write(walk.w, C1, v));
                fence(walk.w, C1);
                patchAll(walk, C1, "secondary");
            }),
        site: C2,
        state: "primary",
    },
    {
        code: "PEER_RESYNCING",
        why: "the primary was demoted with kubectl",
        walk: () => after(flip(parted(), C1, "resync"), (walk) => patchAll(walk, C2, "secondary")),
        site: C2,
        state: "primary",
    },
    {
        code: "PEER_VR_MISSING",
        why: "deleted with kubectl",
        walk: () =>
            after(toured({ images: false }), (walk) =>
                KEYS.forEach((_, v) => (deleteByHand(walk.w, C1, v), dropFinalizer(walk.w, C1, v))),
            ),
        site: C2,
        state: "primary",
    },
    {
        code: "PEER_UNREACHABLE",
        why: "it is silent",
        walk: () => after(toured(), down(C1)),
        site: C2,
        state: "primary",
    },
    {
        code: "LOST_SITE_ALIVE",
        why: "its application runs",
        walk: () => after(toured(), lost(C2)),
        site: C2,
        state: "primary",
    },
    { code: "LOST_SITE_LEFTOVER", why: "a second disaster", walk: leftover, site: C2, state: "primary" },
    {
        code: "OWN_SPLIT_BRAIN",
        why: "both were primary, both are demoted",
        walk: () => after(parted(), (walk) => void (patchAll(walk, C1, "secondary"), patchAll(walk, C2, "secondary"))),
        site: C1,
        state: "primary",
    },
    {
        code: "OWN_RESYNCING",
        why: "this copy is being given up",
        walk: () => after(flip(parted(), C1, "resync"), (walk) => patchAll(walk, C2, "secondary")),
        site: C1,
        state: "primary",
    },
    {
        code: "OWN_COPY_MISSING",
        why: "rebuilt, and nothing has arrived",
        walk: () => after(rebuilt(C2), (walk) => patchAll(walk, C1, "secondary")),
        site: C2,
        state: "primary",
    },
    {
        code: "OWN_COPY_INCOMPLETE",
        why: "rebuilt, and the first copy is under way",
        walk: incomplete,
        site: C2,
        state: "primary",
    },
    {
        code: "NOTHING_TO_RESTORE",
        why: "a new volume in the middle of a disaster",
        walk: () => after(after(withoutB("primary"), down(C1)), lost(C2)),
        site: C2,
        state: "primary",
    },
    {
        code: "RECORD_MISSING",
        why: "its first up was killed",
        walk: () => killed(empty(), C1, "primary", 1),
        site: C2,
        state: "primary",
    },
    {
        code: "VOLUME_LOST",
        why: "rebuilt, Ceph cannot be seen",
        walk: () => after(running({ images: false }), (walk) => void (walk.w.sites[C1] = emptySite())),
        site: C1,
        state: "primary",
    },
    {
        code: "PROVISION_UNSURE",
        why: "a new volume, and the peer is silent",
        walk: () => after(withoutB("secondary"), down(C1)),
        site: C2,
        state: "primary",
    },

    { code: "BOTH_PRIMARY_USE_RESYNC", why: "the lost site came back", walk: parted, site: C1, state: "secondary" },
    {
        code: "PEER_AUTO_RESYNC",
        why: "it has not left resync",
        walk: () => flip(parted(), C1, "resync"),
        site: C2,
        state: "secondary",
    },
    {
        code: "PEER_SPLIT_BRAIN",
        why: "demoted with kubectl",
        walk: () => after(parted(), (walk) => patchAll(walk, C1, "secondary")),
        site: C2,
        state: "secondary",
    },
    {
        code: "PEER_HAS_NO_COPY",
        why: "rebuilt, and nothing has arrived",
        walk: () => rebuilt(C2),
        site: C1,
        state: "secondary",
    },
    {
        code: "PEER_MIRROR_DOWN",
        why: "rbd-mirror is dead",
        walk: () => quirk(toured(), C2, { image: { state: "down+replaying" } }),
        site: C1,
        state: "secondary",
    },
    {
        code: "OWN_MIRROR_DOWN",
        why: "its key of the peer is wrong",
        walk: () => quirk(toured(), C1, { image: { state: "down+stopped" } }),
        site: C1,
        state: "secondary",
    },
    {
        code: "OWN_MIRROR_HUNG",
        why: "since a forced promotion",
        walk: () => quirk(toured(), C1, { image: { state: "up+stopping_replay" } }),
        site: C1,
        state: "secondary",
    },
    {
        code: "PEER_NOT_REPLAYING",
        why: "an error of its replayer",
        walk: () => quirk(toured(), C2, { image: { state: "up+error", description: "connection refused" } }),
        site: C1,
        state: "secondary",
    },
    {
        code: "PEER_BEHIND",
        why: "an hour behind",
        walk: () =>
            quirk(toured(), C2, { image: { sync: { localSnapshotTimestamp: 0, remoteSnapshotTimestamp: 3600 } } }),
        site: C1,
        state: "secondary",
    },
    {
        code: "DEMOTION_WITHOUT_PEER",
        why: "it is silent",
        walk: () => after(toured(), down(C2)),
        site: C1,
        state: "secondary",
    },
    {
        code: "OWN_SPLIT_BRAIN_USE_RESYNC",
        why: "demoted with kubectl",
        walk: () => after(parted(), (walk) => patchAll(walk, C1, "secondary")),
        site: C1,
        state: "secondary",
    },
    {
        code: "RESYNC_UNFINISHED",
        why: "the fresh copy is under way",
        walk: () =>
            after(flip(parted(), C1, "resync"), (walk) =>
                KEYS.forEach((_, v) => (site(walk, C1).images[v] = newImage(false, true))),
            ),
        site: C1,
        state: "secondary",
    },
    {
        code: "RESYNC_PEER_UNREACHABLE",
        why: "it is silent",
        walk: () => after(parted(), down(C2)),
        site: C1,
        state: "resync",
    },
    { code: "RESYNC_PEER_NOT_PRIMARY", why: "nobody is primary", walk: handedOver, site: C1, state: "resync" },
    { code: "RESYNC_NOTHING_HELD", why: "a site that has just joined", walk: running, site: C2, state: "resync" },
    { code: "RESYNC_NOT_NEEDED", why: "a healthy copy", walk: toured, site: C2, state: "resync" },
    {
        code: "TEARDOWN_ORDER",
        why: "the primary first",
        walk: () => config(toured(), C1, { teardown: true }),
        site: C1,
        state: "primary",
    },
    {
        code: "TEARDOWN_NOT_REPLAYING",
        why: "both demoted",
        walk: () => config(handedOver(), C2, { teardown: true }),
        site: C2,
        state: "secondary",
    },
    {
        code: "TEARDOWN_PEER_UNKNOWN",
        why: "it is silent",
        walk: () => after(config(toured(), C1, { teardown: true }), down(C2)),
        site: C1,
        state: "primary",
    },
];

/** Both sites have set up one volume; cluster2's config names a second one now. */
function withoutB(state: Stack["state"]): Walk {
    const walk = empty();
    for (const stack of walk.stacks) stack.names[1] = false;
    flip(walk, C1, "primary");
    flip(walk, C2, "secondary");
    flip(walk, C1, state);
    walk.stacks[C2]!.names[1] = true;
    return walk;
}

/** A site is new and empty, its rbd-mirror not up yet. */
function rebuilt(s: number): Walk {
    const walk = toured();
    walk.w.sites[s] = emptySite();
    walk.stacks[s]!.checkpoint.fill(undefined);
    noMirror(s)(walk);
    return walk;
}

/** The first copy is under way when the other site dies. */
function incomplete(): Walk {
    const walk = rebuilt(C2);
    for (const v of KEYS.keys()) site(walk, C2).images[v] = newImage(false, true);
    down(C1)(walk);
    lost(C2)(walk);
    return walk;
}

/** cluster2 took over by force once, all went back to cluster1, and now that one dies. */
function leftover(): Walk {
    const walk = parted();
    lost(C2)(walk);
    flip(walk, C1, "resync");
    flip(walk, C1, "secondary");
    flip(walk, C2, "secondary");
    flip(walk, C1, "primary");
    down(C1)(walk);
    return walk;
}

/** cluster2's planned promotion is under way when somebody deletes the VRs that show the handover. */
function changedUnderTheUp(): Walk {
    const walk = handedOver();
    lost(C2)(walk);
    walk.stacks[C2]!.state = "primary";
    startUp(walk.w, walk.stacks, C2, walk.sight);
    for (const v of KEYS.keys()) {
        deleteByHand(walk.w, C1, v);
        dropFinalizer(walk.w, C1, v);
    }
    return walk;
}

/** Kubernetes on a site has never held a volume. */
function forget(walk: Walk, s: number, v: number): void {
    const at = site(walk, s);
    at.vr[v] = undefined;
    at.pv[v] = at.pvc[v] = false;
    walk.stacks[s]!.checkpoint[v] = undefined;
    csiTick(walk.w, s);
    mirrorTick(walk.w, s);
}
