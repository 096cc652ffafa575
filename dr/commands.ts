/** Commands that refusals and plans tell a person to type. A site's name is its stack's name. */
import { claimOf } from "./facts.js";
import type { ReplicationState, SiteIntent, VolumeKey } from "./model.js";

/** Whose commands they are: a site, or one group of it. */
interface Asked {
    readonly intent: Pick<SiteIntent, "site" | "peer" | "group">;
}

/**
 * Flips one of the two sites, for the group that is spoken of:
 * `pulumi config set replicationState secondary -s cluster1 && pulumi up -s cluster1`.
 */
export function flip(asked: Asked, side: "own" | "peer", state: ReplicationState): string {
    return `${setState(asked, side, state)} && ${up(siteOf(asked, side))}`;
}

/** Sets the state of the group that is spoken of: of the whole site where it has no groups. */
export function setState(asked: Asked, side: "own" | "peer", state: ReplicationState): string {
    return setConfig(siteOf(asked, side), groupKey(asked.intent.group, "replicationState"), state);
}

/** Declares the peer lost and promotes here by force. */
export function disaster(asked: Asked): string {
    const { site, peer } = asked.intent;
    return `${setConfig(site, "lostSite", peer)} && ${flip(asked, "own", "primary")}`;
}

/** `pulumi up` of a site. */
export function up(site: string): string {
    return `pulumi up -s ${site}`;
}

/** Sets a config key of a site; the key may be a path, as `groups.shop.replicationState`. */
export function setConfig(site: string, key: string, value: string): string {
    return `pulumi config set ${pathFlag(key)}${key} ${value} -s ${site}`;
}

/** Shows a config key of a site. */
export function getConfig(site: string, key: string): string {
    return `pulumi config get ${pathFlag(key)}${key} -s ${site}`;
}

/** Removes a config key of a site. */
export function removeConfig(site: string, key: string): string {
    return `pulumi config rm ${pathFlag(key)}${key} -s ${site}`;
}

/** Where a key of a group stands in config: at the top for the group `default`. */
export function groupKey(group: string | undefined, key: "replicationState" | "volumes" | "workloads"): string {
    return group === undefined ? key : `groups.${group}.${key}`;
}

/** Shows a claim, with the pods that use it under "Used By". */
export function describeClaim(key: VolumeKey): string {
    const { namespace, name } = claimOf(key);
    return `kubectl describe pvc ${name} -n ${namespace}`;
}

/** Appends volumes to the list of those that a site lets go. */
export function letGo({ site, release = [] }: SiteIntent, keys: readonly VolumeKey[]): string[] {
    return keys.map((key, i) => `pulumi config set --path 'release[${release.length + i}]' ${key} -s ${site}`);
}

function siteOf({ intent }: Asked, side: "own" | "peer"): string {
    return side === "own" ? intent.site : intent.peer;
}

function pathFlag(key: string): string {
    return key.includes(".") ? "--path " : "";
}

/** Lets a VR go whose driver refuses to disable mirroring. */
export function dropFinalizer(key: VolumeKey): string {
    const { namespace, name } = claimOf(key);
    return `kubectl patch volumereplication ${name} -n ${namespace} --type merge -p '{"metadata":{"finalizers":null}}'`;
}

/** Deletes a claim, and its PV where one is named: the image stays. */
export function deleteClaim(key: VolumeKey, pv?: string): string {
    const { namespace, name } = claimOf(key);
    const claim = `kubectl delete pvc ${name} -n ${namespace}`;
    return pv === undefined ? claim : `${claim} && kubectl delete pv ${pv}`;
}
