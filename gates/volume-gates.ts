/** The last look before a volume is made, or its VolumeReplication created or changed. */
import * as pulumi from "@pulumi/pulumi";
import type { SiteConfig } from "../config.js";
import { describeRefusal, describeStaged } from "../dr/describe.js";
import { decide } from "../dr/decide.js";
import type { Decision, DecisionInput, Refusal, VolumeKey, VolumePlan, VolumeRecord } from "../dr/model.js";
import { contextOf, keyOf, volumeIn, type Context } from "../dr/facts.js";
import { guardInUse } from "../dr/guards/in-use.js";
import { stillPlanned } from "../dr/outcome.js";
import type { Observation } from "../observe/index.js";
import { lookInterval, patienceForLook } from "../many-volumes.js";
import { connect } from "../observe/cluster.js";
import { listClaims, listReplications, listVolumes } from "../observe/lists.js";
import { joined } from "../observe/shared-look.js";
import { mark } from "../timings.js";
import { copiesLook, waitCaughtUp } from "./caught-up.js";
import { answeredLook } from "./answered-look.js";
import { claimsBound, type ClaimsBound } from "./claim-bound.js";
import { handoverLook } from "./handover-look.js";
import type { FlipHooks } from "./hooks.js";
import { ownHandovers, type HandedOver } from "./own-handover.js";
import { waitHandover } from "./peer-handover.js";
import { waitProvisioner } from "./provisioner.js";
import { usageLook, waitQuiesced } from "./quiesced.js";
import { vrsReached, type VrReached } from "./vr-reached.js";

/** Milliseconds until progress is told: before the VR has been changed, the image still is the old copy. */
const HEAD_START = 15_000;

/** Seconds, at the most, between two looks of the site that hands over few volumes: the other site, which looks by itself, is the one that goes on. */
const HANDOVER_INTERVAL = 1;

/** Checks of one volume; each throws with what is wrong. */
export interface VolumeGates {
    /** Before a new volume's claim: the provisioner is there, and what was planned for the volume still is. */
    readonly beforeClaim: () => Promise<void>;
    /** Whether the claim was bound when the run began. */
    readonly bound: boolean;
    /** Of a volume that is provisioned here: its record, once its claim is bound. */
    readonly record: () => Promise<VolumeRecord>;
    /** Before the VR: its claim is bound, nobody uses a volume that is to be demoted, and the plan still holds. */
    readonly beforeReplication: () => Promise<void>;
    /** After the VR: csi-addons has carried it out, a demoted volume is handed over, a copy that was given up has arrived afresh. */
    readonly afterReplication: () => Promise<void>;
}

/**
 * Makes the gates of a run's volumes.
 *
 * Between the decision at the program's start and the VR's change, minutes may have passed and the peer may have changed;
 * a promotion cannot be taken back. So the clusters are looked at once more, and the same decision is asked for again.
 * Volumes that wait at the same time share these looks, so that a hundred of them do not ask a hundred times.
 *
 * @returns the gates of a group, of which each volume gets its own
 */
export function volumeGates(
    config: SiteConfig,
    observation: Observation,
): (group: GatedGroup) => (plan: VolumePlan) => VolumeGates {
    const volumes = observation.input.intent.volumes.length;
    const patience = patienceForLook(volumes);
    const listClaimsAndVolumes = async (namespaces: readonly string[]) => {
        const cluster = connect(config.access);
        const lists = await Promise.all([listClaims(cluster, namespaces, patience), listVolumes(cluster, patience)]);
        return { claims: lists[0], volumes: lists[1] };
    };
    const looks = {
        usage: usageLook(config),
        copies: copiesLook(config, observation.input),
        decide: onceEach(decide),
        context: onceEach(contextOf),
        claims: claimsBound(listClaimsAndVolumes, volumes, config.timeouts.provisioner),
        reached: vrsReached(() => listReplications(connect(config.access), patience), volumes),
        provisioner: joined(() => waitProvisioner(config.access, config.rook.version, config.timeouts.provisioner)),
    };
    const staging = allStaged(() => pulumi.log.info(describeStaged(config.intent.peer)));
    return ({ observation: ofGroup, hooks, ahead }) => {
        const peerHandover = {
            volumes: ofGroup.input.intent.volumes.map(keyOf),
            look: handoverLook(ofGroup, "peer"),
            decide: looks.decide,
            seconds: config.timeouts.peerHandover,
        };
        const ofVolumes: Looks = {
            ...looks,
            afterStop: hooks.afterStop,
            ownHandover: ownHandovers(config.intent.peer, {
                seconds: config.timeouts.handover,
                interval: lookInterval(ofGroup.input.intent.volumes.length, HANDOVER_INTERVAL),
                look: handoverLook(ofGroup, "own"),
                decide: looks.decide,
            }),
            ...(ahead && {
                peerHandover: joined(() => waitHandover(config.intent.peer, peerHandover)),
            }),
        };
        return (plan) => {
            const staged = ahead && plan.vr?.replicationState === "primary" ? staging(plan.key) : undefined;
            return gatesOf(config, ofGroup, { ...ofVolumes, staged }, plan);
        };
    };
}

