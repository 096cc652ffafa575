/** Refusals before a promotion: `dr/refusals/promotion.ts`. */
import * as w from "../../world.js";
import { lost, primary, replaying, handed, resyncing, peerHas, type RefusalCase } from "./fixtures.js";

const { ask, image, nothing, outputs, recordOf, seen, volume, vr } = w;

export const PROMOTION_CASES: readonly RefusalCase[] = [
    [
        "BOTH_PRIMARY",
        "both VRs ask primary",
        ask("primary", { own: seen(primary), peer: seen(primary) }),
        "-s cluster2 && pulumi up -s cluster2",
    ],
    [
        "BOTH_PRIMARY",
        "both images are primary",
        ask("primary", {
            own: seen(primary),
            peer: seen(volume({ vr: vr("secondary", "TTT"), image: image("primary") })),
        }),
        "resync",
    ],
    [
        "PEER_PRIMARY",
        "the peer is primary",
        ask("primary", { own: seen(replaying), peer: seen(primary), peerOutputs: peerHas }),
        "pulumi config set replicationState secondary -s cluster2",
    ],
    [
        "PEER_PRIMARY",
        "the peer is being promoted",
        ask("primary", { own: seen(replaying), peer: seen(volume({ vr: vr("primary", "none") })) }),
        "promoting",
    ],
    [
        "PEER_PRIMARY",
        "first deployment here while the peer serves other volumes",
        ask("primary", {
            peer: seen({ ...primary, key: "default/other" }),
            peerOutputs: outputs("cluster2", "primary", { records: { "default/other": recordOf("default/other") } }),
        }),
        "default/other",
    ],
    [
        "PEER_NOT_HANDED_OVER",
        "demoted, not synced",
        ask("primary", {
            own: seen(replaying),
            peer: seen(volume({ vr: vr("secondary", "TTF", { term: 1 }) })),
            peerOutputs: peerHas,
        }),
        "Degraded=True",
        "pulumi up -s cluster2",
    ],
    [
        "PEER_NOT_HANDED_OVER",
        "the handover seen is of an earlier request",
        ask("primary", { own: seen(replaying), peer: seen(volume({ vr: vr("secondary", "TFF", { stale: true }) })) }),
        "of an earlier request",
    ],
    [
        "PEER_NOT_HANDED_OVER",
        "how far it is",
        ask("primary", {
            own: seen({
                ...replaying,
                image: image("secondary", {
                    sync: {
                        localSnapshotTimestamp: 100,
                        remoteSnapshotTimestamp: 190,
                        syncingPercent: 40,
                        lastSnapshotBytes: 2 ** 30,
                        bytesPerSecond: 2 ** 20,
                    },
                }),
            }),
            peer: seen(volume({ vr: vr("secondary", "TTF") })),
        }),
        "40% copied",
        "614.4 Mi left",
        "1 min 30 s behind",
    ],
    [
        "PEER_RESYNCING",
        "nobody is primary and the peer has autoResync",
        ask("primary", { own: seen(replaying), peer: seen(resyncing) }),
        "autoResync",
    ],
    [
        "PEER_VR_MISSING",
        "the peer's VR is gone, and it was primary last",
        ask("primary", { own: seen(replaying), peerOutputs: peerHas }),
        "pulumi refresh -s cluster2",
    ],
    [
        "PEER_UNREACHABLE",
        "the peer is silent and primary by its outputs",
        ask("primary", { own: seen(replaying), peer: w.UNREACHABLE, peerOutputs: peerHas }),
        "ECONNREFUSED",
        "lostSite cluster2",
    ],
    [
        "PEER_UNREACHABLE",
        "the record of a handover is older than our own last promotion",
        ask("primary", {
            own: seen(handed),
            peer: w.UNREACHABLE,
            peerOutputs: outputs("cluster2", "secondary", { handedOver: [w.KEY], term: 1 }),
        }),
        "handed over default/rbd-pvc",
    ],
    [
        "PEER_UNREACHABLE",
        "recorded as handed over, but this copy replays again",
        ask("primary", {
            own: seen(replaying),
            peer: w.UNREACHABLE,
            peerOutputs: outputs("cluster2", "secondary", { handedOver: [w.KEY], term: 1 }),
        }),
        "replays from a primary again",
    ],
    [
        "LOST_SITE_ALIVE",
        "declared lost, and its pod runs",
        ask("primary", {
            intent: lost,
            own: seen(replaying),
            peer: seen({ ...primary, pods: ["app-1"] }),
            peerOutputs: peerHas,
        }),
        "app-1",
        "--replicas=0",
    ],
    [
        "LOST_SITE_ALIVE",
        "declared lost, and still attached",
        ask("primary", {
            intent: lost,
            own: seen(replaying),
            peer: seen(volume({ vr: vr("secondary", "TTF"), attachments: ["csi-1"] })),
        }),
        "csi-1",
    ],
    [
        "BOTH_PRIMARY",
        "the lost site came back after the failover, and its old application runs",
        ask("primary", {
            intent: lost,
            own: seen(primary),
            peer: seen({ ...primary, pods: ["app-1"] }),
            peerOutputs: peerHas,
            ownOutputs: outputs("cluster1", "primary", { lostSite: "cluster2" }),
        }),
        "app-1",
        "pulumi config set replicationState resync -s cluster2",
    ],
    [
        "LOST_SITE_LEFTOVER",
        "the consent was used before",
        ask("primary", {
            intent: lost,
            own: seen(replaying),
            peer: w.UNREACHABLE,
            peerOutputs: peerHas,
            ownOutputs: outputs("cluster1", "secondary", { lostSite: "cluster2" }),
        }),
        "pulumi config rm lostSite -s cluster1",
    ],
    [
        "OWN_SPLIT_BRAIN",
        "own image in split brain",
        ask("primary", { own: seen({ ...handed, image: image("secondary", w.SPLIT) }), peer: seen(handed) }),
        "split-brain",
    ],
    [
        "OWN_RESYNCING",
        "own copy was given up",
        ask("primary", { own: seen(resyncing), peer: seen(handed) }),
        "pulumi config set replicationState secondary -s cluster1",
    ],
    [
        "OWN_RESYNCING",
        "own copy is being recreated, peer lost",
        ask("primary", {
            intent: lost,
            own: seen(volume({ vr: vr("secondary", "FTF", { autoResync: true }) })),
            peer: w.UNREACHABLE,
            peerOutputs: peerHas,
        }),
        "failing",
    ],
    [
        "OWN_COPY_MISSING",
        "own Ceph lacks the image",
        ask("primary", { own: seen(nothing({ image: image("missing") })), peer: seen(handed), peerOutputs: peerHas }),
        "does not exist",
    ],
    [
        "OWN_COPY_INCOMPLETE",
        "first copy not complete, peer lost",
        ask("primary", {
            intent: lost,
            own: seen({ ...replaying, image: image("secondary", { sync: { syncingPercent: 12 } }) }),
            peer: w.UNREACHABLE,
            peerOutputs: peerHas,
        }),
        "12% copied",
    ],
    [
        "OWN_COPY_INCOMPLETE",
        "peer lost before the first copy was complete, and no replayer says anything of it",
        ask("primary", {
            intent: lost,
            own: seen({ ...replaying, image: image("secondary", { sync: undefined, complete: false }) }),
            peer: w.UNREACHABLE,
            peerOutputs: peerHas,
        }),
        "never been complete",
    ],
    [
        "NOTHING_TO_RESTORE",
        "lost, and nobody has a record",
        ask("primary", { intent: lost, peer: w.UNREACHABLE }),
        "no `up` of it",
    ],
    [
        "RECORD_MISSING",
        "the peer holds it without a record",
        ask("primary", { peer: seen(volume()) }),
        "pulumi up -s cluster2",
    ],
    [
        "RECORD_MISSING",
        "the peer handed it over, but its first up was killed before it wrote a record",
        ask("primary", { peer: seen(handed) }),
        "pulumi up -s cluster2",
    ],
    [
        "VOLUME_LOST",
        "own record, nothing anywhere",
        ask("primary", { ownOutputs: outputs("cluster1", "primary", { terms: {} }) }),
        "nothing of it",
    ],
    ["PROVISION_UNSURE", "no record, peer silent", ask("primary", { peer: w.UNREACHABLE }), "ECONNREFUSED"],
];
