/** Gathers everything a decision is made from: both clusters and both stacks' last outputs. */
import type { DecisionInput, ImageRef, SiteIntent, SiteSnapshot, StackOutputs, VolumeKey } from "../dr/model.js";
import { inputOfGroup } from "../dr/groups/split.js";
import { mayBeRemade } from "../dr/remake.js";
import type { ClusterAccess, SiteConfig } from "../config.js";
import { RBD_DRIVER, ROOK_NAMESPACE } from "../ceph/rook.js";
import { resolveAdoption } from "../dr/claims/resolve.js";
import { managedWorkloads } from "../dr/workloads/managed.js";
import { connect } from "./cluster.js";
import type { Where } from "./lists.js";
import type { ReadStack, StackReader } from "./outputs.js";
import { sharedLook } from "./shared-look.js";
import { observeSite, type SitePlace, type SiteQuery } from "./site.js";

/** An observation, and the means to repeat it right before something irreversible. */
export interface Observation {
    readonly input: DecisionInput;
    readonly peerStack: ReadStack;
    /**
     * Looks again, at both clusters and at the peer's outputs, which may have been written meanwhile. This stack's own are
     * written by this very run, so they stay as read at the start. Who asks at the same time gets the same look, which has
     * begun after each of them asked.
     */
    readonly again: () => Promise<DecisionInput>;
    /**
     * The same, but that no image is opened: what its snapshots say is missing, so that less is seen handed over than is. While a hundred
     * volumes were moved it took a third of the time.
     */
    readonly glance: () => Promise<DecisionInput>;
}

/**
 * Looks at both sites.
 *
 * @param deployed whether this site's cluster is there; false where this run is to make it
 * @param read reads stacks' outputs
 * @throws Error when this site's own kubeconfig or context does not exist: that is a mistake in the config, not an outage
 */
export async function observe(config: SiteConfig, deployed: boolean, read: StackReader): Promise<Observation> {
    if (deployed) connect(config.access);
    let { intent } = config;
    const own = await read(intent.site);
    const look = async (there: boolean, glance?: Pick<SitePlace, "snapshots">) => {
        const peer = await read(intent.peer);
        const [ownSnapshot, peerSnapshot] = await Promise.all([
            there ? observeSite({ ...ownQuery(config, own, peer), ...glance }) : notDeployed(config, own, peer),
            lookAtPeer(config, own, peer, glance),
        ]);
        const now = new Date().toISOString();
        const outputs = { ownOutputs: own.state, peerOutputs: peer.state };
        const input: DecisionInput = { intent, own: ownSnapshot, peer: peerSnapshot, ...outputs, now };
        return { input, peerStack: peer };
    };
    const first = await look(deployed);
    // Which claims and workloads this run is about is settled once: what comes later joins with the next run.
    intent = resolveIntent(config, first.input);
    return {
        ...first,
        input: { ...first.input, intent },
        // By the time of a second look, the cluster has been made.
        again: sharedLook(async () => (await look(true)).input),
        glance: sharedLook(async () => (await look(true, { snapshots: "none" })).input),
    };
}

/** What config means on the cluster as it is: the claims that it adopts, the workloads that it stops and starts. */
export function resolveIntent({ pool, workloads }: SiteConfig, input: DecisionInput): SiteIntent {
    const storage = { driver: RBD_DRIVER, clusterId: ROOK_NAMESPACE, pool: pool.name };
    const intent = resolveAdoption({ ...input, storage });
    return { ...intent, workloads: managedWorkloads(workloads, intent.volumes, input.own) };
}

/** What of an observation one group is decided from. Who shares a look of the site shares the group's part of it. */
export function observationOf(observation: Observation, group: string | undefined): Observation {
    const parts = new WeakMap<DecisionInput, DecisionInput>();
    const partOf = (whole: DecisionInput): DecisionInput => {
        const part = parts.get(whole) ?? inputOfGroup(whole, group);
        parts.set(whole, part);
        return part;
    };
    return {
        ...observation,
        input: partOf(observation.input),
        again: async () => partOf(await observation.again()),
        glance: async () => partOf(await observation.glance()),
    };
}

