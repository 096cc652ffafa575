/** Splits what a site's decision is made from into one input a group, as if each were a site of its own. */
import { inUse, keyOf } from "../facts.js";
import {
    DEFAULT_GROUP,
    type DecisionInput,
    type GroupOutputs,
    type SiteIntent,
    type SiteOutputs,
    type SiteSnapshot,
    type StackOutputs,
    type VolumeKey,
} from "../model.js";

/** What a group that a stack has not known until now counts as: nothing of it is held, nothing was handed over. */
const NEW_GROUP: Pick<GroupOutputs, "replicationState" | "lostSite"> = { replicationState: "secondary" };

/** One group, with the input that it is decided from. */
export interface GroupInput {
    readonly name: string;
    /** False for a group that outputs alone know: config names none of its volumes, so there is nothing to build. */
    readonly configured: boolean;
    readonly input: DecisionInput;
}

/** The input of each group: the default one first, then the others as config lists them, then those that only outputs know. */
export function splitByGroup(input: DecisionInput): GroupInput[] {
    const configured = askedStates(input.intent);
    return [...volumesByGroup(input)].map(([name, volumes], i) => ({
        name,
        configured: configured.has(name),
        // What became of claims is said once, by the first group: a refusal of any keeps all where they are.
        input: restrict(i === 0 ? input : withoutFindings(input), name, volumes),
    }));
}

/** The input of one group. */
export function inputOfGroup(input: DecisionInput, group: string | undefined): DecisionInput {
    const name = group ?? DEFAULT_GROUP;
    return restrict(input, name, volumesByGroup(input).get(name) ?? new Set());
}

/** The group in which a stack's last `up` had a volume; undefined where it did not know the volume. */
export function recordedGroup(outputs: SiteOutputs, key: VolumeKey): string | undefined {
    if (outputs.groups === undefined) return outputs.records[key] === undefined ? undefined : DEFAULT_GROUP;
    return Object.entries(outputs.groups).find(([, group]) => group.volumes.includes(key))?.[0];
}

/** State in which a stack's last `up` left a group; undefined where there was no such group. */
export function recordedState(outputs: SiteOutputs, group: string): GroupOutputs["replicationState"] | undefined {
    if (outputs.groups !== undefined) return outputs.groups[group]?.replicationState;
    return group === DEFAULT_GROUP ? outputs.replicationState : undefined;
}

/** What each group of a site is asked to be; groups without a volume are left out. */
export function askedStates(intent: SiteIntent): Map<string, SiteIntent["replicationState"]> {
    const named = new Set([...intent.volumes, ...(intent.adopt ?? [])].map((v) => v.group ?? DEFAULT_GROUP));
    const all = [{ name: DEFAULT_GROUP, replicationState: intent.replicationState }, ...(intent.groups ?? [])];
    return new Map(all.filter((g) => named.has(g.name)).map((g) => [g.name, g.replicationState]));
}

/** Whether a stack's last `up` left anything primary. */
export function recordsPrimary(outputs: SiteOutputs): boolean {
    const states = Object.values(outputs.groups ?? {}).map((g) => g.replicationState);
    return outputs.replicationState === "primary" || states.includes("primary");
}

/** The volumes of each group that has any, or may come to some. */
function volumesByGroup(input: DecisionInput): Map<string, Set<VolumeKey>> {
    const { intent } = input;
    const keys = new Map<string, Set<VolumeKey>>();
    for (const name of [DEFAULT_GROUP, ...(intent.groups ?? []).map((g) => g.name)]) keys.set(name, new Set());
    for (const spec of intent.volumes) add(keys, spec.group ?? DEFAULT_GROUP, keyOf(spec));
    for (const key of strangers(input)) add(keys, groupOfStranger(input, key), key);
    // A group that adopts is there before any claim of it is.
    const adopts = new Set((intent.adopt ?? []).map((spec) => spec.group ?? DEFAULT_GROUP));
    return new Map([...keys].filter(([name, volumes]) => volumes.size > 0 || adopts.has(name)));
}

function withoutFindings(input: DecisionInput): DecisionInput {
    return { ...input, intent: { ...input.intent, adoption: undefined } };
}

