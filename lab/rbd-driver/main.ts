/**
 * The lab's RBD driver: CSI controller and csi-addons replication over librbd, with the real ceph-csi's names,
 * codes and texts. It stands in for the `csi-rbdplugin` container of Rook's provisioner Deployment.
 */
import { dirname, resolve } from "node:path";
import { Command } from "commander";
import { addonsIdentity } from "./addons/identity.js";
import { addonsReplication } from "./addons/replication.js";
import { csiController } from "./csi/controller.js";
import { csiIdentity } from "./csi/identity.js";
import { Driver } from "./driver.js";
import { serve } from "./server.js";

interface Options {
    readonly csiSocket: string;
    readonly csiAddonsSocket: string;
    readonly csiConfig: string;
    readonly clusterMapping?: string;
    readonly drivername: string;
    readonly setmetadata?: boolean;
    readonly clustername?: string;
}

const options = new Command("rbd-driver")
    .description("CSI controller and csi-addons replication for RBD, over librbd")
    .requiredOption("--csi-socket <path>", "unix socket of the CSI services, in a folder of this driver alone")
    .requiredOption("--csi-addons-socket <path>", "unix socket of the csi-addons services")
    .requiredOption("--csi-config <file>", "JSON of csi-cluster-config-json: clusters and their monitors")
    .option("--cluster-mapping <file>", "JSON of csi-mapping-config-json: ids that mean the same on both sites")
    .option("--drivername <name>", "CSI name of the driver", "rook-ceph.rbd.csi.ceph.com")
    .option("--setmetadata", "note PVC and PV names as metadata on new images")
    .option("--clustername <name>", "noted as metadata on new images, with --setmetadata")
    .parse()
    .opts<Options>();

const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`);
const driver = await Driver.create({
    name: options.drivername,
    runDir: dirname(resolve(options.csiSocket)),
    files: {
        csiConfig: options.csiConfig,
        ...(options.clusterMapping && { clusterMapping: options.clusterMapping }),
    },
    ...(options.clustername && { clusterName: options.clustername }),
    setMetadata: options.setmetadata ?? false,
});
const servers = await Promise.all([
    serve(options.csiSocket, { csiIdentity: csiIdentity(driver), csiController: csiController(driver) }, log),
    serve(
        options.csiAddonsSocket,
        { addonsIdentity: addonsIdentity(driver), addonsReplication: addonsReplication(driver) },
        log,
    ),
]).catch(async (error: Error) => {
    await driver.close();
    console.error(error.message);
    process.exit(1);
});
log(`${options.drivername} serves CSI on ${options.csiSocket} and csi-addons on ${options.csiAddonsSocket}`);

let stopping = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
        if (stopping) return;
        stopping = true;
        log(`${signal}: stopping`);
        Promise.all(servers.map((server) => server.stop()))
            .finally(() => driver.close())
            .finally(() => process.exit(0));
    });
}
