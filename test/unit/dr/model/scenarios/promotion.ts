/** Refusals of `primary`. */
import { fence } from "../walk.js";
import { deleteByHand, dropFinalizer } from "../hands.js";
import { emptySite, KEYS, write } from "../world.js";
import type { Scenario } from "./scenario.js";
import {
    C1,
    C2,
    after,
    down,
    empty,
    flip,
    incomplete,
    killed,
    leftover,
    lost,
    noMirror,
    parted,
    patchAll,
    rebuilt,
    running,
    toured,
    unprotect,
    withoutB,
} from "./ways.js";

/** Refusals of `primary`. */
export const PROMOTION: readonly Scenario[] = [
    { code: "BOTH_PRIMARY", why: "the lost site came back", walk: parted, site: C2, state: "primary" },
    {
        code: "BOTH_PRIMARY",
        why: "the lost site came back, and its VRs were deleted with kubectl",
        walk: () => unprotect(parted(), C1),
        site: C2,
        state: "primary",
    },
    {
        code: "BOTH_PRIMARY",
        why: "the lost site came back, and its VRs were deleted with kubectl, Ceph cannot be seen",
        walk: () => unprotect(parted({ images: false }), C1),
        site: C2,
        state: "primary",
    },
    {
        code: "BOTH_PRIMARY",
        why: "the lost site came back, and the other one's VRs were deleted, finalizers and all",
        walk: () => unprotect(parted(), C2, true),
        site: C2,
        state: "primary",
    },
    { code: "PEER_PRIMARY", why: "it serves", walk: toured, site: C2, state: "primary" },
    {
        code: "PEER_PRIMARY",
        why: "it serves, its VRs were deleted with kubectl, and the copy went with them",
        walk: () => unprotect(toured(), C1),
        site: C2,
        state: "primary",
    },
    {
        code: "PEER_PRIMARY",
        why: "it serves, its VRs were deleted with kubectl, and the copy is still here",
        walk: () => unprotect(after(toured(), noMirror(C2)), C1),
        site: C2,
        state: "primary",
    },
    {
        code: "PEER_PRIMARY",
        why: "this site's own VRs were deleted with kubectl in the middle of a split brain",
        walk: () => unprotect(parted(), C1),
        site: C1,
        state: "primary",
    },
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
            after(
                after(toured({ images: false }), (walk) => fence(walk.w, C1)),
                (walk) => KEYS.forEach((_, v) => (deleteByHand(walk.w, C1, v), dropFinalizer(walk.w, C1, v))),
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
    {
        code: "LOST_SITE_ALIVE",
        why: "its application runs, and its VRs were deleted with kubectl",
        walk: () => after(unprotect(after(toured(), noMirror(C2)), C1), lost(C2)),
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
];
