/** The CSI driver's objects: there as long as there is a CephCluster, shaped by the operator's settings. */
import { found } from "../../api/client.js";
import type { Context } from "../context.js";
import {
    CSI_CONFIG,
    CSI_CONFIG_KEY,
    CSI_MAPPING,
    CSI_MAPPING_KEY,
    RBD_DRIVER,
    configMap,
    csiDriver,
} from "../shapes/csi-config.js";
import { PROVISIONER, provisionerDeployment } from "../shapes/csi-deployment.js";
import { csiFlags } from "../shapes/csi-flags.js";
import type { Outcome } from "../work-queue.js";

/** Settings of the operator. */
export const OPERATOR_CONFIG = "rook-ceph-operator-config";

/** Brings CSIDriver, ConfigMaps and the controller Deployment in line with the settings. */
export async function reconcileCsi(context: Context): Promise<Outcome> {
    const namespace = context.operatorNamespace;
    await createOnce(context, CSI_CONFIG, CSI_CONFIG_KEY);
    const settings = (await context.configMap(namespace, OPERATOR_CONFIG))?.data ?? {};
    const nodes = await context.api.core.listNode();
    const flags = csiFlags({ ...process.env, ...settings }, nodes.items.length);
    if (!flags.deploy || context.stores.clusters.list().length === 0) {
        await found(context.api.apps.deleteNamespacedDeployment({ namespace, name: PROVISIONER }));
        await found(context.api.storage.deleteCSIDriver({ name: RBD_DRIVER }));
        return undefined;
    }
    await createOnce(context, CSI_MAPPING, CSI_MAPPING_KEY);
    await context.apply(csiDriver());
    await context.apply(provisionerDeployment(namespace, flags, await context.operatorReference()));
    const { csiAddons, omapGenerator } = flags;
    context.log(
        `${PROVISIONER}: applied (csi-addons ${csiAddons ? "on" : "off"}, omap generator ${omapGenerator ? "on" : "off"})`,
    );
    return undefined;
}

/** ceph-csi's ConfigMaps start as empty lists; clusters and pools add themselves. */
async function createOnce(context: Context, name: string, key: string): Promise<void> {
    if (await context.configMap(context.operatorNamespace, name)) return;
    await context.apply(configMap(context.operatorNamespace, name, key, "[]"));
}
