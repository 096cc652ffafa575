import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { VolumeSpec } from "../dr/model.js";
import { demoAppName, formatMemory, REPLICAS_ANNOTATION } from "../dr/workloads/keys.js";
import type { WorkloadPlan } from "../dr/workloads/types.js";
import { gated } from "../gates/gated.js";
import { SKIP_AWAIT } from "./wait-for.js";
import { DEMO_CONTAINER, DEMO_FOLDER, DEMO_IMAGE, demoLabels, writeCommand } from "./demo-app/index.js";

export interface WorkloadArgs {
    /** `up`: running. `down`: no replica. */
    readonly state: "up" | "down";
    /** What must be there before the workload changes. */
    readonly after: readonly pulumi.Resource[];
    /** Throws when the workload must not change yet. */
    readonly before?: () => Promise<void>;
    /** A workload that is deployed by other means; only its number of replicas is ours. */
    readonly existing?: WorkloadPlan;
    /** Or a volume for which the demo application is made. */
    readonly demoFor?: VolumeSpec;
    /** Name of this site, which the demo application writes into its blocks. */
    readonly site?: string;
}

/** Something that uses the volumes: stopped before a demotion, started after a promotion. */
export class Workload extends pulumi.ComponentResource {
    readonly workload: pulumi.Resource;

    constructor(name: string, args: WorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:workload:Workload", name, {}, opts);
        const held = (replicas: number) => gated(replicas, args.after, args.before ?? (() => Promise.resolve()));
        const { existing, demoFor } = args;
        if (existing !== undefined) this.workload = scaled(name, existing, held(existing.replicas), { parent: this });
        else if (demoFor !== undefined)
            this.workload = demoApp(name, demoFor, args.site ?? "", held(args.state === "up" ? 1 : 0), {
                parent: this,
            });
        else throw new Error(`${name}: give existing or demoFor`);
        this.registerOutputs();
    }
}

/** Takes over the replicas of a workload, and nothing else of it but a note of how many there are to be. */
function scaled(
    name: string,
    plan: WorkloadPlan,
    replicas: pulumi.Output<number>,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const Patch = plan.kind === "Deployment" ? k8s.apps.v1.DeploymentPatch : k8s.apps.v1.StatefulSetPatch;
    const annotations = {
        "pulumi.com/patchForce": "true",
        [REPLICAS_ANNOTATION]: formatMemory(plan.note),
        // Whether it has stopped is for the gate before the VR to see: pods and VolumeAttachments count, not a rollout.
        ...(plan.replicas === 0 ? SKIP_AWAIT : {}),
    };
    return new Patch(
        `${name}-replicas`,
        { metadata: { name: plan.name, namespace: plan.namespace, annotations }, spec: { replicas } },
        // Giving the field back on destroy would leave the workload without replicas.
        { ...opts, retainOnDelete: true },
    );
}

/** A small application that does nothing but append to its volume; what it was told is safe, a drill reads back. */
function demoApp(
    name: string,
    volume: VolumeSpec,
    site: string,
    replicas: pulumi.Output<number>,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const labels = demoLabels(volume.name);
    return new k8s.apps.v1.Deployment(
        `${name}-deployment`,
        {
            metadata: { name: demoAppName(volume.name), namespace: volume.namespace, labels },
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
                                name: DEMO_CONTAINER,
                                image: DEMO_IMAGE,
                                command: writeCommand(site),
                                volumeMounts: [{ name: "data", mountPath: DEMO_FOLDER }],
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
