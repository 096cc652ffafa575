/** Who is measured against whom. The first is the peer that ratios are taken against. */
export const CONTENDERS = ["by-hand", "raw", "ours", "ours-together", "ours-previewed", "rbd-dr"] as const;

/** Name of a contender. */
export type ContenderName = (typeof CONTENDERS)[number];

/** The peer that a user has today: all ratios are taken against it. */
export const BASE: ContenderName = "by-hand";

/** What each is, for the report. */
export const DESCRIPTIONS: Readonly<Record<ContenderName, string>> = {
    "by-hand": "a careful script of kubectl, everything in parallel",
    raw: "rbd mirror image demote and promote in parallel, no Kubernetes",
    ours: "pulumi up on both stacks, no previews",
    "ours-together": "pulumi up on both stacks, started at the same time (handoverWait)",
    "ours-previewed": "pulumi preview and pulumi up on both stacks",
    "rbd-dr": "rbd-dr failover, which edits both stacks' config and runs pulumi up on them",
};
