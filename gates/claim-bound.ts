/** The gate before a VR: the claim is bound. What a provisioned volume is recorded from is read there, too. */
import type * as k8s from "@kubernetes/client-node";
import type { VolumeKey, VolumeRecord } from "../dr/model.js";
import { toRecord } from "../dr/records.js";
import { lookInterval } from "../many-volumes.js";
import { firstBy, keyOf } from "../observe/by-key.js";
import type { SiteLists } from "../observe/lists.js";
import { namespacesOf } from "../observe/site.js";
import { waitTogether } from "./together.js";

/** What is listed at a look. */
type Listed = Pick<SiteLists, "claims" | "volumes">;

/** Claims by volume, and PVs by name. */
interface Found {
    readonly claims: ReadonlyMap<VolumeKey, k8s.V1PersistentVolumeClaim>;
    readonly volumes: ReadonlyMap<string, k8s.V1PersistentVolume>;
}

/**
 * Waits until a claim is bound, and gives its record. Its error says what was seen last, when time is up; or, at once, that the volume
 * is none that can be restored.
 */
export type ClaimsBound = (key: VolumeKey) => Promise<VolumeRecord>;

/**
 * Makes the wait of a site's claims, who share its lists.
 *
 * The Kubernetes provider could wait for them, but it asks for each twice a second, and gives each five minutes, whatever it is told
 * (4.18.1, `untilCoreV1PersistentVolumeClaimReady`); the provisioner made two a second on the lab, and Kubernetes' own controller binds
 * five restored ones.
 *
 * @param list lists the claims of some namespaces, and the PVs
 * @param volumes how many there are
 * @param seconds how long each is waited for
 */
export function claimsBound(
    list: (namespaces: readonly string[]) => Promise<Listed>,
    volumes: number,
    seconds: number,
): ClaimsBound {
    const wait = waitTogether<Found>({
        look: async (waiting) => {
            const listed = await list(namespacesOf(waiting));
            return {
                claims: firstBy(listed.claims, keyOf),
                volumes: firstBy(listed.volumes, (pv) => pv.metadata?.name),
            };
        },
        interval: lookInterval(volumes),
    });
    const ofClaim = ({ claims, volumes: pvs }: Found, key: VolumeKey) => {
        const claim = claims.get(key);
        return { claim, pv: pvs.get(claim?.spec?.volumeName ?? "") };
    };
    return async (key) => {
        const what = `the claim ${key} to be bound`;
        const missing = (seen: Found) => {
            const { claim, pv } = ofClaim(seen, key);
            return claim?.status?.phase === "Bound" && pv !== undefined ? undefined : describe(claim, pv);
        };
        const { claim, pv } = ofClaim(await wait(key, { what, missing, seconds }), key);
        return toRecord(claim!, pv!);
    };
}

function describe(claim: k8s.V1PersistentVolumeClaim | undefined, pv: k8s.V1PersistentVolume | undefined): string {
    if (claim === undefined) return "there is no such claim";
    const { volumeName } = claim.spec ?? {};
    const volume = volumeName === undefined ? "" : `, its PV ${volumeName} is ${pv?.status?.phase ?? "not there"}`;
    return `it is ${claim.status?.phase ?? "without a status"}${volume}`;
}
