/** Refusals before a demotion, a resync and a teardown: `dr/refusals/demotion.ts`. */
import * as w from "../../world.js";
import { primary, replaying, handed, resyncing, unanswered, peerHas, type RefusalCase } from "./fixtures.js";

const { ask, image, nothing, outputs, seen, volume, vr } = w;

export const DEMOTION_CASES: readonly RefusalCase[] = [
    [
        "BOTH_PRIMARY_USE_RESYNC",
        "secondary asked in split brain",
        ask("secondary", { own: seen(primary), peer: seen(primary) }),
        "pulumi config set replicationState resync -s cluster1",
    ],
    [
        "BOTH_PRIMARY_USE_RESYNC",
        "both primary by the peer's outputs, which alone are known",
        ask("secondary", { own: seen(primary), peer: w.UNKNOWN, peerOutputs: peerHas }),
        "peerContext",
    ],
    [
        "PEER_AUTO_RESYNC",
        "the peer still has autoResync",
        ask("secondary", { own: seen(primary), peer: seen(resyncing) }),
        "pulumi config set replicationState secondary -s cluster2",
    ],
    [
        "PEER_AUTO_RESYNC",
        "the peer's outputs say resync",
        ask("secondary", { own: seen(primary), peer: w.UNKNOWN, peerOutputs: outputs("cluster2", "resync") }),
        "resync",
    ],
    [
        "PEER_SPLIT_BRAIN",
        "the peer's copy is in split brain",
        ask("secondary", { own: seen(primary), peer: seen({ ...replaying, image: image("secondary", w.SPLIT) }) }),
        "split-brain",
    ],
    [
        "PEER_HAS_NO_COPY",
        "the peer's Ceph lacks the image",
        ask("secondary", { own: seen(primary), peer: seen(nothing({ image: image("missing") })) }),
        "does not exist there",
    ],
    [
        "PEER_MIRROR_DOWN",
        "the peer's rbd-mirror is dead",
        ask("secondary", {
            own: seen(primary),
            peer: seen({ ...replaying, image: image("secondary", { state: "down+replaying" }) }),
        }),
        "down+replaying",
    ],
    [
        "PEER_BEHIND",
        "the first copy has not begun: its image is there, and not mirrored yet",
        ask("secondary", {
            own: seen(primary),
            peer: seen(nothing({ image: { exists: true, mirroring: "disabled", primary: false } })),
        }),
        "the first copy is not complete",
    ],
    [
        "OWN_MIRROR_DOWN",
        "rbd-mirror here cannot log in to the peer",
        ask("secondary", {
            own: seen({ ...primary, image: image("primary", { state: "down+stopped" }) }),
            peer: seen(replaying),
        }),
        "down+stopped",
    ],
    [
        "OWN_MIRROR_DOWN",
        "demoted already, and rbd-mirror here cannot report the handover",
        ask("secondary", {
            own: seen(
                volume({
                    vr: vr("secondary", "TTF", { term: 1 }),
                    image: image("secondary", { state: "down+stopped", sync: undefined }),
                }),
            ),
            peer: seen(replaying),
        }),
        "was demoted, and the handover is not reported",
        "rook-ceph-operator",
    ],
    [
        "OWN_MIRROR_HUNG",
        "rbd-mirror here still waits for a cluster that was lost",
        ask("secondary", {
            own: seen({ ...primary, image: image("primary", { state: "up+stopping_replay" }) }),
            peer: seen(replaying),
        }),
        "up+stopping_replay",
    ],
    [
        "PEER_NOT_REPLAYING",
        "the peer's VR fails",
        ask("secondary", { own: seen(primary), peer: seen(volume({ vr: vr("secondary", "FTF") })) }),
        "failing",
    ],
    [
        "PEER_NOT_REPLAYING",
        "the peer's controller has not answered since it was primary",
        ask("secondary", { own: seen(primary), peer: seen(volume({ vr: unanswered })) }),
        "pending",
    ],
    [
        "PEER_BEHIND",
        "the peer is an hour behind",
        ask("secondary", {
            own: seen(primary),
            peer: seen({
                ...replaying,
                image: image("secondary", { sync: { localSnapshotTimestamp: 0, remoteSnapshotTimestamp: 3600 } }),
            }),
        }),
        "1 h behind",
    ],
    [
        "PEER_BEHIND",
        "the peer has no complete copy yet",
        ask("secondary", {
            own: seen(primary),
            peer: seen({ ...replaying, image: image("secondary", { state: "up+syncing" }) }),
        }),
        "not complete",
    ],
    [
        "DEMOTION_WITHOUT_PEER",
        "the peer is silent",
        ask("secondary", { own: seen(primary), peer: w.UNREACHABLE }),
        "ECONNREFUSED",
    ],
    [
        "DEMOTION_WITHOUT_PEER",
        "the peer was never set up",
        ask("secondary", { own: seen(primary), peer: w.UNKNOWN }),
        "has no outputs",
    ],
    [
        "OWN_SPLIT_BRAIN_USE_RESYNC",
        "secondary in split brain",
        ask("secondary", { own: seen({ ...replaying, image: image("secondary", w.SPLIT) }), peer: seen(primary) }),
        "-s cluster1",
    ],
    [
        "RESYNC_UNFINISHED",
        "the copy was promoted with rbd meanwhile",
        ask("secondary", {
            own: seen(volume({ vr: vr("secondary", "TTT", { autoResync: true }), image: image("primary") })),
            peer: seen(primary),
        }),
        "image primary",
    ],
    [
        "RESYNC_UNFINISHED",
        "the fresh copy is not there yet",
        ask("secondary", {
            own: seen(volume({ vr: vr("secondary", "FTF", { autoResync: true }) })),
            peer: seen(primary),
        }),
        "failing",
    ],
    [
        "RESYNC_PEER_UNREACHABLE",
        "the peer is silent",
        ask("resync", { own: seen(primary), peer: w.UNREACHABLE }),
        "ECONNREFUSED",
    ],
    [
        "RESYNC_PEER_NOT_PRIMARY",
        "nobody is primary",
        ask("resync", { own: seen(handed), peer: seen(handed) }),
        "pulumi config set replicationState primary -s cluster2",
    ],
    [
        "RESYNC_PEER_NOT_PRIMARY",
        "the peer's image is not, whatever its VR says",
        ask("resync", {
            own: seen(primary),
            peer: seen(volume({ vr: vr("primary", "TFF"), image: image("secondary") })),
        }),
        "image not primary",
    ],
    [
        "RESYNC_NOTHING_HELD",
        "nothing to give up",
        ask("resync", { peer: seen(primary) }),
        "pulumi config set replicationState secondary -s cluster1",
    ],
    [
        "RESYNC_NOT_NEEDED",
        "a healthy secondary",
        ask("resync", { own: seen(replaying), peer: seen(primary) }),
        "up+replaying",
    ],
    [
        "TEARDOWN_ORDER",
        "the primary before the secondary",
        ask("primary", { intent: { teardown: true }, own: seen(primary), peer: seen(replaying) }),
        "pulumi destroy -s cluster2",
    ],
    [
        "TEARDOWN_NOT_REPLAYING",
        "both demoted",
        ask("secondary", { intent: { teardown: true }, own: seen(handed), peer: seen(handed) }),
        "remote image is not primary",
    ],
    [
        "TEARDOWN_PEER_UNKNOWN",
        "the peer may hold copies",
        ask("primary", {
            intent: { teardown: true },
            own: seen(primary),
            peer: w.UNREACHABLE,
            peerOutputs: outputs("cluster2", "secondary"),
        }),
        "ECONNREFUSED",
    ],
];
