import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PoolMapping } from "../dr/pool-mapping.js";
import { ROOK_NAMESPACE } from "../ceph/rook.js";

export interface ClientProfileMappingArgs {
    /** Ids of the mirrored pool on both sites. */
    readonly mapping: PoolMapping;
    /** Version of the ceph-csi operator's API, for example `csi.ceph.io/v1`. */
    readonly apiVersion: string;
}

/**
 * Tells the ceph-csi operator's driver which pool id here is which on the other site.
 *
 * It stays when this program no longer registers it: with the peer out of sight its pool's id is not known, and that is
 * when the mapping is needed most.
 */
export class ClientProfileMapping extends pulumi.ComponentResource {
    readonly mapping: pulumi.Resource;

    constructor(name: string, args: ClientProfileMappingArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:ceph:ClientProfileMapping", name, {}, opts);
        const { local, remote } = args.mapping;
        this.mapping = new k8s.apiextensions.CustomResource(
            `${name}-mapping`,
            {
                apiVersion: args.apiVersion,
                kind: "ClientProfileMapping",
                metadata: { name: "rbd-dr", namespace: ROOK_NAMESPACE },
                spec: {
                    mappings: [
                        {
                            // Rook names a profile after the cluster's namespace, on both sites.
                            localClientProfile: ROOK_NAMESPACE,
                            remoteClientProfile: ROOK_NAMESPACE,
                            blockPoolIdMapping: [[String(local), String(remote)]],
                        },
                    ],
                },
            },
            { parent: this, retainOnDelete: true },
        );
        this.registerOutputs();
    }
}
