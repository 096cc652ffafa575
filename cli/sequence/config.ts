/** A site's config, as far as a sequence edits it: what it asks, and which groups have a state of their own. */
import { groupKey } from "../../dr/commands.js";
import { DEFAULT_GROUP, type ReplicationState, type SiteIntent } from "../../dr/model.js";
import type { Edit } from "./model.js";

/** What of a site's config is edited. */
export interface Asked {
    readonly intent: SiteIntent;
    /** Groups with a state of their own in config; the others follow the site's. */
    readonly pinned: ReadonlySet<string>;
}

/** Names of all groups that config knows besides the default one. */
function otherGroups({ intent }: Asked): readonly string[] {
    return (intent.groups ?? []).map((group) => group.name);
}

/**
 * The edits that give groups a state.
 *
 * @param groups which; undefined for all of the site
 */
export function stateEdits(asked: Asked, state: ReplicationState, groups?: readonly string[]): Edit[] {
    const all = [DEFAULT_GROUP, ...otherGroups(asked)];
    const set = (group: string, value: ReplicationState): Edit => ({
        key: groupKey(group === DEFAULT_GROUP ? undefined : group, "replicationState"),
        value,
    });
    if (groups === undefined || all.every((group) => groups.includes(group)))
        return [set(DEFAULT_GROUP, state), ...[...asked.pinned].map((group) => set(group, state))];
    // A group that follows the site's state and is not to move gets the state that it has for its own, first.
    const followers = groups.includes(DEFAULT_GROUP)
        ? (asked.intent.groups ?? []).filter(({ name }) => !asked.pinned.has(name) && !groups.includes(name))
        : [];
    return [
        ...followers.map(({ name, replicationState }) => set(name, replicationState)),
        ...groups.map((group) => set(group, state)),
    ];
}

/** Config with some edits made. */
export function editedConfig(asked: Asked, edits: readonly Edit[]): Asked {
    let { intent } = asked;
    const pinned = new Set(asked.pinned);
    for (const { key, value } of edits) {
        const group = groupOf(key);
        if (key === "lostSite") intent = { ...intent, lostSite: value };
        else if (key === "teardown") intent = { ...intent, teardown: value === "true" };
        else if (group !== undefined) {
            pinned.add(group);
            intent = withState(intent, value as ReplicationState, (name) => name === group);
        } else {
            intent = withState(intent, value as ReplicationState, (name) => !pinned.has(name));
            intent = { ...intent, replicationState: value as ReplicationState };
        }
    }
    return { intent, pinned };
}

/** The edits that config lacks. */
export function missingEdits(asked: Asked, edits: readonly Edit[]): Edit[] {
    return edits.filter(({ key, value }) => {
        const group = groupOf(key);
        if (group !== undefined) return !asked.pinned.has(group) || stateOf(asked.intent, group) !== value;
        if (key === "teardown") return String(asked.intent.teardown) !== value;
        return (key === "lostSite" ? asked.intent.lostSite : asked.intent.replicationState) !== value;
    });
}

/** State that a group is asked to be in. */
export function stateOf(intent: SiteIntent, group: string): ReplicationState | undefined {
    if (group === DEFAULT_GROUP) return intent.replicationState;
    return intent.groups?.find(({ name }) => name === group)?.replicationState;
}

/** The group of a key `groups.NAME.replicationState`; undefined for other keys. */
function groupOf(key: string): string | undefined {
    return /^groups\.(.+)\.replicationState$/.exec(key)?.[1];
}

function withState(intent: SiteIntent, state: ReplicationState, which: (group: string) => boolean): SiteIntent {
    if (intent.groups === undefined) return intent;
    const groups = intent.groups.map((group) => (which(group.name) ? { ...group, replicationState: state } : group));
    return { ...intent, groups };
}
