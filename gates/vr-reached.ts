/** The gate after a VR: csi-addons has carried out what it asks. */
import type { VolumeKey, VolumePlan } from "../dr/model.js";
import { describeVr } from "../dr/seen.js";
import { asks, fulfils, GATES } from "../dr/wait-for.js";
import { lookInterval } from "../many-volumes.js";
import { firstBy, keyOf } from "../observe/by-key.js";
import { toVrSnapshot, type RawVr } from "../observe/vr.js";
import { waitTogether } from "./together.js";

/** Waits until a volume's VR says what its plan waits for. */
export type VrReached = (plan: VolumePlan, seconds: number) => Promise<void>;

/**
 * Makes the wait of a site's VRs, who share its lists.
 *
 * It ends as well where somebody has changed or deleted the VR meanwhile: no wait makes that good, and the look before a workload
 * starts or outputs are written refuses it (`unfinished` in `dr/outcome.ts`).
 *
 * @param list lists the site's VRs
 * @param volumes how many there are
 */
export function vrsReached(list: () => Promise<readonly RawVr[]>, volumes: number): VrReached {
    const wait = waitTogether<ReadonlyMap<VolumeKey, RawVr>>({
        look: async () => firstBy(await list(), keyOf),
        interval: lookInterval(volumes),
    });
    return async ({ key, vr: wanted }, seconds) => {
        const gate = wanted?.waitFor;
        if (gate === undefined) return;
        await wait(key, {
            what: `${key} ${GATES[gate]}`,
            missing: (seen) => {
                const live = seen.get(key);
                const vr = live && toVrSnapshot(live);
                return vr === undefined || !asks(vr, wanted!) || fulfils(vr, gate) ? undefined : describeVr(vr);
            },
            seconds,
        });
    };
}
