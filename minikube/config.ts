/** Config key `minikube`: what the site's cluster is started with. Checked here, read by the program's config.ts. */
import { z } from "zod";
import {
    DRIVERS,
    DRIVERS_WITH_DISKS,
    MAX_EXTRA_DISKS,
    defaultDriver,
    defaultNetwork,
    diskProblem,
    networkProblem,
    type Driver,
} from "./drivers.js";
import { megabytes } from "./size.js";

/** The last Kubernetes that Rook 1.17 supports and minikube 1.38.1 knows. */
export const DEFAULT_KUBERNETES = "v1.33.8";

/** Everything that `minikube start` is told, resolved: no defaults left to minikube. */
export interface MinikubeSettings {
    /** Name of the minikube profile, which is also the name of the kubeconfig context. */
    readonly profile: string;
    readonly driver: Driver;
    /** CPUs of each node. */
    readonly cpus: number;
    /** Memory of each node, in MiB. */
    readonly memory: number;
    /** Size of each node's system disk and of each extra disk, in MiB. */
    readonly diskSize: number;
    /** Unformatted disks of each node, for Ceph's OSDs. */
    readonly extraDisks: number;
    readonly nodes: number;
    /** With a leading v. The only setting that an existing cluster can change, upwards. */
    readonly kubernetesVersion: string;
    readonly containerRuntime: string;
    /** Undefined where the driver has no choice. */
    readonly network?: string;
    /** Raised by hand to have the cluster deleted and made anew. */
    readonly generation: number;
    /** Time at which a cluster that had gone was found missing: new to Pulumi, it has the cluster made. Not config. */
    readonly remade?: string;
    /** Profile of the other site, for the check that the two reach each other; undefined when it is not a minikube profile. */
    readonly peerProfile?: string;
    /** Kubeconfig file that minikube writes to; undefined: $KUBECONFIG, then ~/.kube/config. */
    readonly kubeconfig?: string;
    /** Seconds that a start may take, downloads included. */
    readonly startTimeout: number;
}

/** minikube's rule for profile names (`config.ProfileNameValid`), less the dots, which Kubernetes would take badly in node names. */
const PROFILE = /^[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]$/;
/** minikube's own words, which it refuses as profile names (`config.ProfileNameInReservedKeywords`). */
const RESERVED = ["start", "stop", "status", "delete", "config", "open", "profile", "addons", "cache", "logs"];

export const profileName = z
    .string()
    .max(63, "a profile name has at most 63 characters")
    .regex(PROFILE, "a profile name has letters, digits and `-`, two characters at least, no `-` at either end")
    .refine((name) => !RESERVED.includes(name.toLowerCase()), "minikube keeps this name for itself; give another");

const size = (lowest: number, why: string) =>
    z
        .union([z.string(), z.number()])
        .transform((text, ctx) => {
            const mib = megabytes(String(text));
            if (mib === undefined) {
                ctx.addIssue({ code: "custom", message: "give a size such as 6g or 6144m" });
                return z.NEVER;
            }
            return mib;
        })
        .refine((mib) => mib >= lowest, why);

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "give a name of letters, digits, `_`, `.` and `-`");

/**
 * Schema of the config key `minikube` (an object; all fields have defaults).
 *
 * @param os platform on which minikube runs; drivers and their networks depend on it
 */
export function minikubeConfig(os: NodeJS.Platform = process.platform) {
    return z
        .strictObject({
            profile: profileName.optional(),
            peerProfile: profileName.optional(),
            driver: z
                .enum(
                    DRIVERS,
                    `give one of ${DRIVERS.join(", ")}. For machines that you have already, set cluster: existing`,
                )
                .default(defaultDriver(os)),
            cpus: z.number("give a number").int().min(2, "Kubernetes wants 2 CPUs at least").default(4),
            memory: size(1800, "minikube wants 1800m at least; Ceph and Rook want 6g").default(6144),
            diskSize: size(2000, "minikube wants 2000m at least").default(40 * 1024),
            extraDisks: z
                .number("give a number")
                .int()
                .min(0)
                .max(MAX_EXTRA_DISKS, `a machine has at most ${MAX_EXTRA_DISKS} extra disks`)
                .optional(),
            nodes: z.number("give a number").int().min(1).max(9).default(1),
            kubernetesVersion: z
                .string()
                .regex(/^v?\d+\.\d+\.\d+$/, "give a version such as 1.33.8")
                .transform((v) => `v${v.replace(/^v/, "")}`)
                .default(DEFAULT_KUBERNETES),
            containerRuntime: z
                .enum(["containerd", "cri-o", "docker"], "give containerd, cri-o or docker")
                .default("containerd"),
            network: name.optional(),
            generation: z.number("give a number").int().min(1).default(1),
            startTimeout: z
                .string()
                .regex(/^\d+[smh]$/, "give a duration such as 20m")
                .transform((s) => Number.parseInt(s, 10) * { s: 1, m: 60, h: 3600 }[s.at(-1) as "s" | "m" | "h"])
                .default(1200),
        })
        .transform((c) => ({
            ...c,
            extraDisks: c.extraDisks ?? (DRIVERS_WITH_DISKS.includes(c.driver) ? 1 : 0),
        }))
        .superRefine((c, ctx) => {
            const disks = diskProblem(c.driver, c.extraDisks);
            if (disks !== undefined) ctx.addIssue({ code: "custom", path: ["extraDisks"], message: disks });
            const network = networkProblem(c.driver, c.network, os);
            if (network !== undefined)
                ctx.addIssue({
                    code: "custom",
                    path: [c.network === undefined ? "driver" : "network"],
                    message: network,
                });
        });
}

export type MinikubeConfig = z.output<ReturnType<typeof minikubeConfig>>;

/**
 * Fills in what the config leaves to the stack.
 *
 * @param config the parsed config key
 * @param site the stack's name, the profile's name unless config gives another
 * @param peer the other stack's name, likewise; undefined when its cluster is not a minikube profile
 * @param kubeconfig the program's own config key, when set
 */
export function minikubeSettings(
    config: MinikubeConfig,
    site: string,
    peer: string | undefined,
    kubeconfig?: string,
): MinikubeSettings {
    const { peerProfile = peer, profile = site, network = defaultNetwork(config.driver), ...rest } = config;
    return { ...rest, profile, peerProfile, network, kubeconfig };
}