/** A group whose volumes are to have gates. */
export interface GatedGroup {
    /** What of the observation the group is decided from. */
    readonly observation: Observation;
    readonly hooks: Pick<FlipHooks, "afterStop">;
    /** Whether its promotion was planned ahead, and has to wait for the peer's handover. */
    readonly ahead: boolean;
}

/** What follows from a look, found once for each look, whatever the number of volumes that share it. */
function onceEach<T>(find: (now: DecisionInput) => T): (now: DecisionInput) => T {
    const found = new WeakMap<DecisionInput, T>();
    return (now) => {
        const known = found.get(now) ?? find(now);
        found.set(now, known);
        return known;
    };
}

/** The looks that the gates of all volumes share. */
interface Looks {
    readonly usage: ReturnType<typeof usageLook>;
    readonly copies: ReturnType<typeof copiesLook>;
    readonly provisioner: () => Promise<void>;
    readonly claims: ClaimsBound;
    readonly reached: VrReached;
    readonly decide: (now: DecisionInput) => Decision;
    readonly context: (now: DecisionInput) => Context;
    readonly afterStop: FlipHooks["afterStop"];
    readonly ownHandover: HandedOver;
    /** Waits for the peer's handover where the promotion was planned ahead; with the look that saw it. */
    readonly peerHandover?: () => Promise<DecisionInput | undefined>;
    /** Called where the promotion was planned ahead, once the volume has all that it needs beside the handover. */
    readonly staged?: () => void;
}

/**
 * Says once that all of a site's volumes are staged.
 *
 * @returns to be called for each volume that is to be; gives what to call when it is
 */
function allStaged(tell: () => unknown): (key: VolumeKey) => () => void {
    const left = new Set<VolumeKey>();
    return (key) => {
        left.add(key);
        return () => {
            if (left.delete(key) && left.size === 0) tell();
        };
    };
}

function gatesOf(config: SiteConfig, observation: Observation, looks: Looks, plan: VolumePlan): VolumeGates {
    const resyncs = plan.vr?.autoResync === true;
    let vrDone = false;
    const arrived = async () => {
        await looks.reached(plan, resyncs ? config.timeouts.resync : config.timeouts.handover);
        vrDone = true;
        if (resyncs) await waitCaughtUp(config, plan.key, looks.copies);
        if (plan.vr?.awaitsHandover) await looks.ownHandover(plan);
    };
    const allows = (seen: DecisionInput) => looks.decide(seen).kind === "plan";
    const lookAgain = async (guard?: (now: DecisionInput) => Refusal | undefined, last?: DecisionInput) => {
        const now = last && allows(last) ? last : await answeredLook(observation.again, allows);
        const refusal = stillPlanned(plan, now, looks.decide(now)) ?? guard?.(now);
        if (refusal !== undefined) throw new Error(describeRefusal(refusal));
    };
    const quiesced = async () => {
        const look = () => looks.usage(plan.key);
        await waitQuiesced(observation.input, plan.key, look, config.timeouts.quiesce);
    };
    /** The wait, and the same guard once more in the last look of all: a pod may have come in between. */
    const leaves = async () => {
        await looks.afterStop(plan.key, looks.provisioner().then(quiesced));
        await lookAgain((now) => guardInUse(looks.context(now), plan.key));
    };
    const arrives = async () => {
        await looks.provisioner();
        const last = await looks.peerHandover?.();
        mark("gate: the peer has handed over");
        // The look that saw it is the last one, too: nothing has been waited for since.
        await lookAgain(undefined, last);
    };
    const bound = volumeIn(observation.input.own, plan.key)?.pvc?.phase === "Bound";
    let record: Promise<VolumeRecord> | undefined;
    const recorded = () => (record ??= looks.claims(plan.key));
    return {
        beforeClaim: async () => {
            // One that is there is not made anew: it waits for nobody.
            if (!bound) await arrives();
        },
        bound,
        record: recorded,
        beforeReplication: async () => {
            mark("gate before the VR begins");
            if (plan.source === "provision" || (plan.source === "restore" && !bound)) await recorded();
            looks.staged?.();
            if (plan.vr?.replicationState === "primary") await arrives();
            else await leaves();
            mark("gate passed");
            // The VR takes minutes to say that it resyncs; meanwhile the image says how far it is.
            if (resyncs) {
                const tell = () =>
                    void waitCaughtUp(config, plan.key, looks.copies, () => vrDone).catch(() => undefined);
                setTimeout(tell, HEAD_START).unref();
            }
        },
        afterReplication: arrived,
    };
}
