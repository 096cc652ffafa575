/** Refusals of objects in a state nobody can go on from: `dr/refusals/state.ts`. */
import * as w from "../../world.js";
import { primary, replaying, type RefusalCase } from "./fixtures.js";

const { ask, image, seen, volume, vr } = w;

export const STATE_CASES: readonly RefusalCase[] = [
    [
        "VR_DELETING",
        "own VR is being deleted",
        ask("secondary", { own: seen(volume({ vr: vr("secondary", "TTT", { deleting: true }) })) }),
        "being deleted",
    ],
    [
        "VR_DELETING",
        "the peer's VR is being deleted, own asked primary",
        ask("primary", {
            own: seen(replaying),
            peer: seen(volume({ vr: vr("secondary", "TFF", { deleting: true }) })),
        }),
        "being deleted",
    ],
    [
        "PVC_DELETING",
        "PVC is being deleted",
        ask("primary", { own: seen({ ...primary, pvc: { ...primary.pvc!, deleting: true } }) }),
        "being deleted",
    ],
    [
        "PVC_LOST",
        "PVC lost its PV",
        ask("primary", { own: seen({ ...primary, pvc: { ...primary.pvc!, phase: "Lost" } }) }),
        "kubectl delete pvc rbd-pvc -n default",
    ],
    [
        "PV_RELEASED",
        "PV belongs to a claim that is gone",
        ask("primary", { own: seen({ ...primary, pv: { ...primary.pv!, phase: "Released" } }) }),
        "claimRef/uid",
    ],
    [
        "IMAGE_DISAGREES",
        "VR promoted, image demoted by hand",
        ask("primary", { own: seen(volume({ vr: vr("primary", "TFF"), image: image("secondary") })) }),
        "image not primary",
    ],
    [
        "IMAGE_DISAGREES",
        "VR handed over, image promoted by hand",
        ask("secondary", { own: seen(volume({ vr: vr("secondary", "TFF"), image: image("primary") })) }),
        "image primary",
    ],
    ["HALF_PROVISIONED", "a claim that was never replicated", ask("secondary", { own: seen(volume()) }), "no VR"],
];
