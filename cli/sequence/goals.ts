/** What each site is to be made, in order, for each operation: the design's sequences by config flip. */
import { decideSite } from "../../dr/groups/decide.js";
import { DEFAULT_GROUP, type RefusalCode, type ReplicationState, type SiteDecision } from "../../dr/model.js";
import { hasMany } from "../../many-volumes.js";
import { editedConfig, stateEdits, stateOf, type Asked } from "./config.js";
import type { Edit, Request, World } from "./model.js";

/** A step of an operation, before it is known whether it is done. */
export interface Goal {
    readonly site: string;
    readonly action: "up" | "destroy";
    readonly edits: readonly Edit[];
    readonly why: string;
    /** The groups that it moves; undefined for all of the site. */
    readonly groups?: readonly string[];
    /** Runs at the same time as the goal before it. */
    readonly withPrevious?: boolean;
    /** Begins with the goal before it, and waits for its handover. */
    readonly awaitsPrevious?: boolean;
    /** Begins once the goal behind it, which waits for it, has all that it needs beside the handover. */
    readonly afterStaging?: boolean;
    /** Passed already, whatever the site looks like now: a later goal has been begun. */
    readonly passed?: boolean;
    /** Always run, as config may ask for things that decisions do not see (versions, sizes). */
    readonly always?: boolean;
}

/** A refusal of `secondary` that only a resync leads out of. */
const NEEDS_RESYNC: ReadonlySet<RefusalCode> = new Set([
    "BOTH_PRIMARY_USE_RESYNC",
    "OWN_SPLIT_BRAIN_USE_RESYNC",
    "RESYNC_UNFINISHED",
]);

/** The goals of a request. */
export function goalsOf(request: Request, world: World): Goal[] {
    switch (request.operation) {
        case "up":
            return setUp(world);
        case "failover":
            return move(world, request.to, scopeOf(request.group));
        case "disaster":
            return [
                {
                    site: request.to,
                    action: "up",
                    groups: scopeOf(request.group),
                    edits: [
                        { key: "lostSite", value: request.lost },
                        ...state(world, request.to, "primary", scopeOf(request.group)),
                    ],
                    why: `${request.lost} is declared lost; promoted by force, the workload starts`,
                },
            ];
        case "failback":
            return failback(world, request.to, scopeOf(request.group));
        case "resync":
            return resync(world, request.site, scopeOf(request.group));
        case "destroy":
            return takeDown(world);
    }
}

/** Name of the other site. */
export function otherSite(world: World, site: string): string {
    return world[site]!.input.intent.peer;
}

/** A site's config as it is. */
export function askedOf(world: World, site: string): Asked {
    const { input, pinned } = world[site]!;
    return { intent: input.intent, pinned: new Set(pinned) };
}

/** What a site's program would decide with some edits made to its config. */
export function decideWith(world: World, site: string, edits: readonly Edit[]): SiteDecision {
    const { intent } = editedConfig(askedOf(world, site), edits);
    return decideSite({ ...world[site]!.input, intent });
}

/** One group, or all. */
type Scope = readonly string[] | undefined;

function scopeOf(group: string | undefined): Scope {
    return group === undefined ? undefined : [group];
}

function state(world: World, site: string, value: ReplicationState, groups: Scope): Edit[] {
    return stateEdits(askedOf(world, site), value, groups);
}

/** Takes the consent to a forced promotion back: it has been used. */
function withoutConsent(world: World, site: string): Edit[] {
    return world[site]!.input.intent.lostSite === undefined ? [] : [{ key: "lostSite" }];
}

function move(world: World, to: string, groups: Scope): [Goal, Goal] {
    const from = otherSite(world, to);
    return [
        {
            site: from,
            action: "up",
            groups,
            edits: [...withoutConsent(world, from), ...state(world, from, "secondary", groups)],
            why: "the workload stops, the volumes are demoted and handed over",
            afterStaging: world[to]!.waitsForHandover && hasMany(volumesIn(world, to, groups)),
        },
        {
            site: to,
            action: "up",
            groups,
            edits: [...withoutConsent(world, to), ...state(world, to, "primary", groups)],
            why: "the volumes are promoted, the workload starts",
            awaitsPrevious: world[to]!.waitsForHandover,
        },
    ];
}

/** How many volumes a move is about. */
function volumesIn(world: World, site: string, groups: Scope): number {
    const { volumes } = world[site]!.input.intent;
    return volumes.filter(({ group = DEFAULT_GROUP }) => groups?.includes(group) ?? true).length;
}

/**
 * Both sites as config has them. A site needs the other one's token, which is known once the other one has been up: so the
 * one that goes first, or both where they go together, go once more.
 */
function setUp(world: World): Goal[] {
    const [first, second] = setUpOrder(world);
    const together = mayGoTogether(world);
    const goal = (site: string, why: string): Goal => ({ site, action: "up", edits: [], why, always: true });
    const goals = [goal(first, "as config has it"), { ...goal(second, "as config has it"), withPrevious: together }];
    const late = [first, ...(together ? [second] : [])].filter((site) => !world[otherSite(world, site)]!.token);
    return [
        ...goals,
        ...late.map((site, i) => ({ ...goal(site, `takes ${otherSite(world, site)}'s token`), withPrevious: i > 0 })),
    ];
}

/** Operations that change nothing which the other site's decision rests on. */
const INDEPENDENT: readonly string[] = ["provision", "steady", "join-as-secondary"];

function isIndependent(decision: SiteDecision): boolean {
    return decision.kind === "plan" && decision.groups.every((plan) => INDEPENDENT.includes(plan.operation));
}

function holdsPrimary(decision: SiteDecision): boolean {
    return decision.kind === "plan" && decision.groups.some((plan) => plan.replicationState === "primary");
}

