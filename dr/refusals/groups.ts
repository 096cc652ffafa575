/** Refusals of what the groups of a pair of sites may not be to each other. */
import { flip, getConfig, groupKey, setConfig, up } from "../commands.js";
import type { Context } from "../facts.js";
import { seenOutputs } from "../seen.js";
import { DEFAULT_GROUP } from "../model.js";
import { allNames, bothSides, names, oneSide, type RefusalBuilder } from "./build.js";

export const GROUP_REFUSALS = {
    VOLUME_CHANGES_GROUP: (context, volumes, detail) => ({
        reason: `${names(volumes)} cannot come into group ${nameOf(context)}, which is to be ${context.intent.replicationState}: ${detail}. A volume changes its group only where that changes nothing else.`,
        seen: [
            `config: ${stateKey(context)} is ${context.intent.replicationState}`,
            ...oneSide(context, volumes, "own"),
        ],
        next: [
            `put ${allNames(volumes)} back where it was, out of ${groupKey(context.intent.group, "volumes")}: ${up(context.intent.site)}`,
            `to move it all the same, first make both groups the same here by a flip of one of them, and change the group in an up of its own`,
        ],
    }),
    GROUPS_DIFFER: (context, _, detail) => ({
        reason: `The two sites do not mean the same volumes by group ${nameOf(context)}: ${detail}. One site would give up what the other does not take over.`,
        seen: [
            `config: ${groupKey(context.intent.group, "volumes")} of ${context.intent.site} has ${context.intent.volumes.map((v) => `${v.namespace}/${v.name}`).join(", ")}`,
            seenOutputs(context, "peer"),
        ],
        next: [
            `${getConfig(context.intent.peer, groupKey(context.intent.group, "volumes"))}, give both stacks the same volumes in each group, and let ${context.intent.peer} record it: ${up(context.intent.peer)}`,
            up(context.intent.site),
        ],
    }),
    POD_IN_TWO_GROUPS: (context, volumes, detail) => ({
        reason: `Group ${nameOf(context)} is to be ${context.intent.replicationState} here and cannot be on its own: ${detail}. Either group would take the pod away from the other.`,
        seen: oneSide(context, volumes, "own"),
        next: [
            `put the volumes of one application into one group, on both stacks: ${getConfig(context.intent.site, groupKey(context.intent.group, "volumes"))}`,
            `or move both groups together, with the same replicationState`,
            up(context.intent.site),
        ],
    }),
    TEARDOWN_MIXED_ROLES: (context, volumes, detail) => ({
        reason: `Neither site can be taken down before the other (${detail}): the secondary of each group has to go first, so one site must be secondary for all of them.`,
        seen: bothSides(context, volumes),
        next: [
            `${setConfig(context.intent.site, "teardown", "false")} && ${flip(context, "own", "secondary")}`,
            flip(context, "peer", "primary"),
            `${setConfig(context.intent.site, "teardown", "true")} && ${up(context.intent.site)} && pulumi destroy -s ${context.intent.site}`,
        ],
    }),
} as const satisfies Record<string, RefusalBuilder>;

function nameOf({ intent }: Context): string {
    return intent.group ?? DEFAULT_GROUP;
}

function stateKey({ intent }: Context): string {
    return groupKey(intent.group, "replicationState");
}
