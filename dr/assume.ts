/**
 * The world after a plan has been carried out, as far as it can be told beforehand. With it the second leg of a move can be
 * previewed before the first one is done: what is decided then rests on the assumption that the first has succeeded.
 */
import { volumeIn } from "./facts.js";
import { decideSite } from "./groups/decide.js";
import { groupOutputs, memoriesOf, stateOfSite } from "./groups/outputs.js";
import { recordedState } from "./groups/split.js";
import { asksPrimary, TERM_ANNOTATION } from "./vr-status.js";
import {
    DEFAULT_GROUP,
    type Condition,
    type DecisionInput,
    type ImageSnapshot,
    type Plan,
    type ReplicationState,
    type SiteIntent,
    type SiteOutputs,
    type SitePlan,
    type SiteRefusal,
    type SiteSnapshot,
    type StackOutputs,
    type VolumePlan,
    type VolumeSnapshot,
    type VrSnapshot,
} from "./model.js";

/** What a step makes of a site; `destroyed` follows a `teardown`. */
export const ASSUMABLE = ["primary", "secondary", "resync", "teardown", "destroyed"] as const;

/** A step that is assumed to have succeeded: a site, and what it has been made. */
export interface AssumedStep {
    readonly site: string;
    /** The group that it is of; undefined for all of the site. */
    readonly group?: string;
    readonly state: (typeof ASSUMABLE)[number];
}

/** What is known once the assumption is made. */
export interface Assumed {
    readonly kind: "assumed";
    readonly input: DecisionInput;
}

/** An assumption that cannot be made: this step would be refused itself. */
export interface Unassumable {
    readonly kind: "unassumable";
    readonly step: AssumedStep;
    readonly refusal: SiteRefusal;
}

/**
 * The input after some steps, of this site or of the peer, have succeeded one after the other.
 *
 * @param input what was seen; its intent stays as it is
 * @param steps in the order in which they are carried out
 * @throws Error where a step names a site that is neither of the two
 */
export function assume(input: DecisionInput, steps: readonly AssumedStep[]): Assumed | Unassumable {
    const { site, peer } = input.intent;
    // What each site is asked to be, step by step; of the peer only its outputs tell.
    const intents = new Map([
        [site, input.intent],
        [peer, peerIntent(input)],
    ]);
    let now = input;
    for (const step of steps) {
        const before = intents.get(step.site);
        if (before === undefined)
            throw new Error(`${step.site} is neither ${site} nor ${peer}: nothing can be assumed of it.`);
        const intent = intentAfter(before, step);
        intents.set(step.site, intent);
        const own = step.site === site;
        const view = { ...(own ? now : fromPeer(now)), intent };
        const after = step.state === "destroyed" ? afterDestroy(view) : afterStep(view);
        if ("kind" in after) return { kind: "unassumable", step, refusal: after };
        now = { ...(own ? after : fromPeer(after)), intent: input.intent };
    }
    return { kind: "assumed", input: now };
}

/** Steps as text: `cluster1=secondary,cluster2=primary`, or for one group `cluster1/shop=secondary`. */
export function formatAssumption(steps: readonly AssumedStep[]): string {
    return steps.map(({ site, group, state }) => `${site}${group === undefined ? "" : `/${group}`}=${state}`).join(",");
}

/**
 * Reads {@link formatAssumption}.
 *
 * @throws Error naming what is wrong and what can be given
 */
export function parseAssumption(text: string): AssumedStep[] {
    return text.split(",").map((part) => {
        const found = /^([^=/]+)(?:\/([^=/]+))?=(\w+)$/.exec(part.trim());
        const known = ASSUMABLE.find((each) => each === found?.[3]);
        if (found === null || known === undefined)
            throw new Error(
                `"${part}" is no step. Give SITE=STATE or SITE/GROUP=STATE, more than one separated by commas, STATE one of ${ASSUMABLE.join(", ")}.`,
            );
        return { site: found[1]!, ...(found[2] === undefined ? {} : { group: found[2] }), state: known };
    });
}

/** The same, seen from the other site; the intent is that of whoever looks. */
function fromPeer(input: DecisionInput): DecisionInput {
    return {
        ...input,
        own: input.peer,
        peer: input.own,
        ownOutputs: input.peerOutputs,
        peerOutputs: input.ownOutputs,
    };
}

