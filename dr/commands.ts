/** Commands that refusals and plans tell a person to type. A site's name is its stack's name. */
import type { ReplicationState, VolumeKey } from "./model.js";

/** Flips a site: `pulumi config set replicationState secondary -s cluster1 && pulumi up -s cluster1`. */
export function flip(site: string, state: ReplicationState): string {
    return `${setConfig(site, "replicationState", state)} && ${up(site)}`;
}

/** `pulumi up` of a site. */
export function up(site: string): string {
    return `pulumi up -s ${site}`;
}

/** Sets a config key of a site. */
export function setConfig(site: string, key: string, value: string): string {
    return `pulumi config set ${key} ${value} -s ${site}`;
}

/** Removes a config key of a site. */
export function removeConfig(site: string, key: string): string {
    return `pulumi config rm ${key} -s ${site}`;
}

/** Declares the peer lost and promotes here by force. */
export function disaster(site: string, peer: string): string {
    return `${setConfig(site, "lostSite", peer)} && ${flip(site, "primary")}`;
}

/** Shows a claim, with the pods that use it under "Used By". */
export function describeClaim(key: VolumeKey): string {
    const [namespace, name] = key.split("/");
    return `kubectl describe pvc ${name} -n ${namespace}`;
}
