import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadSpec } from "../config.js";
import type { VolumeSpec } from "../dr/model.js";
import { gated } from "../gates/gated.js";

export interface WorkloadArgs {
    /** `up`: running. `down`: no replica. */
    readonly state: "up" | "down";
    /** What must be there before the workload changes. */
    readonly after: readonly pulumi.Resource[];
    /** Throws when the workload must not start yet. */
    readonly beforeStart?: () => Promise<void>;
    /** A workload that is deployed by other means; only its number of replicas is ours. */
    readonly existing?: WorkloadSpec;
    /** Or a volume for which the demo application is made. */
    readonly demoFor?: VolumeSpec;
}

/** Something that uses the volumes: stopped before a demotion, started after a promotion. */
export class Workload extends pulumi.ComponentResource {
    readonly workload: pulumi.Resource;

    constructor(name: string, args: WorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:workload:Workload", name, {}, opts);
        const replicas = (up: number) =>
            gated(args.state === "up" ? up : 0, args.after, args.beforeStart ?? (() => Promise.resolve()));
        if (args.existing !== undefined)
            this.workload = scaled(name, args.existing, replicas(args.existing.replicas), { parent: this });
        else if (args.demoFor !== undefined) this.workload = demoApp(name, args.demoFor, replicas(1), { parent: this });
        else throw new Error(`${name}: give existing or demoFor`);
        this.registerOutputs();
    }
}

/** Takes over the replicas of a workload, and nothing else of it. */
function scaled(
    name: string,
    spec: WorkloadSpec,
    replicas: pulumi.Output<number>,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const Patch = spec.kind === "Deployment" ? k8s.apps.v1.DeploymentPatch : k8s.apps.v1.StatefulSetPatch;
    return new Patch(
        `${name}-replicas`,
        {
            metadata: { name: spec.name, namespace: spec.namespace, annotations: { "pulumi.com/patchForce": "true" } },
            spec: { replicas },
        },
        // Giving the field back on destroy would leave the workload without replicas.
        { ...opts, retainOnDelete: true },
    );
}

/** A small application that does nothing but append to its volume. */
function demoApp(
    name: string,
    volume: VolumeSpec,
    replicas: pulumi.Output<number>,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const labels = { "app.kubernetes.io/name": `${volume.name}-app`, "app.kubernetes.io/managed-by": "rbd-dr" };
    return new k8s.apps.v1.Deployment(
        `${name}-deployment`,
        {
            metadata: { name: `${volume.name}-app`, namespace: volume.namespace, labels },
            spec: {
                replicas,
                // A ReadWriteOnce volume cannot follow a rolling update.
                strategy: { type: "Recreate" },
                selector: { matchLabels: labels },
                template: {
                    metadata: { labels },
                    spec: {
                        terminationGracePeriodSeconds: 5,
                        containers: [
                            {
                                name: "writer",
                                image: "busybox:1.36",
                                command: ["sh", "-c", "while date >> /data/log && sync; do sleep 1; done"],
                                volumeMounts: [{ name: "data", mountPath: "/data" }],
                            },
                        ],
                        volumes: [{ name: "data", persistentVolumeClaim: { claimName: volume.name } }],
                    },
                },
            },
        },
        opts,
    );
}
