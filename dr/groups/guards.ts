/** Rules between groups, and between what the two sites call a group: what no group can see of itself. */
import { contextOf, keyOf, type VolumeFacts } from "../facts.js";
import { refuse } from "../refusals.js";
import { asksResync } from "../vr-status.js";
import {
    DEFAULT_GROUP,
    type Decision,
    type DecisionInput,
    type Plan,
    type Refusal,
    type ReplicationState,
    type SiteOutputs,
    type VolumeKey,
} from "../model.js";
import { recordedGroup, recordedState, type GroupInput } from "./split.js";

/** A group and what was decided for it alone. */
export interface DecidedGroup extends GroupInput {
    readonly decision: Decision;
}

/** Operations in which one site takes a group over from the other, so that both must mean the same volumes by its name. */
const MOVES: ReadonlySet<Plan["operation"]> = new Set<Plan["operation"]>(["planned-demotion", "planned-promotion"]);

/** Every rule between groups that is broken. */
export function guardBetween(input: DecisionInput, groups: readonly DecidedGroup[]): Refusal[] {
    if (input.intent.teardown) return guardTeardown(groups);
    return groups
        .filter((g) => g.configured)
        .flatMap((group) => guardRegrouping(input, group) ?? guardPods(input, group) ?? guardPeer(input, group) ?? []);
}

/** What a person should know of a group's place among the others, though nothing is refused for it. */
export function warnBetween(input: DecisionInput, group: GroupInput): string[] {
    const peer = outputsOf(input, "peerOutputs");
    if (peer === undefined || !hasGroups(input, peer)) return [];
    return differences(input, peer, group).map(
        (d) => `${d}; before this group can be moved, both sites have to mean the same volumes by it`,
    );
}

/** Says of a group that only outputs know that nobody here looks after it. */
export function warnUnconfigured({ intent }: DecisionInput, { name, input }: GroupInput): string[] {
    const theirs = contextOf(input).all.filter((v) => v.peerRecord !== undefined);
    if (theirs.length === 0) return [];
    return [
        `${intent.peer} has ${theirs.map((v) => v.key).join(", ")} in its group ${name}, and no group here has it: it would not be taken over. Add it: groups.${name} of stack ${intent.site}`,
    ];
}

/** A volume may change its group only where that changes nothing for the volume. */
function guardRegrouping(input: DecisionInput, group: DecidedGroup): Refusal[] | undefined {
    const outputs = outputsOf(input, "ownOutputs");
    if (outputs === undefined) return undefined;
    const context = contextOf(group.input);
    const asked = context.intent.replicationState;
    const moved = context.volumes.flatMap((facts) => {
        const from = recordedGroup(outputs, facts.key);
        const role = from === undefined || from === group.name ? undefined : roleOf(facts, outputs, from);
        return role === undefined || role === asked ? [] : [{ facts, from: from!, role }];
    });
    if (moved.length === 0) return undefined;
    const detail = moved.map((m) => `${m.facts.key} comes from group ${m.from} and is ${m.role} here`).join("; ");
    return [
        refuse(
            "VOLUME_CHANGES_GROUP",
            context,
            moved.map((m) => m.facts),
            detail,
        ),
    ];
}

/** What a volume is now: what its VR asks for, else what its group was left in. */
function roleOf({ ownVr }: VolumeFacts, outputs: SiteOutputs, group: string): ReplicationState | undefined {
    if (ownVr === undefined) return recordedState(outputs, group);
    return asksResync(ownVr) ? "resync" : ownVr.spec.replicationState;
}

/** A pod that uses volumes of two groups goes down with either of them. */
function guardPods(input: DecisionInput, group: DecidedGroup): Refusal[] | undefined {
    const context = contextOf(group.input);
    const { replicationState } = context.intent;
    if (replicationState === "primary") return undefined;
    const shared = sharedPods(input, group.name).filter((s) => stateOf(input, s.group) !== replicationState);
    if (shared.length === 0) return undefined;
    const detail = shared.map((s) => `pod ${s.pod} uses ${s.own} and also ${s.other} of group ${s.group}`).join("; ");
    const facts = context.volumes.filter((v) => shared.some((s) => s.own === v.key));
    return [refuse("POD_IN_TWO_GROUPS", context, facts, detail)];
}

interface SharedPod {
    readonly pod: string;
    readonly own: VolumeKey;
    readonly other: VolumeKey;
    readonly group: string;
}

