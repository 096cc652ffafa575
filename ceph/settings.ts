/** Config key `internalCeph`: the Ceph cluster that Rook is to run on the site's own nodes. Read by the program's config.ts. */
import { z } from "zod";

/** Ceph for Rook 1.15 to 1.20 alike: Squid. */
export const DEFAULT_CEPH_IMAGE = "quay.io/ceph/ceph:v19.2.3";

/** A Ceph cluster inside Kubernetes, resolved: no defaults left to Rook where they differ between its two examples. */
export interface InternalCeph {
    /** `test`: one node, one copy of each object (Rook's cluster-test.yaml). `production`: its cluster.yaml. */
    readonly kind: "test" | "production";
    readonly image: string;
    /** Number of monitors. */
    readonly mons: number;
    /** Daemons on the nodes' own addresses, which is what the other site's rbd-mirror can reach. */
    readonly hostNetwork: boolean;
    /** Folder of the nodes that keeps the monitors' data. */
    readonly dataDir: string;
    /** Disks by name (`vdb`) or path; undefined: every empty disk, or those of the filter. */
    readonly devices?: readonly string[];
    /** Regular expression of disk names, for example `^vd[b-d]`. */
    readonly deviceFilter?: string;
    /** Seconds between two looks of rbd-mirror at the state of an image: see `mirrorCheckInterval`. */
    readonly mirrorCheckSeconds: number;
    /** Whether a pod with the `ceph` and `rbd` commands runs. */
    readonly toolbox: boolean;
}

/** Schema of the config key (an object; all fields have defaults). */
export const internalCephConfig = z
    .strictObject({
        kind: z.enum(["test", "production"], "give test or production").default("test"),
        image: z
            .string()
            .regex(
                /^[\w.-]+(:\d+)?(\/[\w.-]+)+:[\w.-]+(@sha256:[0-9a-f]{64})?$/,
                `give an image such as ${DEFAULT_CEPH_IMAGE}`,
            )
            .default(DEFAULT_CEPH_IMAGE),
        mons: z
            .number("give a number")
            .int()
            .min(1)
            .max(9)
            .refine((n) => n % 2 === 1, "monitors vote: give an odd number")
            .optional(),
        hostNetwork: z.boolean("give true or false").default(true),
        dataDir: z
            .string()
            .regex(/^\/[^\s]+$/, "give an absolute path")
            .optional(),
        devices: z
            .array(z.string().regex(/^[^\s]+$/, "give a disk such as vdb or /dev/disk/by-id/..."))
            .min(1)
            .optional(),
        deviceFilter: z.string().min(1).optional(),
        // Until rbd-mirror's next look a demoted image's status is stale, and every hand-over waits for it: 30 s by Ceph's default.
        mirrorCheckInterval: z
            .string()
            .regex(/^[1-9]\d*s$/, "give seconds such as 5s")
            .default("5s"),
        toolbox: z.boolean("give true or false").default(true),
    })
    .superRefine((c, ctx) => {
        if (c.devices !== undefined && c.deviceFilter !== undefined)
            ctx.addIssue({
                code: "custom",
                path: ["deviceFilter"],
                message: "devices is set too; leave out one of them",
            });
    })
    .transform(({ mirrorCheckInterval, ...c }): InternalCeph => ({
        ...c,
        mirrorCheckSeconds: Number.parseInt(mirrorCheckInterval, 10),
        mons: c.mons ?? (c.kind === "test" ? 1 : 3),
        // minikube keeps /data over a restart of the machine, but not /var/lib/rook.
        dataDir: c.dataDir ?? (c.kind === "test" ? "/data/rook" : "/var/lib/rook"),
    }));
