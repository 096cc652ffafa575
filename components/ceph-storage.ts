import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { externalClusterSpec, internalClusterSpec } from "../ceph/cluster.js";
import type { InternalCeph } from "../ceph/settings.js";
import { TOOLBOX, toolboxSpec } from "../ceph/toolbox.js";
import type { ExternalCeph } from "../config.js";
import { gated } from "../gates/gated.js";
import { ROOK_NAMESPACE } from "../ceph/rook.js";
import { waitFor } from "./wait-for.js";

export interface CephStorageArgs {
    /** Whether this program makes the CephCluster; otherwise it is there already. */
    readonly manageCluster: boolean;
    /** The cluster that Rook is to run on this site's nodes; undefined where Ceph is outside. */
    readonly internal?: InternalCeph;
    /** Must hold before the pool is made: Ceph is up. */
    readonly cephUp: () => Promise<void>;
    /** The external cluster's address. Undefined where Rook's import script has already stored it. */
    readonly external?: ExternalCeph;
    /** Key of client.admin of the external cluster. */
    readonly adminKey?: pulumi.Input<string>;
    /** Name of the pool, the same on both sites. */
    readonly pool: string;
    /** Copies of each object. */
    readonly replicas: number;
    /** How often Rook refreshes the pool's mirroring status, for example `60s`. */
    readonly mirrorStatusInterval: string;
    /** Name of the secret that holds the peer's token, when the peer is known. */
    readonly peerSecret?: pulumi.Input<string>;
}

/**
 * Ceph as Rook sees it: the cluster, the mirrored pool, and the daemon that mirrors it.
 *
 * All of it stays when the stack is destroyed. It holds data, and the rbd-mirror daemon must outlive this stack so that
 * the copies go away when the other site's volumes do.
 */
export class CephStorage extends pulumi.ComponentResource {
    /** Token with which the other site mirrors from this pool; a secret. */
    readonly bootstrapToken: pulumi.Output<string>;
    /** What must be there before a volume can be asked for. */
    readonly ready: pulumi.Resource[];

    constructor(name: string, args: CephStorageArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:ceph:CephStorage", name, {}, opts);
        const own = { parent: this, retainOnDelete: true };
        const credentials =
            args.external && args.adminKey ? externalCredentials(name, args.external, args.adminKey, own) : [];
        const cluster = args.manageCluster
            ? [cephCluster(name, args.internal, { ...own, dependsOn: credentials })]
            : [];
        const toolbox = args.manageCluster && args.internal?.toolbox === true;
        const pool = new k8s.apiextensions.CustomResource(
            `${name}-pool`,
            {
                apiVersion: "ceph.rook.io/v1",
                kind: "CephBlockPool",
                metadata: {
                    name: args.pool,
                    namespace: ROOK_NAMESPACE,
                    annotations: waitFor(
                        "jsonpath={.status.phase}=Ready",
                        "jsonpath={.status.info.rbdMirrorBootstrapPeerSecretName}",
                    ),
                },
                spec: args.internal === undefined ? poolSpec(args) : gated(poolSpec(args), cluster, args.cephUp),
            },
            { ...own, dependsOn: cluster },
        );
        const mirror = new k8s.apiextensions.CustomResource(
            `${name}-rbd-mirror`,
            {
                apiVersion: "ceph.rook.io/v1",
                kind: "CephRBDMirror",
                metadata: {
                    name: "rbd-mirror",
                    namespace: ROOK_NAMESPACE,
                    annotations: waitFor("jsonpath={.status.phase}=Ready"),
                },
                spec: { count: 1 },
            },
            { ...own, dependsOn: [pool] },
        );
        // The pool's id is unknown until it is made, which keeps a first preview from reading a secret that is not there.
        const token = k8s.core.v1.Secret.get(
            `${name}-bootstrap`,
            pool.id.apply(() => `${ROOK_NAMESPACE}/pool-peer-token-${args.pool}`),
            { parent: this },
        );
        this.bootstrapToken = pulumi.secret(token.data.apply((data) => data["token"] ?? ""));
        if (toolbox) toolboxDeployment(name, args.internal!, { ...own, dependsOn: [pool] });
        this.ready = [pool, mirror];
        this.registerOutputs({ bootstrapToken: this.bootstrapToken });
    }
}

/** What Rook's import script makes for an external cluster (Rook `deploy/examples/external/import-external-cluster.sh`). */
function externalCredentials(
    name: string,
    external: ExternalCeph,
    adminKey: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
    const secret = new k8s.core.v1.Secret(
        `${name}-mon`,
        {
            metadata: { name: "rook-ceph-mon", namespace: ROOK_NAMESPACE },
            type: "kubernetes.io/rook",
            stringData: {
                "cluster-name": ROOK_NAMESPACE,
                fsid: external.fsid,
                "admin-secret": adminKey,
                "mon-secret": "mon-secret",
                "ceph-username": "client.admin",
                "ceph-secret": adminKey,
            },
        },
        opts,
    );
    const endpoints = new k8s.core.v1.ConfigMap(
        `${name}-mon-endpoints`,
        {
            metadata: { name: "rook-ceph-mon-endpoints", namespace: ROOK_NAMESPACE },
            data: { data: external.monEndpoints, mapping: "{}", maxMonId: "0" },
        },
        opts,
    );
    return [secret, endpoints];
}

function poolSpec(args: CephStorageArgs) {
    return {
        // Rook refuses a single copy unless it is asked for in so many words.
        replicated: { size: args.replicas, requireSafeReplicaSize: args.replicas > 1 },
        mirroring: {
            enabled: true,
            mode: "image",
            ...(args.peerSecret === undefined ? {} : { peers: { secretNames: [args.peerSecret] } }),
        },
        statusCheck: { mirror: { disabled: false, interval: args.mirrorStatusInterval } },
    };
}

function cephCluster(
    name: string,
    internal: InternalCeph | undefined,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    return new k8s.apiextensions.CustomResource(
        `${name}-cluster`,
        {
            apiVersion: "ceph.rook.io/v1",
            kind: "CephCluster",
            metadata: {
                name: ROOK_NAMESPACE,
                namespace: ROOK_NAMESPACE,
                // A first start of an internal cluster takes minutes: the pool's gate waits for it, and says what Rook is at.
                ...(internal === undefined ? { annotations: waitFor("jsonpath={.status.phase}=Connected") } : {}),
            },
            spec: internal === undefined ? externalClusterSpec() : internalClusterSpec(internal),
        },
        opts,
    );
}

function toolboxDeployment(name: string, internal: InternalCeph, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    return new k8s.apps.v1.Deployment(
        `${name}-toolbox`,
        {
            metadata: { name: TOOLBOX, namespace: ROOK_NAMESPACE, labels: { app: TOOLBOX } },
            spec: toolboxSpec(internal.image, internal.hostNetwork),
        },
        opts,
    );
}