function sharedPods({ own, intent }: DecisionInput, name: string): SharedPod[] {
    if (own.reach !== "observed") return [];
    const users = intent.volumes.flatMap((spec) => {
        const key = keyOf(spec);
        const pods = own.volumes[key]?.pods ?? [];
        return pods.map((pod) => ({ pod: `${spec.namespace}/${pod}`, key, group: spec.group ?? DEFAULT_GROUP }));
    });
    const byPod = new Map<string, typeof users>();
    for (const user of users.filter((u) => u.group !== name))
        byPod.set(user.pod, [...(byPod.get(user.pod) ?? []), user]);
    return users
        .filter((u) => u.group === name)
        .flatMap((u) =>
            (byPod.get(u.pod) ?? []).map((other) => ({ pod: u.pod, own: u.key, other: other.key, group: other.group })),
        );
}

function stateOf({ intent }: DecisionInput, group: string): ReplicationState | undefined {
    return group === DEFAULT_GROUP
        ? intent.replicationState
        : intent.groups?.find((g) => g.name === group)?.replicationState;
}

/** Before a group is moved, the peer's last `up` must have known it, with the same volumes. A lost peer is not asked. */
function guardPeer(input: DecisionInput, group: DecidedGroup): Refusal[] | undefined {
    const peer = outputsOf(input, "peerOutputs");
    if (peer === undefined || !hasGroups(input, peer) || input.intent.lostSite === input.intent.peer) return undefined;
    if (group.decision.kind === "plan" && !MOVES.has(group.decision.operation)) return undefined;
    if (group.decision.kind === "refusal" && group.decision.code !== "PEER_PRIMARY") return undefined;
    const found = differences(input, peer, group);
    return found.length === 0 ? undefined : [refuse("GROUPS_DIFFER", contextOf(group.input), [], found.join("; "))];
}

/** Where the two sites' configs, as far as the peer's last `up` tells, mean different volumes by a group's name. */
function differences({ intent }: DecisionInput, peer: SiteOutputs, { name }: GroupInput): string[] {
    const groupHere = new Map(intent.volumes.map((v) => [keyOf(v), v.group ?? DEFAULT_GROUP]));
    const ours = [...groupHere].filter(([, group]) => group === name).map(([key]) => key);
    const found = ours.flatMap((key) => {
        const there = recordedGroup(peer, key);
        if (there === name) return [];
        // An earlier version recorded only what it held, so that what it did not name may still be in its config.
        if (there === undefined && peer.groups === undefined && name === DEFAULT_GROUP) return [];
        const where = there === undefined ? "in no group" : `in its group ${there}`;
        return [`${intent.peer} had ${key} ${where} in its last up`];
    });
    const theirs = peer.groups?.[name]?.volumes ?? [];
    const elsewhere = theirs.flatMap((key) => {
        const here = groupHere.get(key);
        return here === name
            ? []
            : [
                  `${intent.peer} had ${key} in its last up, which ${here === undefined ? "is in no group" : `is in group ${here}`} here`,
              ];
    });
    return [...found, ...elsewhere];
}

function hasGroups({ intent }: DecisionInput, peer: SiteOutputs): boolean {
    const named = Object.keys(peer.groups ?? {}).some((name) => name !== DEFAULT_GROUP);
    return named || (intent.groups ?? []).length > 0;
}

/** With groups primary on both sites each site would have to be taken down after the other. */
function guardTeardown(groups: readonly DecidedGroup[]): Refusal[] {
    const last = groups.filter((g) => g.decision.kind === "refusal" && g.decision.code === "TEARDOWN_ORDER");
    const first = groups.filter((g) =>
        contextOf(g.input).volumes.some((v) => v.ownVr !== undefined && v.ownVr.spec.replicationState !== "primary"),
    );
    if (first.length === 0) return [];
    return last.map((g) =>
        refuse(
            "TEARDOWN_MIXED_ROLES",
            contextOf(g.input),
            contextOf(g.input).volumes,
            `primary here: group ${last.map((l) => l.name).join(", ")}; primary there: group ${first.map((f) => f.name).join(", ")}`,
        ),
    );
}

function outputsOf(input: DecisionInput, whose: "ownOutputs" | "peerOutputs"): SiteOutputs | undefined {
    const stack = input[whose];
    return stack.found === "outputs" ? stack.outputs : undefined;
}
