/**
 * A STAND-IN for Rook's operator, for the lab only: `tsx lab/rook/main.ts --kubeconfig F --context C --work-dir D`.
 *
 * It reconciles the few objects that the program uses, against Rook 1.17.9's real CRDs, and does so from API objects
 * alone: CephCluster (external), CephBlockPool with mirroring, CephRBDMirror, the CSI driver's Secrets, ConfigMaps and
 * controller Deployment. Names, statuses and order follow Rook's sources and what its operator was seen to write.
 * It makes no Ceph cluster, no filesystem, no object store, no node plugin and no dashboard.
 */
import { Command } from "commander";
import { connect } from "../api/client.js";
import { Operator } from "./operator.js";

const command = new Command("rook-stand-in")
    .description("the lab's stand-in for Rook's operator")
    .requiredOption("--kubeconfig <file>", "kubeconfig file")
    .requiredOption("--context <name>", "its context")
    .requiredOption("--work-dir <dir>", "private folder for Ceph configuration and keyrings")
    .parse();
const options = command.opts<{ kubeconfig: string; context: string; workDir: string }>();

const log = (message: string) => console.log(`${new Date().toISOString()} ${message}`);
const operator = new Operator({
    api: connect(options.kubeconfig, options.context),
    workDir: options.workDir,
    namespace: process.env["POD_NAMESPACE"] ?? "rook-ceph",
    podName: process.env["POD_NAME"] ?? "",
    log,
});
process.on("unhandledRejection", operator.onUnexpected);
log("stand-in for Rook's operator: started");
operator.start();
