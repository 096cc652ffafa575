/** What a plan says of claims that are adopted or let go. */
import { asksPrimary } from "../vr-status.js";
import { isReleased } from "../guards/adoption.js";
import type { Context, VolumeFacts } from "../facts.js";
import type { Plan } from "../model.js";

/** What a person should weigh: claims that are left out, volumes that are let go. */
export function adoptionWarnings(context: Context, operation: Plan["operation"]): string[] {
    const { adoption } = context.intent;
    const unfit = (adoption?.unfit ?? [])
        .filter((each) => !each.named)
        .map(({ key, reasons }) => `${key}: matched, and not replicated: ${reasons.join("; ")}`);
    const leaving = operation === "teardown" ? [] : context.all.filter((v) => isReleased(context, v));
    return [
        ...unfit,
        ...leaving.flatMap((v) => leavingWarnings(context, v)),
        ...(operation === "teardown" ? copiesLeftBehind(context) : []),
    ];
}

function leavingWarnings(context: Context, v: VolumeFacts): string[] {
    const { site, peer } = context.intent;
    if (v.ownVr === undefined) return [];
    if (v.spec !== undefined)
        return [
            `${v.key}: let go at the next \`up\`; this one takes the protection from its VR, and nothing else changes`,
        ];
    const means = asksPrimary(v.ownVr)
        ? `mirroring ends and ${peer}'s copy is deleted; PVC, PV and data here stay`
        : `this copy goes once ${peer} lets go as well; its data there stays`;
    return [`${v.key}: let go by this \`up\`: its VR on ${site} is taken away, ${means}`];
}

/** A claim that was adopted stays on a site whose copy is going to be deleted under it. */
function copiesLeftBehind(context: Context): string[] {
    const { site, peer } = context.intent;
    return context.volumes
        .filter((v) => v.spec?.adopt === true && v.ownVr !== undefined && !asksPrimary(v.ownVr))
        .filter((v) => v.own?.pvc?.restored !== true)
        .map(
            (v) =>
                `${v.key}: its PVC on ${site} stays, and its image goes when ${peer} is taken down: its data is on ${peer} then, and this PVC is of no more use`,
        );
}
