/**
 * Adoption: from the entries of config that name or select existing claims to the volumes that this site is about. What is
 * replicated stays replicated until config lets go of it by name; a selector never drops anything.
 */
import { claimOf, keyOf } from "../facts.js";
import { describeAdopt, matchesClaim } from "./labels.js";
import { notesOn, whyNot, type MirroredStorage } from "./fitness.js";
import type { AdoptSpec, ClaimSeen } from "./types.js";
import { recordedGroup, recordedState } from "../groups/split.js";
import {
    DEFAULT_GROUP,
    type SiteIntent,
    type SiteOutputs,
    type SiteSnapshot,
    type StackOutputs,
    type VolumeKey,
    type VolumeRecord,
    type VolumeSpec,
} from "../model.js";

/** What a resolution is made from. */
export interface AdoptionInput {
    /** As config has it: its volumes are those to be provisioned. */
    readonly intent: SiteIntent;
    readonly own: SiteSnapshot;
    readonly ownOutputs: StackOutputs;
    readonly peerOutputs: StackOutputs;
    readonly storage: MirroredStorage;
}

interface World {
    readonly intent: SiteIntent;
    readonly adopt: readonly AdoptSpec[];
    readonly release: ReadonlySet<VolumeKey>;
    readonly provisioned: ReadonlySet<VolumeKey>;
    readonly claims: ReadonlyMap<VolumeKey, ClaimSeen>;
    readonly ownOutputs?: SiteOutputs;
    readonly records: ReadonlyMap<VolumeKey, VolumeRecord>;
    readonly storage: MirroredStorage;
}

/**
 * Completes an intent: volumes that are adopted, or that are being let go, join those of config.
 *
 * New claims join only where their group is primary; a site that is not takes what the records say. The answer for the same
 * input is always the same, and resolving an intent twice adds nothing.
 */
export function resolveAdoption(input: AdoptionInput): SiteIntent {
    const world = worldOf(input);
    const volumes: VolumeSpec[] = [];
    const missing: VolumeKey[] = [];
    const vanished: { key: VolumeKey; why: string }[] = [];
    const unfit: { key: VolumeKey; named: boolean; reasons: readonly string[] }[] = [];
    const notes: string[] = [];
    for (const key of candidates(world)) {
        const found = judge(world, key);
        switch (found.as) {
            case "volume":
                volumes.push(found.spec);
                notes.push(...found.notes.map((note) => `${key}: ${note}`));
                break;
            case "unfit":
                unfit.push({ key, named: found.named, reasons: found.reasons });
                break;
            case "missing":
                missing.push(key);
                break;
            case "vanished":
                vanished.push({ key, why: found.why });
                break;
            case "later":
                notes.push(`${key}: ${found.why}`);
                break;
            case "nothing":
                break;
        }
    }
    notes.push(...emptyHanded(world, volumes));
    const kept = input.intent.volumes.filter((spec) => !world.release.has(keyOf(spec)));
    return { ...input.intent, volumes: [...kept, ...volumes], adoption: { missing, vanished, unfit, notes } };
}

type Found =
    | { readonly as: "volume"; readonly spec: VolumeSpec; readonly notes: readonly string[] }
    | { readonly as: "unfit"; readonly named: boolean; readonly reasons: readonly string[] }
    | { readonly as: "vanished"; readonly why: string }
    /** Not replicated by this run. */
    | { readonly as: "later"; readonly why: string }
    | { readonly as: "missing" | "nothing" };

function judge(world: World, key: VolumeKey): Found {
    const claim = world.claims.get(key);
    const record = world.records.get(key);
    if (world.release.has(key)) return judgeRelease(world, key, claim, record);
    const entry = world.adopt.find((spec) => matchesClaim(spec, { key, labels: labelsOf(claim, record) }));
    if (record?.adopted === true) return judgeKnown(world, { key, entry, claim, record });
    // A volume that was provisioned, or a claim that nothing here asks for.
    if (record !== undefined || entry === undefined) return { as: "nothing" };
    if (claim === undefined) return isServing(world, entry) ? { as: "missing" } : { as: "nothing" };
    return judgeNew(world, entry, claim);
}

/** Replicated before: it stays, unless config no longer matches it. */
function judgeKnown(
    world: World,
    known: { key: VolumeKey; entry?: AdoptSpec; claim?: ClaimSeen; record: VolumeRecord },
): Found {
    const { key, entry, claim, record } = known;
    const held = world.ownOutputs?.sources[key] !== undefined;
    if (world.intent.teardown) return { as: "volume", spec: specOf(world, key, entry, claim, record), notes: [] };
    if (entry === undefined) {
        // Held by the other site only: whether it may be left out is the promotion's to judge.
        if (!held) return { as: "nothing" };
        return { as: "vanished", why: `no entry of volumes matches it any more${labelText(claim)}` };
    }
    const was = world.ownOutputs && recordedState(world.ownOutputs, entry.group ?? DEFAULT_GROUP);
    const steady = was === "primary" && isServing(world, entry);
    if (claim === undefined && held && steady && world.ownOutputs?.sources[key] === "adopt")
        return { as: "vanished", why: `its PVC is gone from ${world.intent.site}` };
    return { as: "volume", spec: specOf(world, key, entry, claim, record), notes: [] };
}

