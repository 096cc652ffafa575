/** Which RBD image a claim's data lies in, and what Ceph says of it. */
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { execa } from "execa";
import type { ImageRef } from "../../dr/model.js";
import type { SiteInfo } from "../site.js";

/**
 * The image of a bound claim, from its PV.
 *
 * @param key `namespace/name` of the PVC
 * @throws Error when the claim is not bound on this site
 */
export async function imageOf(site: SiteInfo, key: string): Promise<ImageRef> {
    const [namespace, name] = key.split("/") as [string, string];
    const config = new KubeConfig();
    config.loadFromFile(site.kubernetes.kubeconfig);
    config.setCurrentContext(site.kubernetes.context);
    const core = config.makeApiClient(CoreV1Api);
    const claim = await core.readNamespacedPersistentVolumeClaim({ name, namespace });
    if (!claim.spec?.volumeName) throw new Error(`PVC ${key} is not bound on ${site.site}.`);
    const pv = await core.readPersistentVolume({ name: claim.spec.volumeName });
    const attributes = pv.spec?.csi?.volumeAttributes;
    if (!attributes?.["pool"] || !attributes["imageName"])
        throw new Error(`PV ${claim.spec.volumeName} on ${site.site} names no RBD image.`);
    return { pool: attributes["pool"], image: attributes["imageName"] };
}

/** The mirroring part of `rbd info`; undefined when the image does not exist on this site. */
export async function mirroringOf(
    site: SiteInfo,
    ref: ImageRef,
): Promise<{ state: string; primary?: boolean } | undefined> {
    const run = await execa("rbd", ["--conf", site.ceph.conf, "info", `${ref.pool}/${ref.image}`, "--format", "json"], {
        reject: false,
        timeout: 30_000,
    });
    if (run.exitCode === 2) return undefined;
    if (run.exitCode !== 0) throw new Error(`rbd info ${ref.pool}/${ref.image} on ${site.site}: ${run.stderr}`);
    return (
        (JSON.parse(run.stdout) as { mirroring?: { state: string; primary?: boolean } }).mirroring ?? {
            state: "disabled",
        }
    );
}
