/** Refusals of `secondary`, of `resync` and of a take-down. */
import { newImage } from "../ceph.js";
import { KEYS } from "../world.js";
import type { Scenario } from "./scenario.js";
import {
    C1,
    C2,
    after,
    config,
    down,
    flip,
    handedOver,
    parted,
    patchAll,
    quirk,
    rebuilt,
    running,
    site,
    toured,
    unprotect,
} from "./ways.js";

/** Refusals of `secondary`, of `resync` and of a take-down. */
export const LEAVING: readonly Scenario[] = [
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
        code: "PEER_BEHIND",
        why: "it serves itself, and its VRs were deleted with kubectl",
        walk: () => unprotect(parted(), C1),
        site: C2,
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
    {
        code: "RESYNC_PEER_NOT_PRIMARY",
        why: "the VRs of the site that is kept were deleted with kubectl, finalizers and all",
        walk: () => unprotect(parted(), C2, true),
        site: C1,
        state: "resync",
    },
    {
        code: "RESYNC_PEER_NOT_PRIMARY",
        why: "the VRs of the site that is kept were deleted with kubectl",
        walk: () => unprotect(parted(), C2),
        site: C1,
        state: "resync",
    },
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
