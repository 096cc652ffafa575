import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { MinikubeSettings } from "../minikube/config.js";
import type { RunningCluster } from "../minikube/ensure.js";
import { toEnvironment } from "../minikube/environment.js";
import { kubeconfigPath } from "../minikube/kubeconfig.js";

export interface MinikubeClusterArgs {
    /**
     * What the cluster is started with. All of it can be changed in config; what minikube cannot change in a cluster that
     * exists is refused, unless `generation` is raised: that replaces the cluster, with all data in it.
     */
    readonly settings: MinikubeSettings;
    /** Whether volumes here are protected (they are, unless the stack is being torn down): the cluster is then as well. */
    readonly protect: boolean;
    /** Whether volumes are primary here, now or after this run: the cluster is then neither deleted nor replaced. */
    readonly holdsPrimary: boolean;
}

/**
 * A minikube profile with its cluster, started on create, brought up to date on update, deleted with all its data on
 * delete.
 *
 * A preview runs nothing; the program checks the settings before (minikube/preflight.ts). Pulumi does not notice when a
 * cluster is stopped or deleted behind its back.
 */
export class MinikubeCluster extends pulumi.ComponentResource {
    /** Context of the cluster; known once it has been created, and then in previews too. */
    readonly context: pulumi.Output<string>;
    /** Path of the kubeconfig file with that context. */
    readonly kubeconfig: pulumi.Output<string>;
    /** Address of the control plane's node, which the other site must reach. */
    readonly ip: pulumi.Output<string>;

    constructor(name: string, args: MinikubeClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:minikube:MinikubeCluster", name, {}, opts);
        const { settings } = args;
        const profile = new command.local.Command(
            `${name}-profile`,
            {
                interpreter: interpreter(),
                create: "create",
                update: "update",
                delete: "delete",
                environment: toEnvironment(settings),
                // Any other change is an update, and so cannot cost the cluster.
                triggers: [settings.generation],
                // Progress is shown as it comes; the result on stdout is for the program.
                logging: command.local.Logging.Stderr,
                addPreviousOutputInEnv: false,
            },
            {
                parent: this,
                protect: args.protect || args.holdsPrimary,
                // The new cluster has the old one's name.
                deleteBeforeReplace: true,
                // minikube has its own limit within; this one only has to be later.
                customTimeouts: timeouts(settings),
            },
        );
        // Known from the settings, but only of use once the cluster is there.
        this.context = profile.id.apply(() => settings.profile);
        this.kubeconfig = profile.id.apply(() => settings.kubeconfig ?? kubeconfigPath());
        this.ip = profile.stdout.apply((stdout) => (JSON.parse(stdout) as RunningCluster).ip);
        this.registerOutputs({ context: this.context, kubeconfig: this.kubeconfig, ip: this.ip });
    }
}

/**
 * How the command is run: Node with tsx, and a path from the program's folder, where Pulumi starts its plugins. Nothing in
 * it depends on the machine, so a state made on one can be used on another.
 */
function interpreter(): string[] {
    const cli = relative(process.cwd(), fileURLToPath(new URL("../minikube/cli.ts", import.meta.url)));
    return ["node", "--import", "tsx", cli];
}

function timeouts(settings: MinikubeSettings): pulumi.CustomTimeouts {
    const start = `${settings.startTimeout + 300}s`;
    return { create: start, update: start, delete: "15m" };
}
