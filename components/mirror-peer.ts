import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ROOK_NAMESPACE } from "./rook-operator.js";

export interface MirrorPeerArgs {
    /** Name of the other site. */
    readonly site: string;
    /** The peer's bootstrap token, as its secret holds it (base64 of the token); a secret. */
    readonly token: pulumi.Input<string>;
    /** Name of the mirrored pool, the same on both sites. */
    readonly pool: string;
}

/** The other site's bootstrap token, where Rook looks for it. It stays when the stack is destroyed: mirroring goes on. */
export class MirrorPeer extends pulumi.ComponentResource {
    /** Name of the secret, for the pool's `mirroring.peers.secretNames`. */
    readonly secretName: pulumi.Output<string>;

    constructor(name: string, args: MirrorPeerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:ceph:MirrorPeer", name, {}, opts);
        const secret = new k8s.core.v1.Secret(
            `${name}-token`,
            {
                metadata: { name: `${args.site}-${args.pool}-peer`, namespace: ROOK_NAMESPACE },
                data: { token: pulumi.secret(args.token), pool: Buffer.from(args.pool).toString("base64") },
            },
            { parent: this, retainOnDelete: true },
        );
        this.secretName = secret.metadata.name;
        this.registerOutputs({ secretName: this.secretName });
    }
}
