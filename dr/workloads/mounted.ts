/** Which of many claims a workload mounts, without trying each claim on each workload. */
import type { VolumeKey } from "../model.js";
import type { WorkloadSeen } from "./types.js";

/**
 * Indexes claims once, for any number of workloads.
 *
 * @param keys the claims that are asked about
 * @returns those of them that a workload's pods mount, or will when it has enough replicas, in the order of `keys`
 */
export function mountedOf(keys: readonly VolumeKey[]): (workload: WorkloadSeen) => VolumeKey[] {
    const known = new Map(keys.map((key, i) => [key, i]));
    const numbered = new Map<string, VolumeKey[]>();
    for (const key of known.keys()) {
        const prefix = key.replace(/\d+$/, "");
        if (prefix === key) continue;
        const group = numbered.get(prefix);
        if (group === undefined) numbered.set(prefix, [key]);
        else group.push(key);
    }
    return ({ namespace, claims, claimPrefixes }) => {
        const named = claims.map((claim) => `${namespace}/${claim}`).filter((key) => known.has(key));
        const made = claimPrefixes.flatMap((prefix) => numbered.get(`${namespace}/${prefix}`) ?? []);
        return [...new Set([...named, ...made])].sort((a, b) => known.get(a)! - known.get(b)!);
    };
}
