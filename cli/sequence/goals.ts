/** What each site is to be made, in order, for each operation: the design's sequences by config flip. */
import { decide } from "../../dr/decide.js";
import type { Decision, RefusalCode, SiteIntent } from "../../dr/model.js";
import type { Edit, Request, World } from "./model.js";

/** A step of an operation, before it is known whether it is done. */
export interface Goal {
    readonly site: string;
    readonly action: "up" | "destroy";
    readonly edits: readonly Edit[];
    readonly why: string;
    /** Runs at the same time as the goal before it. */
    readonly withPrevious?: boolean;
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
            return move(world, request.to);
        case "disaster":
            return [
                {
                    site: request.to,
                    action: "up",
                    edits: [{ key: "lostSite", value: request.lost }, state("primary")],
                    why: `${request.lost} is declared lost; promoted by force, the workload starts`,
                },
            ];
        case "failback":
            return failback(world, request.to);
        case "resync":
            return resync(world, request.site);
        case "destroy":
            return takeDown(world);
    }
}

/** Name of the other site. */
export function otherSite(world: World, site: string): string {
    return world[site]!.input.intent.peer;
}

/** What a site's program would decide with some edits made to its config. */
export function decideWith(world: World, site: string, edits: readonly Edit[]): Decision {
    const { input } = world[site]!;
    return decide({ ...input, intent: editedIntent(input.intent, edits) });
}

/** An intent with some edits made to the config behind it. */
export function editedIntent(intent: SiteIntent, edits: readonly Edit[]): SiteIntent {
    let edited = intent;
    for (const { key, value } of edits) {
        if (key === "replicationState")
            edited = { ...edited, replicationState: value as SiteIntent["replicationState"] };
        else if (key === "lostSite") edited = { ...edited, lostSite: value };
        else edited = { ...edited, teardown: value === "true" };
    }
    return edited;
}

function state(value: SiteIntent["replicationState"]): Edit {
    return { key: "replicationState", value };
}

/** Takes the consent to a forced promotion back: it has been used. */
function withoutConsent(world: World, site: string): Edit[] {
    return world[site]!.input.intent.lostSite === undefined ? [] : [{ key: "lostSite" }];
}

function move(world: World, to: string): [Goal, Goal] {
    const from = otherSite(world, to);
    return [
        {
            site: from,
            action: "up",
            edits: [...withoutConsent(world, from), state("secondary")],
            why: "the workload stops, the volumes are demoted and handed over",
        },
        {
            site: to,
            action: "up",
            edits: [...withoutConsent(world, to), state("primary")],
            why: "the volumes are promoted, the workload starts",
        },
    ];
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

function mayGoTogether(world: World): boolean {
    return Object.entries(world).every(([site, { deployed }]) => {
        const decision = decideWith(world, site, []);
        // Two clusters that are made at once would fight for the machine, and for minikube's own lock.
        return deployed && decision.kind === "plan" && INDEPENDENT.includes(decision.operation);
    });
}

/** The site that can go now goes first; where both can, the primary. */
function setUpOrder(world: World): [string, string] {
    const sites = Object.keys(world) as [string, string];
    const rank = (site: string): number => {
        const decision = decideWith(world, site, []);
        if (decision.kind === "refusal") return 2;
        return INDEPENDENT.includes(decision.operation) && decision.replicationState !== "primary" ? 1 : 0;
    };
    return [...sites].sort((a, b) => rank(a) - rank(b)) as [string, string];
}

/** Whether a site's copies have to be given up before it can be a secondary again. */
export function needsResync(world: World, site: string): boolean {
    const decision = decideWith(world, site, [state("secondary"), { key: "lostSite" }]);
    return decision.kind === "refusal" && NEEDS_RESYNC.has(decision.code);
}

function failback(world: World, to: string): Goal[] {
    const from = otherSite(world, to);
    // Only once the other site's copy was healthy again was this one asked to give its own up.
    const begun = world[from]!.input.intent.replicationState === "secondary";
    return [...(begun ? [] : returned(world, to)), ...move(world, to)];
}

/** A site that was away, or was left in `resync`, becomes a healthy secondary. */
function returned(world: World, site: string): Goal[] {
    const { intent } = world[site]!.input;
    const resyncs = needsResync(world, site);
    const consent = withoutConsent(world, site);
    const copied: Goal = {
        site,
        action: "up",
        edits: [...consent, state("resync")],
        why: `its copy is given up and copied afresh from ${intent.peer}`,
        passed: !resyncs,
    };
    const secondary: Goal = {
        site,
        action: "up",
        edits: [...consent, state("secondary")],
        why: "it receives as an ordinary secondary",
    };
    return resyncs || intent.replicationState === "resync" ? [copied, secondary] : [secondary];
}

function resync(world: World, site: string): Goal[] {
    const peer = otherSite(world, site);
    const wanted = decideWith(world, site, [state("resync"), { key: "lostSite" }]);
    // RESYNC_NOT_NEEDED: the copy is healthy, so it has been done, or there never was a reason.
    const healthy = wanted.kind === "refusal" && wanted.code === "RESYNC_NOT_NEEDED";
    const copied =
        wanted.kind === "plan" && !needsResync(world, site) && world[site]!.input.intent.replicationState === "resync";
    const [first, second] = [
        {
            site,
            action: "up",
            edits: [...withoutConsent(world, site), state("resync")],
            why: `its copy is given up and copied afresh from ${peer}`,
            passed: healthy || copied,
        },
        {
            site,
            action: "up",
            edits: [...withoutConsent(world, site), state("secondary")],
            why: "the fresh copy goes on as an ordinary secondary",
        },
    ] as const satisfies Goal[];
    const consent = withoutConsent(world, peer);
    const spent: Goal = {
        site: peer,
        action: "up",
        edits: consent,
        why: `${site} takes part again: it is lost no longer`,
    };
    return [first, second, ...(consent.length > 0 || recordsConsent(world, peer) ? [spent] : [])];
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
        return decision.replicationState === "primary" ? 1 : 0;
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
