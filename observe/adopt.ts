/** Fits a site's config to what is on its cluster already. */
import * as pulumi from "@pulumi/pulumi";
import type { SiteConfig } from "../config.js";
import { adopt, describeMissing, type Inventory } from "../dr/adoption.js";
import { brief, connect } from "./cluster.js";
import { takeStock } from "./inventory.js";

/**
 * Finds out what is on the cluster, and says so: what others have installed stays as it is, and what is missing is listed
 * with what would add it.
 *
 * @returns the config with the version of Rook that is there
 * @throws Error where config asks to install over what others have installed
 */
export async function adoptCluster(config: SiteConfig): Promise<SiteConfig> {
    const found = await stockOf(config);
    if (found === undefined) return config;
    const { rookVersion, refusals, adopted, missing } = adopt(found, {
        manage: config.manage,
        rookVersion: config.rook.version,
        pool: config.pool.name,
        poolReplicas: config.pool.replicas,
    });
    if (refusals.length > 0) throw new Error(refusals.join("\n"));
    if (adopted.length > 0) await pulumi.log.info(`On this cluster already: ${adopted.join("; ")}`);
    for (const thing of missing.filter((m) => !m.added)) await pulumi.log.warn(describeMissing(thing));
    if (adopted.length > 0)
        for (const thing of missing.filter((m) => m.added)) await pulumi.log.info(describeMissing(thing));
    const csiOperator = found.csiOperator?.apiVersion;
    return { ...config, rook: { ...config.rook, version: rookVersion, ...(csiOperator ? { csiOperator } : {}) } };
}

/** Undefined for a cluster that does not answer: the observation that follows says so, and refuses where it matters. */
async function stockOf(config: SiteConfig): Promise<Inventory | undefined> {
    const cluster = connect(config.access);
    try {
        return await takeStock(cluster, config.pool.name);
    } catch (error) {
        await pulumi.log.debug(`taking stock of ${config.access.context}: ${brief(error)}`);
        return undefined;
    }
}
