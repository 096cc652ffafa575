/** What to do after a plan has been carried out. */
import { flip, removeConfig, up } from "../commands.js";
import { asksResync } from "../vr-status.js";
import type { Context } from "../facts.js";
import type { Moved } from "../guards/verdict.js";
import type { Plan } from "../model.js";

/** The next steps, as commands where there is one. */
export function nextSteps(context: Context, operation: Plan["operation"], moved: readonly Moved[]): string[] {
    const { site, peer } = context.intent;
    switch (operation) {
        case "provision":
            return [
                `set the other site up: ${up(peer)}, then ${up(site)} once more so that both sites know each other`,
            ];
        case "planned-demotion":
            return [
                `take over on the other site: ${flip(context, "peer", "primary")}`,
                `if the handover does not come, take it back: ${flip(context, "own", "primary")}`,
            ];
        case "planned-promotion":
            return [`to go back later: ${flip(context, "own", "secondary")}, then ${flip(context, "peer", "primary")}`];
        case "forced-promotion":
            return [
                `when ${peer} is back, discard its copy: ${flip(context, "peer", "resync")}`,
                `then ${removeConfig(site, "lostSite")}`,
                `to go back afterwards: ${flip(context, "peer", "secondary")}, then ${flip(context, "own", "secondary")}, then ${flip(context, "peer", "primary")}`,
            ];
        case "resync":
            return [`once it has caught up: ${flip(context, "own", "secondary")}`];
        case "join-as-secondary":
            return [`let ${peer} know this site: ${up(peer)}`];
        case "withdraw-handover":
            return [`the handover is withdrawn and nothing was promoted yet: ${up(site)}`];
        case "teardown":
            return [`pulumi destroy -s ${site}`];
        case "steady":
            return steadySteps(context, moved);
    }
}

function steadySteps(context: Context, moved: readonly Moved[]): string[] {
    const { site, peer, replicationState, lostSite } = context.intent;
    if (replicationState === "primary") {
        const resyncing = moved.some((m) => m.facts.peerVr !== undefined && asksResync(m.facts.peerVr));
        if (resyncing) return [`once ${peer} has caught up: ${flip(context, "peer", "secondary")}`];
        const clear = lostSite === undefined ? [] : [removeConfig(site, "lostSite")];
        return [
            ...clear,
            `to move to ${peer}: ${flip(context, "own", "secondary")}, then ${flip(context, "peer", "primary")}`,
        ];
    }
    const peerPrimary = moved.some((m) => m.facts.peerPrimary);
    return peerPrimary
        ? [`to move here: ${flip(context, "peer", "secondary")}, then ${flip(context, "own", "primary")}`]
        : [`to serve here: ${flip(context, "own", "primary")}`];
}
