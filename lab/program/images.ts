/** Which RBD image a claim's data lies in, and what Ceph says of it. */
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { claimOf } from "../../dr/facts.js";
import type { ImageRef, ImageSnapshot } from "../../dr/model.js";
import { probeImage } from "../../observe/images.js";
import { toolsWithConf } from "../../observe/rbd.js";
import type { SiteInfo } from "../site.js";

/** Seconds for one rbd command; the lab shares its machine with whatever else runs. */
const RBD_TIMEOUT = 30;

/**
 * The image of a bound claim, from its PV.
 *
 * @param key `namespace/name` of the PVC
 * @throws Error when the claim is not bound on this site
 */
export async function imageOf(site: SiteInfo, key: string): Promise<ImageRef> {
    const { namespace, name } = claimOf(key);
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

/** What a site's Ceph says of an image; undefined when it does not answer. */
export function imageSeen(site: SiteInfo, ref: ImageRef): Promise<ImageSnapshot | undefined> {
    return probeImage(toolsWithConf(site.ceph.conf, RBD_TIMEOUT), ref);
}
