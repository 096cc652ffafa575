/** Ceph's rbd-mirror daemon, configured as Rook's Deployment does it: mons from the ConfigMap, key from the Secret. */
import { join } from "node:path";
import { found } from "../../api/client.js";
import { writePrivate } from "../../../host/files.js";
import { containerArgs, containerEnv, flagValue } from "../pods.js";
import type { Program } from "../program.js";

/** ConfigMap of the mon addresses: `a=127.0.1.1:3300,...` under `data`. */
const MONS = "rook-ceph-mon-endpoints";

export const rbdMirror: Program = {
    group: "rbd-mirror",
    app: "rook-ceph-rbd-mirror",
    container: "rbd-mirror",
    async prepare({ api, pod, container, dirs, configMap }) {
        const namespace = pod.metadata?.namespace ?? "";
        const name = flagValue(containerArgs(pod, container), "name") ?? "client.rbd-mirror.a";
        const id = name.replace(/^client\./, "");
        const endpoints = configMap(namespace, MONS)?.data?.["data"];
        if (!endpoints) return { wait: `ConfigMap ${namespace}/${MONS}` };
        const secretName = `rook-ceph-${id.replaceAll(".", "-")}-keyring`;
        const secret = await found(api.core.readNamespacedSecret({ namespace, name: secretName }));
        const encoded = secret?.data?.["keyring"];
        if (!encoded) return { wait: `Secret ${namespace}/${secretName}` };
        const keyring = join(dirs.dir, "rbd-mirror.keyring");
        writePrivate(keyring, Buffer.from(encoded, "base64").toString("utf8"));
        const conf = join(dirs.dir, "rbd-mirror.conf");
        writePrivate(conf, mirrorConf({ endpoints, keyring, runDir: dirs.sockets }));
        return {
            spec: {
                name: container.name,
                command: "rbd-mirror",
                args: ["--cluster", "ceph", "--id", id, "--foreground"],
                // `--conf` makes rbd-mirror fail to find its peers' settings: the variable does not.
                env: { ...containerEnv(pod, container), CEPH_CONF: conf },
                dir: dirs.dir,
            },
        };
    },
};

/** ceph.conf of the daemon. @param endpoints value of the ConfigMap, for example `a=127.0.1.1:3300` */
export function mirrorConf(options: { endpoints: string; keyring: string; runDir: string }): string {
    return [
        "[global]",
        `mon host = ${monHost(options.endpoints)}`,
        "auth cluster required = cephx",
        "auth service required = cephx",
        "auth client required = cephx",
        `keyring = ${options.keyring}`,
        `run dir = ${options.runDir}`,
        `admin socket = ${join(options.runDir, "$name.$pid.asok")}`,
        "log to file = false",
        "log to stderr = true",
        "err to stderr = true",
        "",
    ].join("\n");
}

/** `mon host` of mons that listen for msgr2 on the port of the endpoint. */
export function monHost(endpoints: string): string {
    const addresses = endpoints
        .split(",")
        .map((endpoint) => endpoint.split("=")[1]?.trim())
        .filter((address) => address);
    return addresses.map((address) => (address?.endsWith(":6789") ? `v1:${address}` : `v2:${address}`)).join(",");
}
