/** From what was seen of both sites to the report: a pure function. What is safe is `dr/`'s to say; here it is only asked. */
import { claimOf, contextOf, keyOf } from "../../dr/facts.js";
import { decideSite } from "../../dr/groups/decide.js";
import { askedStates, recordedState } from "../../dr/groups/split.js";
import {
    DEFAULT_GROUP,
    type DecisionInput,
    type Plan,
    type SiteIntent,
    type SiteOutputs,
    type SiteSnapshot,
    type StackOutputs,
    type VolumeKey,
} from "../../dr/model.js";
import { intervalSeconds, secondsBetween } from "../../dr/time.js";
import { isGroupFinished } from "../sequence/finished.js";
import { gravest, type Finding, type SiteStatus, type StatusReport } from "./schema.js";
import { judgeSite, judgeTogether } from "./sites.js";
import { judgeVolume, liveRole } from "./volumes.js";

/** A lock of a stack. */
export interface SeenLock {
    readonly holder: string;
    readonly at?: string;
    readonly state: "alive" | "dead" | "elsewhere";
}

/** What was seen of one site. */
export interface SiteSeen {
    /** The stack's config as it is now. */
    readonly intent: SiteIntent;
    readonly snapshot: SiteSnapshot;
    readonly outputs: StackOutputs;
    readonly lock?: SeenLock;
    /** When it was first found not to answer, where somebody has been watching. */
    readonly unreachableSince?: string;
}

/** All that a report is made from. */
export interface StatusInput {
    readonly sites: readonly [SiteSeen, SiteSeen];
    /** RFC 3339 time of the look. */
    readonly now: string;
}

/** Makes the report. */
export function statusReport({ sites, now }: StatusInput): StatusReport {
    const inputs = [decisionInput(sites[0], sites[1], now), decisionInput(sites[1], sites[0], now)] as const;
    const interval = Math.max(...sites.map(({ intent }) => intervalSeconds(intent.schedulingInterval) ?? 0));
    // Both contexts know the same volumes; each sees them from its own side.
    const keys = [...new Set(inputs.flatMap((input) => contextOf(input).all.map((v) => v.key)))].sort();
    const volumes = keys.map((key) => judgeVolume(key, sites, { now, interval }));
    const reports = sites.map((site, i) => siteStatus(site, sites[1 - i]!, inputs[i]!, keys));
    const findings = [
        ...volumes.flatMap((v) => v.findings),
        ...reports.flatMap((report, i) => judgeSite(report, sites[i]!)),
        ...judgeTogether(reports),
    ];
    const merged = mergeFindings(findings);
    return {
        schema: "rbd-dr.status/1",
        at: now,
        level: gravest(merged.map((f) => f.level)),
        intervalSeconds: interval,
        sites: reports,
        volumes: volumes.map(({ status }) => ({ ...status, group: groupOf(status.key, sites) })),
        findings: merged,
    };
}

/** What the program of one site would decide from, were it run now. */
function decisionInput(own: SiteSeen, peer: SiteSeen, now: string): DecisionInput {
    return {
        intent: own.intent,
        own: own.snapshot,
        peer: peer.snapshot,
        ownOutputs: own.outputs,
        peerOutputs: peer.outputs,
        now,
    };
}

function siteStatus(seen: SiteSeen, other: SiteSeen, input: DecisionInput, keys: readonly VolumeKey[]): SiteStatus {
    const { now } = input;
    const { intent, snapshot, lock } = seen;
    const recorded = seen.outputs.found === "outputs" ? seen.outputs.outputs : undefined;
    const volumes = snapshot.reach === "observed" ? Object.values(snapshot.volumes) : [];
    const pods = new Set(volumes.flatMap((v) => v.pods.map((pod) => `${claimOf(v.key).namespace}/${pod}`)));
    return {
        name: intent.site,
        asked: {
            groups: Object.fromEntries(askedStates(intent)),
            lostSite: intent.lostSite,
            teardown: intent.teardown,
        },
        recorded: recorded && { groups: recordedGroups(recorded), at: recorded.at, lostSite: recorded.lostSite },
        live: liveRole(seen, keys),
        reach: snapshot.reach,
        ...(snapshot.reach === "observed"
            ? {}
            : {
                  why: snapshot.reach === "unreachable" ? snapshot.error : snapshot.why,
                  unreachableSince: seen.unreachableSince ?? snapshot.at,
                  lastHeard: lastHeard(recorded?.at, other.snapshot),
              }),
        mirroring: snapshot.reach === "observed" ? snapshot.mirroring && pick(snapshot.mirroring) : undefined,
        workload: {
            wanted: wanted(intent),
            volumesInUse: volumes.filter((v) => v.pods.length > 0).length,
            pods: pods.size,
            scaled: scaledWorkloads(seen),
        },
        decisions: describeDecision(input),
        lock: lock && {
            ...lock,
            seconds: lock.at === undefined ? undefined : secondsBetween(lock.at, now),
        },
    };
}