/** What the peer is asked to be, as far as can be told from here: the same volumes, in the states that it was left in. */
function peerIntent({ intent, peerOutputs }: DecisionInput): SiteIntent {
    const outputs = peerOutputs.found === "outputs" ? peerOutputs.outputs : undefined;
    const stateOf = (group: string): ReplicationState =>
        (outputs === undefined ? undefined : recordedState(outputs, group)) ?? "secondary";
    return {
        ...intent,
        site: intent.peer,
        peer: intent.site,
        replicationState: stateOf(DEFAULT_GROUP),
        groups: intent.groups?.map(({ name }) => ({ name, replicationState: stateOf(name) })),
        lostSite: undefined,
        teardown: false,
    };
}

function intentAfter(intent: SiteIntent, { state, group }: AssumedStep): SiteIntent {
    const after = { ...intent, lostSite: undefined, teardown: state === "teardown" };
    if (state === "teardown" || state === "destroyed") return after;
    const all = group === undefined;
    return {
        ...after,
        replicationState: all || group === DEFAULT_GROUP ? state : after.replicationState,
        groups: after.groups?.map((g) => (all || g.name === group ? { ...g, replicationState: state } : g)),
    };
}

function afterStep(input: DecisionInput): DecisionInput | SiteRefusal {
    const plan = decideSite(input);
    return plan.kind === "refusal" ? plan : afterPlan(input, plan);
}

/** The input after a site's own plan has been carried out: its objects, its copies' state, and its outputs. */
export function afterPlan(input: DecisionInput, { groups }: SitePlan): DecisionInput {
    let after = input;
    for (const plan of groups) after = { ...after, own: snapshotAfter(after, plan), peer: peerAfter(after, plan) };
    return { ...after, ownOutputs: { found: "outputs", outputs: outputsAfter(input, groups) } };
}

/** A stack that has been destroyed holds nothing any more; what others made, and the peer, stay. */
function afterDestroy(input: DecisionInput): DecisionInput {
    const none: StackOutputs = { found: "none" };
    if (input.own.reach !== "observed") return { ...input, ownOutputs: none };
    const volumes = Object.fromEntries(
        Object.entries(input.own.volumes).map(([key, volume]): [string, VolumeSnapshot] => [
            key,
            { key, pods: [], attachments: [], image: volume.image },
        ]),
    );
    return { ...input, own: { ...input.own, volumes }, ownOutputs: none };
}

function snapshotAfter(input: DecisionInput, plan: Plan): SiteSnapshot {
    const seen: Partial<Extract<SiteSnapshot, { reach: "observed" }>> = input.own.reach === "observed" ? input.own : {};
    const volumes: Record<string, VolumeSnapshot> = { ...seen.volumes };
    for (const volume of plan.volumes)
        if (volume.vr !== undefined) volumes[volume.key] = volumeAfter(input, plan, volume, seen.volumes?.[volume.key]);
    return { ...seen, reach: "observed", at: input.now, volumes };
}

function volumeAfter(input: DecisionInput, plan: Plan, volume: VolumePlan, before?: VolumeSnapshot): VolumeSnapshot {
    const { key } = volume;
    const up = plan.workload === "up";
    const pvName = volume.record?.pv.metadata.name ?? before?.pv?.name ?? `pv-of-${key}`;
    return {
        ...before,
        key,
        pvc: before?.pvc ?? { phase: "Bound", volumeName: pvName, uid: "assumed", deleting: false },
        pv: before?.pv ?? { name: pvName, phase: "Bound", reclaimPolicy: "Retain" },
        vr: vrAfter(input, plan, volume, before?.vr),
        pods: up ? (before?.pods ?? []) : [],
        attachments: up ? (before?.attachments ?? []) : [],
        image: before?.image === undefined ? undefined : imageAfter(input, volume, before.image),
    };
}

function vrAfter(input: DecisionInput, plan: Plan, { key, vr }: VolumePlan, before?: VrSnapshot): VrSnapshot {
    const wanted = vr!;
    const unchanged =
        before !== undefined &&
        before.spec.replicationState === wanted.replicationState &&
        before.spec.autoResync === wanted.autoResync;
    const generation = unchanged ? before.generation : (before?.generation ?? 0) + 1;
    const primary = wanted.replicationState === "primary";
    return {
        name: before?.name ?? key.slice(key.indexOf("/") + 1),
        generation,
        deleting: false,
        annotations: {
            ...before?.annotations,
            [TERM_ANNOTATION]: String(wanted.term),
        },
        spec: {
            replicationState: wanted.replicationState,
            autoResync: wanted.autoResync,
            volumeReplicationClass: before?.spec.volumeReplicationClass ?? input.intent.replicationClass ?? "",
            claim: before?.spec.claim ?? key.slice(key.indexOf("/") + 1),
        },
        status: {
            ...before?.status,
            state: primary ? "Primary" : "Secondary",
            message: undefined,
            observedGeneration: generation,
            conditions: conditionsAfter(input, plan, key, wanted, generation),
        },
    };
}