function mayGoTogether(world: World): boolean {
    // Two clusters that are made at once would fight for the machine, and for minikube's own lock.
    return Object.entries(world).every(([site, known]) => known.deployed && isIndependent(decideWith(world, site, [])));
}

/** The site that can go now goes first; where both can, the primary. */
function setUpOrder(world: World): [string, string] {
    const rank = (site: string): number => {
        const decision = decideWith(world, site, []);
        if (decision.kind === "refusal") return 2;
        return isIndependent(decision) && !holdsPrimary(decision) ? 1 : 0;
    };
    return Object.keys(world).sort((a, b) => rank(a) - rank(b)) as [string, string];
}

/** Groups of a site whose copies have to be given up before it can be a secondary again. */
export function needingResync(world: World, site: string, groups: Scope): string[] {
    const decision = decideWith(world, site, [...state(world, site, "secondary", groups), { key: "lostSite" }]);
    if (decision.kind === "plan") return [];
    return decision.refusals.filter((r) => NEEDS_RESYNC.has(r.code)).map((r) => r.group ?? DEFAULT_GROUP);
}

function failback(world: World, to: string, groups: Scope): Goal[] {
    const from = otherSite(world, to);
    // Only once this site's copy was healthy again was the other one asked to hand over.
    const begun = namesOf(world, from, groups).every(
        (group) => stateOf(world[from]!.input.intent, group) === "secondary",
    );
    return [...(begun ? [] : returned(world, to, groups)), ...move(world, to, groups)];
}

/** Groups that a scope means, among those that have a volume. */
function namesOf(world: World, site: string, groups: Scope): readonly string[] {
    const { intent } = world[site]!.input;
    return groups ?? [...new Set(intent.volumes.map((volume) => volume.group ?? DEFAULT_GROUP))];
}

/** A site that was away, or was left in `resync`, becomes a healthy secondary. */
function returned(world: World, site: string, groups: Scope): Goal[] {
    const { intent } = world[site]!.input;
    const needing = needingResync(world, site, groups);
    const left = namesOf(world, site, groups).some((group) => stateOf(intent, group) === "resync");
    const [copied, secondary] = givenUp(world, site, needing.length > 0 ? needing : groups, groups);
    return needing.length > 0 || left ? [{ ...copied, passed: needing.length === 0 }, secondary] : [secondary];
}

/**
 * A site's copies are given up, and it goes on as a secondary.
 *
 * @param resynced groups whose copies are given up: a healthy one is refused
 * @param groups all that are to be secondary in the end
 */
function givenUp(world: World, site: string, resynced: Scope, groups: Scope): [Goal, Goal] {
    const consent = withoutConsent(world, site);
    const resync = [...consent, ...state(world, site, "resync", resynced)];
    // What the resync has given a state of its own needs it taken along.
    const asked = editedConfig(askedOf(world, site), resync);
    return [
        {
            site,
            action: "up",
            groups: resynced,
            edits: resync,
            why: `its copy is given up and copied afresh from ${otherSite(world, site)}`,
        },
        {
            site,
            action: "up",
            groups,
            edits: [...consent, ...stateEdits(asked, "secondary", groups)],
            why: "it receives as an ordinary secondary",
        },
    ];
}

function resync(world: World, site: string, groups: Scope): Goal[] {
    const peer = otherSite(world, site);
    const wanted = decideWith(world, site, [...state(world, site, "resync", groups), { key: "lostSite" }]);
    // A group whose copy is healthy: it has been done, or there never was a reason.
    const healthy =
        wanted.kind === "refusal"
            ? wanted.refusals.filter((r) => r.code === "RESYNC_NOT_NEEDED").map((r) => r.group ?? DEFAULT_GROUP)
            : [];
    const rest = namesOf(world, site, groups).filter((group) => !healthy.includes(group));
    const { intent } = world[site]!.input;
    const copied =
        wanted.kind === "plan" &&
        needingResync(world, site, groups).length === 0 &&
        rest.every((group) => stateOf(intent, group) === "resync");
    const [first, second] = givenUp(world, site, healthy.length === 0 || rest.length === 0 ? groups : rest, groups);
    const consent = withoutConsent(world, peer);
    const spent: Goal = {
        site: peer,
        action: "up",
        edits: consent,
        why: `${site} takes part again: it is lost no longer`,
    };
    return [
        { ...first, passed: rest.length === 0 || copied },
        second,
        ...(consent.length > 0 || recordsConsent(world, peer) ? [spent] : []),
    ];
}

/** Whether a stack's last `up` still says that the other site is lost. */
function recordsConsent(world: World, site: string): boolean {
    const { ownOutputs } = world[site]!.input;
    return ownOutputs.found === "outputs" && ownOutputs.outputs.lostSite !== undefined;
}

/** The secondary first: the other way round would delete its copy under it. */
function takeDown(world: World): Goal[] {
    const sites = Object.keys(world);
    const rank = (site: string): number => {
        const decision = decideWith(world, site, [{ key: "teardown", value: "true" }]);
        if (decision.kind === "refusal") return 2;
        return holdsPrimary(decision) ? 1 : 0;
    };
    return [...sites]
        .sort((a, b) => rank(a) - rank(b))
        .flatMap((site) => {
            const gone = world[site]!.input.ownOutputs.found === "none";
            return [
                {
                    site,
                    action: "up",
                    edits: [{ key: "teardown", value: "true" }],
                    why: "lifts the protection of the VolumeReplications; nothing else",
                    passed: gone,
                },
                {
                    site,
                    action: "destroy",
                    edits: [],
                    why: "takes down what the program made; images, pool and Rook stay",
                    passed: gone,
                },
            ] satisfies Goal[];
        });
}
