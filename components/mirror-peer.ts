import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ROOK_NAMESPACE } from "../ceph/rook.js";

export interface MirrorPeerArgs {
    /** Name of the other site. */
    readonly site: string;
    /** The peer's bootstrap token, as its secret holds it (base64 of the token); a secret. */
    readonly token: pulumi.Input<string>;
    /** Name of the mirrored pool, the same on both sites. */
    readonly pool: string;
}

/**
 * The other site's bootstrap token, where Rook looks for it. It stays when the stack is destroyed: mirroring goes on.
 *
 * The secret's name carries the id of the other site's Ceph cluster: Rook takes tokens up when the pool's spec changes, and
 * not when a secret does, so the token of a rebuilt site would never be read under the old name.
 */
export class MirrorPeer extends pulumi.ComponentResource {
    /** Name of the secret, for the pool's `mirroring.peers.secretNames`. */
    readonly secretName: pulumi.Output<string>;

    constructor(name: string, args: MirrorPeerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:ceph:MirrorPeer", name, {}, opts);
        const secret = new k8s.core.v1.Secret(
            `${name}-token`,
            {
                metadata: { name: secretName(args), namespace: ROOK_NAMESPACE },
                data: { token: pulumi.secret(args.token), pool: Buffer.from(args.pool).toString("base64") },
            },
            { parent: this, retainOnDelete: true },
        );
        this.secretName = secret.metadata.name;
        this.registerOutputs({ secretName: this.secretName });
    }
}

function secretName({ site, pool, token }: MirrorPeerArgs): pulumi.Output<string> {
    const cluster = pulumi.unsecret(pulumi.output(token).apply(clusterOf));
    return pulumi.interpolate`${site}-${pool}-peer${cluster.apply((id) => (id === undefined ? "" : `-${id}`))}`;
}

/** The first part of the fsid in a token (base64 of base64 of JSON, as in Rook's secret); it is no secret. */
function clusterOf(token: string): string | undefined {
    try {
        const inner = Buffer.from(Buffer.from(token, "base64").toString(), "base64").toString();
        const { fsid } = JSON.parse(inner) as { fsid?: unknown };
        return typeof fsid === "string" ? /^[0-9a-f]+/.exec(fsid)?.[0] : undefined;
    } catch {
        return undefined;
    }
}