function add(keys: Map<string, Set<VolumeKey>>, group: string, key: VolumeKey): void {
    keys.set(group, (keys.get(group) ?? new Set()).add(key));
}

/** Volumes that outputs know and config does not. */
function strangers({ intent, ownOutputs, peerOutputs }: DecisionInput): Set<VolumeKey> {
    const named = new Set(intent.volumes.map(keyOf));
    const known = [ownOutputs, peerOutputs].flatMap((o) =>
        o.found === "outputs" ? Object.keys(o.outputs.records) : [],
    );
    return new Set(known.filter((key) => !named.has(key)));
}

/** A site without groups answers for every volume that it is not told of, as the only group there is. */
function groupOfStranger({ intent, ownOutputs, peerOutputs }: DecisionInput, key: VolumeKey): string {
    if ((intent.groups ?? []).length === 0) return DEFAULT_GROUP;
    for (const stack of [ownOutputs, peerOutputs]) {
        const group = stack.found === "outputs" ? recordedGroup(stack.outputs, key) : undefined;
        if (group !== undefined) return group;
    }
    return DEFAULT_GROUP;
}

function restrict(input: DecisionInput, name: string, keys: ReadonlySet<VolumeKey>): DecisionInput {
    const { intent } = input;
    const isDefault = name === DEFAULT_GROUP;
    const asked = isDefault ? intent : intent.groups?.find((g) => g.name === name);
    return {
        ...input,
        intent: {
            ...intent,
            group: isDefault ? undefined : name,
            groups: undefined,
            replicationState: asked?.replicationState ?? "secondary",
            volumes: intent.volumes.filter((v) => (v.group ?? DEFAULT_GROUP) === name),
        },
        own: restrictSnapshot(input.own, keys),
        peer: restrictSnapshot(input.peer, keys),
        ownOutputs: restrictOutputs(input.ownOutputs, name, keys),
        peerOutputs: restrictOutputs(input.peerOutputs, name, keys),
        inUseAtPeer: usedOutside(input.peer, keys),
    };
}

function restrictSnapshot(snapshot: SiteSnapshot, keys: ReadonlySet<VolumeKey>): SiteSnapshot {
    return snapshot.reach === "observed" ? { ...snapshot, volumes: pick(snapshot.volumes, keys) } : snapshot;
}

function usedOutside(peer: SiteSnapshot, keys: ReadonlySet<VolumeKey>): VolumeKey[] {
    if (peer.reach !== "observed") return [];
    return Object.values(peer.volumes)
        .filter((volume) => !keys.has(volume.key) && inUse(volume))
        .map((volume) => volume.key);
}

function restrictOutputs(stack: StackOutputs, name: string, keys: ReadonlySet<VolumeKey>): StackOutputs {
    if (stack.found !== "outputs") return stack;
    const { outputs } = stack;
    const { replicationState, lostSite } = roleIn(outputs, name, keys);
    return {
        found: "outputs",
        outputs: {
            ...outputs,
            replicationState,
            lostSite,
            groups: undefined,
            records: pick(outputs.records, keys),
            sources: pick(outputs.sources, keys),
            lastSync: pick(outputs.lastSync, keys),
            terms: outputs.terms && pick(outputs.terms, keys),
            handedOver: outputs.handedOver.filter((key) => keys.has(key)),
        },
    };
}

/** What outputs say of a group: by its name, else by where its volumes were. */
function roleIn(
    outputs: SiteOutputs,
    name: string,
    keys: ReadonlySet<VolumeKey>,
): Pick<GroupOutputs, "replicationState" | "lostSite"> {
    const { groups } = outputs;
    if (groups !== undefined)
        return groups[name] ?? Object.values(groups).find((g) => g.volumes.some((key) => keys.has(key))) ?? NEW_GROUP;
    const known = name === DEFAULT_GROUP || Object.keys(outputs.records).some((key) => keys.has(key));
    return known ? outputs : { ...NEW_GROUP, lostSite: outputs.lostSite };
}

function pick<T>(all: Readonly<Record<VolumeKey, T>>, keys: ReadonlySet<VolumeKey>): Record<VolumeKey, T> {
    return Object.fromEntries([...keys].flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])));
}