/** Ids of the mirrored pool on both sites, where they can be seen. */
export function poolIds({ own, peer }: DecisionInput): { local?: number; remote?: number } {
    const idOf = (site: SiteSnapshot) => (site.reach === "observed" ? site.mirroring?.poolId : undefined);
    return { local: idOf(own), remote: idOf(peer) };
}

/**
 * A cluster that this run is to make: a new site, which is something else than one that does not answer. One that is made
 * anew will be empty; one that may not be is unknown, which the decision refuses.
 */
function notDeployed(config: SiteConfig, own: ReadStack, peer: ReadStack): SiteSnapshot {
    const at = new Date().toISOString();
    if (mayBeRemade(config.intent, own.state, peer.state)) return { reach: "observed", at, volumes: {} };
    return {
        reach: "unknown",
        at,
        why: `minikube has no cluster ${config.access.context} that was started to the end`,
    };
}

/** Where a site's program looks on its own cluster. */
export function ownPlace({ access, pool, rbdConf, intent }: SiteConfig): SitePlace {
    return { access, pool: pool.name, rbdConf, snapshots: intent.lostSite === undefined ? "demoted" : "copies" };
}

/** What a site's program looks at on its own cluster. */
export function ownQuery(config: SiteConfig, own: ReadStack, peer: ReadStack): SiteQuery {
    return {
        ...ownPlace(config),
        keys: keysOf(config, own, peer),
        images: recordedImages(own.state, peer.state),
        adopt: config.intent.adopt,
        adopted: adoptedKeys(own, peer),
        workloadsIn: workloadSpaces(config),
    };
}

/** Namespaces in which config selects workloads. */
function workloadSpaces({ workloads }: SiteConfig): Where {
    const spaces = workloads.map((w): Where => ("name" in w ? [w.namespace] : (w.namespaces ?? "everywhere")));
    return spaces.includes("everywhere") ? "everywhere" : [...new Set(spaces.flat())];
}

/** Volumes that either stack has recorded as adopted. */
function adoptedKeys(...stacks: readonly ReadStack[]): Set<VolumeKey> {
    const records = stacks.flatMap(({ state }) => Object.values(recordsOf(state)));
    return new Set(records.filter((r) => r.adopted).map((r) => r.key));
}

async function lookAtPeer(
    config: SiteConfig,
    own: ReadStack,
    peer: ReadStack,
    glance?: Pick<SitePlace, "snapshots">,
): Promise<SiteSnapshot> {
    const access: ClusterAccess | undefined = config.peerAccess ?? peer.access;
    const at = new Date().toISOString();
    if (access === undefined)
        return {
            reach: "unknown",
            at,
            why: `stack ${config.intent.peer} has no outputs yet, and peerContext is not set`,
        };
    return observeSite({
        access,
        keys: keysOf(config, own, peer),
        pool: config.pool.name,
        rbdConf: config.peerRbdConf ?? peer.access?.rbdConf,
        images: recordedImages(own.state, peer.state),
        // A claim there of the same name would be in the way of a restore.
        adopt: config.intent.adopt,
        ...glance,
    });
}

/** Every volume that config, this stack or the peer's stack knows: one that was dropped from config must still be seen. */
function keysOf(config: SiteConfig, own: ReadStack, peer: ReadStack): VolumeKey[] {
    const keys = [
        ...config.intent.volumes.map((v) => `${v.namespace}/${v.name}`),
        ...Object.keys(recordsOf(own.state)),
        ...Object.keys(recordsOf(peer.state)),
    ];
    return [...new Set(keys)];
}

/** Where the images of volumes lie, as stacks have recorded it. */
export function recordedImages(...stacks: readonly StackOutputs[]): Record<VolumeKey, ImageRef> {
    const records = stacks.flatMap((s) => Object.values(recordsOf(s)));
    return Object.fromEntries(records.map((r) => [r.key, r.image]));
}

function recordsOf(stack: StackOutputs) {
    return stack.found === "outputs" ? stack.outputs.records : {};
}