function pick(mirroring: NonNullable<Extract<SiteSnapshot, { reach: "observed" }>["mirroring"]>) {
    const { health, daemonHealth, imageHealth, peers } = mirroring;
    return { health, daemonHealth, imageHealth, peers };
}

/** A silent site's last sign of life: its stack's last `up`, or the newest of its snapshots that the other site knows of. */
function lastHeard(up: string | undefined, other: SiteSnapshot): string | undefined {
    const volumes = other.reach === "observed" ? Object.values(other.volumes) : [];
    const snapshots = volumes.flatMap(({ image }) => image?.sync?.remoteSnapshotTimestamp ?? []);
    const times = [...(up === undefined ? [] : [Date.parse(up)]), ...snapshots.map((seconds) => seconds * 1000)];
    return times.length === 0 ? undefined : new Date(Math.max(...times)).toISOString();
}

function recordedGroups(outputs: SiteOutputs) {
    const names = Object.keys(outputs.groups ?? { [DEFAULT_GROUP]: undefined });
    return Object.fromEntries(names.map((name) => [name, recordedState(outputs, name) ?? outputs.replicationState]));
}

function wanted(intent: SiteIntent): SiteStatus["workload"]["wanted"] {
    const states = [...askedStates(intent).values()];
    if (intent.teardown || !states.includes("primary")) return "down";
    return states.every((state) => state === "primary") ? "up" : "partly";
}

function scaledWorkloads({ intent }: SiteSeen): SiteStatus["workload"]["scaled"] {
    return (intent.workloads ?? []).flatMap(({ kind, namespace, name, seen }) =>
        seen === undefined ? [] : [{ name: `${kind} ${namespace}/${name}`, replicas: seen.replicas }],
    );
}

function describeDecision(input: DecisionInput): SiteStatus["decisions"] {
    const decision = decideSite(input);
    if (decision.kind === "plan") return decision.groups.map((plan) => describePlan(input, plan));
    return decision.refusals.map(({ group, code, reason, next }) => ({
        group,
        kind: "refusal",
        code,
        text: reason,
        next: [...next],
    }));
}

function describePlan(input: DecisionInput, plan: Plan): SiteStatus["decisions"][number] {
    const { group, operation, replicationState, next } = plan;
    // A secondary that has never been primary holds nothing, and stays so: it has joined once its `up` has ended.
    const joined = operation === "join-as-secondary" && isGroupFinished(input, plan);
    const steady = operation === "steady" || joined;
    const text = steady ? `${replicationState}, nothing to move` : `${operation.replaceAll("-", " ")} is due`;
    return { group, kind: steady ? "steady" : "change", operation, text, next: [...next] };
}

/** The group that config puts a volume in; undefined for the default one. */
function groupOf(key: VolumeKey, sites: readonly SiteSeen[]): string | undefined {
    const specs = sites.flatMap(({ intent }) => intent.volumes.filter((spec) => keyOf(spec) === key));
    return specs.find((spec) => spec.group !== undefined)?.group;
}

/** The same finding about many volumes is one finding; the gravest come first. */
function mergeFindings(findings: readonly Finding[]): Finding[] {
    const merged = new Map<string, Finding>();
    for (const finding of findings) {
        const id = JSON.stringify([finding.level, finding.code, finding.site, finding.text, finding.next]);
        const same = merged.get(id);
        if (same === undefined) merged.set(id, { ...finding, volumes: [...finding.volumes] });
        else same.volumes.push(...finding.volumes.filter((key) => !same.volumes.includes(key)));
    }
    const all = [...merged.values()];
    return [...all.filter((f) => f.level === "critical"), ...all.filter((f) => f.level === "warning")];
}