function judgeNew(world: World, entry: AdoptSpec, claim: ClaimSeen): Found {
    // A first run that was killed after the VR, and before it could write its outputs.
    if (claim.ours && claim.record !== undefined)
        return { as: "volume", spec: specOf(world, claim.key, entry, claim), notes: [] };
    const { site, peer } = world.intent;
    if (!isServing(world, entry) || world.intent.teardown)
        return {
            as: "later",
            why: `matches ${describeAdopt(entry)} and is not replicated: ${site} is not primary, and ${peer} has no such claim`,
        };
    const reasons = whyNot(claim, world.storage);
    if (reasons.length > 0) return { as: "unfit", named: "name" in entry, reasons };
    return { as: "volume", spec: specOf(world, claim.key, entry, claim), notes: notesOn(claim) };
}

/**
 * A volume that config lets go: still a volume while the last `up` has not lifted the protection of its VR, gone from the
 * plan afterwards, which takes the VR away. Any other key in `release` keeps a claim out that a selector matches.
 */
function judgeRelease(world: World, key: VolumeKey, claim?: ClaimSeen, record?: VolumeRecord): Found {
    const held = world.ownOutputs?.sources[key] !== undefined;
    if (!held || record === undefined) return { as: "nothing" };
    if (world.ownOutputs?.releasing?.includes(key) === true && !world.intent.teardown) return { as: "nothing" };
    const entry = world.adopt.find((spec) => matchesClaim(spec, { key, labels: labelsOf(claim, record) }));
    const configured = world.intent.volumes.find((spec) => keyOf(spec) === key);
    return {
        as: "volume",
        spec: { ...(configured ?? specOf(world, key, entry, claim, record)), release: true },
        notes: [],
    };
}

function specOf(
    { ownOutputs }: World,
    key: VolumeKey,
    entry?: AdoptSpec,
    claim?: ClaimSeen,
    record?: VolumeRecord,
): VolumeSpec {
    const { namespace, name } = claimOf(key);
    const adopted = record === undefined || record.adopted === true;
    // Without an entry of its own it stays in the group that it was in.
    const recorded = ownOutputs && recordedGroup(ownOutputs, key);
    const group = entry === undefined && recorded !== DEFAULT_GROUP ? recorded : entry?.group;
    return {
        name,
        namespace,
        size: claim?.size ?? requestedSize(record),
        ...(adopted ? { adopt: true } : {}),
        ...(group === undefined ? {} : { group }),
    };
}

function requestedSize(record: VolumeRecord | undefined): string {
    const resources = record?.pvc.spec["resources"] as { requests?: { storage?: string } } | undefined;
    return resources?.requests?.storage ?? "1Gi";
}

/** Labels of the claim as it is; of its record where it is not on this cluster. */
function labelsOf(claim: ClaimSeen | undefined, record: VolumeRecord | undefined): Readonly<Record<string, string>> {
    return claim?.labels ?? record?.pvc.metadata.labels ?? {};
}

function labelText(claim: ClaimSeen | undefined): string {
    if (claim === undefined) return "";
    const labels = Object.entries(claim.labels).map(([key, value]) => `${key}=${value}`);
    return ` (its labels are ${labels.join(",") || "none"})`;
}

/** Whether an entry's group is to be primary here. */
function isServing({ intent }: World, entry: AdoptSpec): boolean {
    const group = intent.groups?.find((each) => each.name === entry.group);
    return (entry.group === undefined ? intent : group)?.replicationState === "primary";
}

/** Entries that match nothing at all: most likely a mistake. */
function emptyHanded(world: World, volumes: readonly VolumeSpec[]): string[] {
    return world.adopt
        .filter((spec) => !("name" in spec) && isServing(world, spec))
        .filter((spec) => ![...world.claims.values()].some((claim) => matchesClaim(spec, claim)))
        .filter((spec) => !volumes.some((v) => matchesRecord(spec, keyOf(v), world)))
        .map((spec) => `${describeAdopt(spec)} matches no claim on ${world.intent.site}`);
}

function matchesRecord(spec: AdoptSpec, key: VolumeKey, world: World): boolean {
    return matchesClaim(spec, { key, labels: labelsOf(world.claims.get(key), world.records.get(key)) });
}

/** Every key that may come into question, in a fixed order. */
function candidates({ adopt, claims, records, provisioned, release }: World): VolumeKey[] {
    const named = adopt.flatMap((spec) => ("name" in spec ? [`${spec.namespace}/${spec.name}`] : []));
    const keys = new Set([...named, ...claims.keys(), ...records.keys(), ...release]);
    return [...keys].filter((key) => !provisioned.has(key) || release.has(key)).sort();
}

function worldOf({ intent, own, ownOutputs, peerOutputs, storage }: AdoptionInput): World {
    const outputs = (of: StackOutputs) => (of.found === "outputs" ? of.outputs : undefined);
    const claims = own.reach === "observed" ? (own.claims ?? []) : [];
    return {
        intent,
        adopt: intent.adopt ?? [],
        release: new Set(intent.release),
        provisioned: new Set(intent.volumes.filter((spec) => spec.adopt !== true).map(keyOf)),
        claims: new Map(claims.map((claim) => [claim.key, claim])),
        ownOutputs: outputs(ownOutputs),
        records: new Map(
            [outputs(peerOutputs), outputs(ownOutputs)].flatMap((each) => Object.entries(each?.records ?? {})),
        ),
        storage,
    };
}