/** What the controller says when it is done (facts b.5): handed over, replaying from a primary, or fed by nobody. */
function conditionsAfter(
    input: DecisionInput,
    plan: Plan,
    key: string,
    wanted: NonNullable<VolumePlan["vr"]>,
    generation: number,
): Condition[] {
    const quiet = wanted.replicationState === "primary" || plan.handedOver.includes(key);
    const replays = !quiet && (wanted.autoResync || peerIsPrimary(input, key));
    const of = (type: string, yes: boolean): Condition => ({
        type,
        status: yes ? "True" : "False",
        observedGeneration: generation,
    });
    return [of("Completed", true), of("Degraded", !quiet), of("Resyncing", replays)];
}

function imageAfter(input: DecisionInput, volume: VolumePlan, before: ImageSnapshot): ImageSnapshot {
    if (volume.vr!.replicationState === "primary")
        return {
            exists: true,
            mirroring: "enabled",
            primary: true,
            state: "up+stopped",
            description: "local image is primary",
        };
    if (!peerIsPrimary(input, volume.key))
        return {
            exists: true,
            mirroring: "enabled",
            primary: false,
            state: "up+unknown",
            description: "remote image is not primary",
        };
    // A copy that is kept goes on as it was seen; one that is given up has arrived afresh.
    return volume.vr!.autoResync || before.primary ? freshCopy(input.now) : before;
}

/** A copy that is complete and keeps up. */
function freshCopy(now: string): ImageSnapshot {
    const at = Math.floor(Date.parse(now) / 1000);
    return {
        exists: true,
        mirroring: "enabled",
        primary: false,
        state: "up+replaying",
        description: "replaying",
        sync: { localSnapshotTimestamp: at, remoteSnapshotTimestamp: at, replayState: "idle" },
    };
}

function peerIsPrimary(input: DecisionInput, key: string): boolean {
    const volume = volumeIn(input.peer, key);
    return (volume?.vr !== undefined && asksPrimary(volume.vr)) || volume?.image?.primary === true;
}

/** The other site's copies: a volume that becomes primary here is received there. */
function peerAfter(input: DecisionInput, plan: Plan): SiteSnapshot {
    if (input.peer.reach !== "observed" || plan.replicationState !== "primary") return input.peer;
    const volumes = { ...input.peer.volumes };
    for (const { key, vr } of plan.volumes) {
        const there = volumes[key];
        if (vr?.replicationState !== "primary" || there?.image === undefined || there.image.primary) continue;
        if (there.image.exists && there.image.state !== "up+unknown") continue;
        volumes[key] = { ...there, image: freshCopy(input.now) };
    }
    return { ...input.peer, volumes };
}

function outputsAfter(input: DecisionInput, plans: readonly Plan[]): SiteOutputs {
    const before = input.ownOutputs.found === "outputs" ? input.ownOutputs.outputs : undefined;
    const held = plans.flatMap((plan) => plan.volumes.filter((v) => v.source !== "absent"));
    const records = held.flatMap(({ key, record }) => {
        const known = record ?? before?.records[key];
        return known === undefined ? [] : [[key, known] as const];
    });
    const carried = plans.flatMap((plan) => Object.entries(plan.carried));
    const lostSite = plans.find((plan) => plan.lostSite !== undefined)?.lostSite;
    return {
        schema: "rbd-dr/1",
        site: input.intent.site,
        replicationState: stateOfSite(plans),
        at: input.now,
        records: Object.fromEntries([...carried, ...records]),
        sources: Object.fromEntries(held.map((v) => [v.key, v.source as SiteOutputs["sources"][string]])),
        handedOver: plans.flatMap((plan) => plan.handedOver),
        lastSync: before?.lastSync ?? {},
        terms: Object.fromEntries(held.map((v) => [v.key, v.vr?.term ?? 0])),
        ...(lostSite === undefined ? {} : { lostSite }),
        groups: groupOutputs(plans),
        workloads: memoriesOf(plans),
        releasing: held.filter((v) => v.spec.release === true).map((v) => v.key),
        teardown: input.intent.teardown,
    };
}
