/** What `rbd-dr status` reports, as a schema: `--json` prints it, and the table and the metrics are made from nothing else. */
import { z } from "zod";

/** The whole report as one word: what the exit code says. */
export const LEVELS = ["healthy", "warning", "critical"] as const;
export type Level = (typeof LEVELS)[number];

/** The gravest of some levels. */
export function gravest(levels: readonly Level[]): Level {
    if (levels.includes("critical")) return "critical";
    return levels.includes("warning") ? "warning" : "healthy";
}

const level = z.enum(LEVELS);
const time = z.string().describe("RFC 3339 time.");
const state = z.enum(["primary", "secondary", "resync"]);

const finding = z.object({
    level: z.enum(["warning", "critical"]),
    code: z
        .string()
        .describe("What kind of finding it is, in lower case with dashes; for a refusal its code (docs/refusals.md)."),
    site: z.string().optional(),
    volumes: z
        .array(z.string())
        .describe("Volumes it is about, as namespace/name; empty where it is about a site or both."),
    text: z.string().describe("What is the matter, in one sentence."),
    next: z.array(z.string()).describe("Commands or steps that lead on, in order."),
});

const mirroring = z.object({
    health: z.string().optional().describe("Health of the pool's mirroring as Rook reports it: OK, WARNING, ERROR."),
    daemonHealth: z.string().optional().describe("Health of rbd-mirror."),
    imageHealth: z.string().optional(),
    peers: z.number().describe("How many peers the pool has; 1 once both sites know each other."),
});

const decision = z.object({
    group: z
        .string()
        .optional()
        .describe("The group that it is about; absent for the default one, and for a site as a whole."),
    kind: z
        .enum(["steady", "change", "refusal"])
        .describe("What `pulumi up` would do now: nothing to a volume, something, or refuse."),
    operation: z.string().optional().describe("Of a plan, for example planned-promotion."),
    code: z.string().optional().describe("Of a refusal (docs/refusals.md)."),
    text: z.string(),
    next: z.array(z.string()).describe("Commands or steps that lead on, in order."),
});

const site = z.object({
    name: z.string(),
    asked: z.object({
        groups: z.record(z.string(), state).describe("What the stack's config says now, by group."),
        lostSite: z.string().optional(),
        teardown: z.boolean(),
    }),
    recorded: z
        .object({ groups: z.record(z.string(), state), at: time, lostSite: z.string().optional() })
        .optional()
        .describe("What the stack's last finished `up` brought about; absent where there was none."),
    live: z
        .enum(["primary", "secondary", "resync", "unprotected", "mixed", "empty", "unknown"])
        .describe(
            "What the cluster's VolumeReplications and images are now; unprotected: in use, and nothing replicates them any more.",
        ),
    reach: z.enum(["observed", "unreachable", "unknown"]),
    unreachableSince: time.optional().describe("When it was first found not to answer, since this command began."),
    lastHeard: time.optional().describe("Of a site that does not answer: its last sign of life known here."),
    why: z.string().optional().describe("Why it was not observed."),
    mirroring: mirroring.optional(),
    workload: z.object({
        wanted: z.enum(["up", "down", "partly"]).describe("What the roles of this site's groups ask for."),
        volumesInUse: z.number().describe("Volumes that a pod mounts."),
        pods: z.number().describe("Pods that mount any of the volumes."),
        scaled: z
            .array(
                z.object({
                    name: z.string().describe("Kind namespace/name."),
                    replicas: z.number().describe("Replicas asked for on this cluster now."),
                }),
            )
            .describe("The workloads of config, as they are on this cluster."),
    }),
    decisions: z
        .array(decision)
        .describe("What `pulumi up` would do now: one entry a group; the refusals alone, where it would refuse."),
    lock: z
        .object({
            holder: z.string().describe("user@host and process id."),
            at: time.optional(),
            seconds: z.number().optional(),
            state: z
                .enum(["alive", "dead", "elsewhere"])
                .describe("Whether its holder runs; elsewhere: on another host, where that cannot be seen."),
        })
        .optional(),
});

const volumeOnSite = z.object({
    vr: z
        .object({
            asks: state,
            phase: z
                .string()
                .describe("promoted, promoting, handed-over, degraded (or replaying), failing or pending."),
            message: z.string().optional(),
        })
        .optional(),
    pvc: z.string().optional().describe("Phase of the PVC."),
    pods: z.array(z.string()).describe("Pods, not finished, that mount the claim."),
    image: z
        .object({
            exists: z.boolean(),
            mirroring: z.string(),
            primary: z.boolean(),
            state: z.string().optional().describe("As rbd has it, for example up+replaying."),
            progress: z.string().optional().describe("How far a copy is, in words."),
        })
        .optional()
        .describe("Absent where Ceph could not be asked."),
});

const volume = z.object({
    key: z.string().describe("namespace/name of the PVC."),
    group: z.string().optional().describe("Absent for the default group."),
    level,
    primary: z.array(z.string()).describe("Sites where it is primary now: one, none between two steps of a move."),
    lastSync: time.optional().describe("Of the newest snapshot that the other site is known to hold."),
    rpoSeconds: z.number().optional().describe("From lastSync until now: what a disaster now would cost at most."),
    state: z.string().describe("In one or two words."),
    sites: z.record(z.string(), volumeOnSite).describe("By site; a site that was not observed has no entry."),
});

/** The report. */
export const statusSchema = z.object({
    schema: z.literal("rbd-dr.status/1"),
    at: time,
    level: level.describe("The gravest of all findings."),
    intervalSeconds: z
        .number()
        .describe("Scheduling interval of the mirror snapshots: warnings at twice and three times as much."),
    sites: z.array(site),
    volumes: z.array(volume),
    findings: z.array(finding).describe("The gravest first."),
});

export type StatusReport = z.infer<typeof statusSchema>;
export type SiteStatus = StatusReport["sites"][number];
export type VolumeStatus = StatusReport["volumes"][number];
export type Finding = StatusReport["findings"][number];
