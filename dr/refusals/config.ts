/** Refusals of config that no site could be built from. */
import { flip, getConfig, groupKey, letGo, removeConfig, setConfig, up } from "../commands.js";
import { seenOutputs, seenSite } from "../seen.js";
import type { SiteIntent } from "../model.js";
import { allNames, names, oneSide, type RefusalBuilder } from "./build.js";

const seenConfig = (key: string, value: string | undefined): string => `config: ${key} is ${value ?? "not set"}`;

const volumesKey = ({ group }: SiteIntent): string => groupKey(group, "volumes");

export const CONFIG_REFUSALS = {
    PEER_IS_SELF: ({ intent }) => ({
        reason: `peer names ${intent.site} itself: a site cannot be its own disaster recovery.`,
        seen: [seenConfig("peer", intent.peer)],
        next: [setConfig(intent.site, "peer", "NAME_OF_THE_OTHER_STACK")],
    }),
    LOST_SITE_NOT_PEER: ({ intent }) => ({
        reason: `lostSite names ${intent.lostSite}, and only the peer ${intent.peer} can be declared lost.`,
        seen: [seenConfig("lostSite", intent.lostSite), seenConfig("peer", intent.peer)],
        next: [
            `${removeConfig(intent.site, "lostSite")} && ${up(intent.site)}`,
            `only if ${intent.peer} is lost: ${setConfig(intent.site, "lostSite", intent.peer)} && ${up(intent.site)}`,
        ],
    }),
    VOLUME_TWICE: ({ intent }, _, detail) => ({
        reason: `Config names ${detail} twice: one PVC can have one VR.`,
        seen: [seenConfig(volumesKey(intent), intent.volumes.map((v) => `${v.namespace}/${v.name}`).join(", "))],
        next: [`${getConfig(intent.site, volumesKey(intent))}, and name each PVC once`],
    }),
    BAD_SIZE: ({ intent }, volumes, detail) => ({
        reason: `The size of ${names(volumes)} cannot be read: ${detail}.`,
        seen: volumes.map((v) => seenConfig(`${volumesKey(intent)}, ${v.key}, size`, v.spec?.size)),
        next: [`${getConfig(intent.site, volumesKey(intent))}, and give sizes such as 1Gi`],
    }),
    OWN_STACK_FOREIGN: (context) => ({
        reason: `Stack ${context.intent.site} was made by another program: its resources would be mistaken for ours.`,
        seen: [seenOutputs(context, "own")],
        next: [`pulumi stack init ANOTHER_NAME, and name that stack as ${context.intent.peer}'s peer`],
    }),
    PEER_STACK_FOREIGN: (context) => ({
        reason: `Stack ${context.intent.peer} is not one of this program's: nothing can be told from it about the other site.`,
        seen: [seenOutputs(context, "peer")],
        next: [setConfig(context.intent.site, "peer", "NAME_OF_THE_OTHER_STACK")],
    }),
    STACK_OF_OTHER_SITE: (context, _, detail) => ({
        reason: `The outputs that were read belong to another site: ${detail}.`,
        seen: [seenOutputs(context, "own"), seenOutputs(context, "peer")],
        next: [setConfig(context.intent.site, "peer", "NAME_OF_THE_OTHER_STACK")],
    }),
    OWN_UNREACHABLE: (context) => ({
        reason: `The cluster of ${context.intent.site} does not answer, and it cannot be told what it holds: it is never taken for a new site.`,
        seen: [seenSite(context, "own"), seenOutputs(context, "own")],
        next: [
            `bring the cluster of ${context.intent.site} back, or correct its context: pulumi config get context -s ${context.intent.site}`,
            up(context.intent.site),
            `if it was primary and is gone for good, take over on the other site: ${setConfig(context.intent.peer, "lostSite", context.intent.site)} && ${flip(context, "peer", "primary")}; once ${context.intent.site} is rebuilt (a minikube cluster is by its up), it joins anew: ${flip(context, "own", "secondary")}`,
        ],
    }),
    VOLUME_REMOVED: (context, volumes) => ({
        reason: `Config no longer names ${names(volumes)}, which is replicated here: taking its VR away would end mirroring and delete the other site's copy.`,
        seen: oneSide(context, volumes, "own"),
        next: [
            `put ${allNames(volumes)} back into ${volumesKey(context.intent)} of stack ${context.intent.site}`,
            `or let it go: ${letGo(
                context.intent,
                volumes.map((v) => v.key),
            ).join(" && ")}; see VOLUME_REMOVED in docs/refusals.md for what that means`,
        ],
    }),
    VOLUME_NOT_IN_CONFIG: (context, volumes) => ({
        reason: `${context.intent.peer} holds ${names(volumes)}, which the config of ${context.intent.site} does not name: it would be left behind without a primary.`,
        seen: [seenOutputs(context, "peer")],
        next: [
            `add ${allNames(volumes)} to ${volumesKey(context.intent)} of stack ${context.intent.site}`,
            up(context.intent.site),
        ],
    }),
    VOLUME_SHRINK: (context, volumes) => ({
        reason: `Config asks for less than ${names(volumes)} has: a PVC cannot shrink, and replacing it would end its replication.`,
        seen: [
            ...volumes.map((v) => seenConfig(`${volumesKey(context.intent)}, ${v.key}, size`, v.spec?.size)),
            ...volumes.map((v) => `${v.key}: ${v.own?.pvc?.requestedBytes} bytes are requested by its PVC`),
        ],
        next: [`${getConfig(context.intent.site, volumesKey(context.intent))}, and give the size it has, or more`],
    }),
    CLASS_CHANGED: (context, volumes, detail) => ({
        reason: `The class of ${names(volumes)} cannot be changed: ${detail}. It would be replaced, which ends its replication and deletes the other site's copy.`,
        seen: oneSide(context, volumes, "own"),
        next: [`put the former class back into the config of stack ${context.intent.site}`, up(context.intent.site)],
    }),
    VR_OF_OTHER_CLAIM: (context, volumes) => ({
        reason: `The VR named like ${names(volumes)} replicates another claim, and its claim cannot be changed.`,
        seen: volumes.map((v) => `${v.key}: its VR names the claim ${v.ownVr?.spec.claim}`),
        next: [`rename the PVC in config, or remove that VR by hand once nothing needs it`],
    }),
    RECLAIM_POLICY: (context, volumes) => ({
        reason: `The PV of ${names(volumes)} would take its image along when it is deleted.`,
        seen: volumes.map((v) => `PV ${v.own?.pv?.name}: reclaim policy ${v.own?.pv?.reclaimPolicy}`),
        next: [
            ...volumes.map(
                (v) =>
                    `kubectl patch pv ${v.own?.pv?.name} --type merge -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`,
            ),
            ...(volumes.some((v) => v.spec?.adopt)
                ? [`or let the program do it: ${setConfig(context.intent.site, "setRetain", "true")}`]
                : []),
            up(context.intent.site),
        ],
    }),
} as const satisfies Record<string, RefusalBuilder>;
