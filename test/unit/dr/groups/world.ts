/** Sites of two groups for the tests: the default one with the volume of the other tests, and `shop` with one of its own. */
import type {
    DecisionInput,
    GroupOutputs,
    SiteIntent,
    SiteOutputs,
    SiteSnapshot,
    StackOutputs,
    VolumeSnapshot,
} from "../../../../dr/model.js";
import * as w from "../world.js";

export const SHOP = "shop/db";
const SPECS: SiteIntent["volumes"] = [
    { name: "rbd-pvc", namespace: "default", size: "1Gi" },
    { name: "db", namespace: "shop", size: "1Gi", group: "shop" },
];

/** A volume as the default group's, of the other group. */
export function ofShop(volume: VolumeSnapshot): VolumeSnapshot {
    return {
        ...volume,
        key: SHOP,
        pv: volume.pv && { ...volume.pv, name: "pvc-shop" },
        pvc: volume.pvc && { ...volume.pvc, volumeName: "pvc-shop" },
        vr: volume.vr && { ...volume.vr, name: "db", spec: { ...volume.vr.spec, claim: "db" } },
    };
}

export const primary = w.volume({ vr: w.vr("primary", "TFF", { term: 1 }), image: w.image("primary") });
export const replaying = w.volume({ vr: w.vr("secondary", "TTT"), image: w.image("secondary") });
export const handed = w.volume({
    vr: w.vr("secondary", "TFF", { term: 1 }),
    image: w.image("secondary", w.BOTH_DEMOTED),
});
export const copy = w.nothing({ image: w.image("secondary") });

type Role = GroupOutputs["replicationState"];

/** A stack's outputs, both groups held or both known, in the given roles. */
export function outputs(
    site: string,
    states: { default: Role; shop: Role },
    more: Partial<SiteOutputs> = {},
): StackOutputs {
    const shop = w.recordOf(SHOP);
    return w.outputs(site, states.default, {
        records: { [w.KEY]: w.recordOf(), [SHOP]: { ...shop, pv: { ...shop.pv, metadata: { name: "pvc-shop" } } } },
        terms: { [w.KEY]: 1, [SHOP]: 1 },
        groups: {
            default: { replicationState: states.default, volumes: [w.KEY] },
            shop: { replicationState: states.shop, volumes: [SHOP] },
        },
        ...more,
    });
}

/** cluster1, both groups asked for something. */
export function ask(
    states: { default: Role; shop: Role },
    more: Partial<Omit<DecisionInput, "intent">> & { intent?: Partial<SiteIntent> } = {},
): DecisionInput {
    return w.ask(states.default, {
        ...more,
        intent: { volumes: SPECS, groups: [{ name: "shop", replicationState: states.shop }], ...more.intent },
    });
}

/** Both groups' volumes on a cluster. */
export function both(ofDefault: VolumeSnapshot, shop: VolumeSnapshot): SiteSnapshot {
    return w.seen(ofDefault, ofShop(shop));
}
