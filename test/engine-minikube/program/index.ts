/** A program of one MinikubeCluster, all of it from config: what the engine test runs. */
import * as pulumi from "@pulumi/pulumi";
import { MinikubeCluster } from "../../../components/minikube-cluster.js";
import { minikubeConfig, minikubeSettings } from "../../../minikube/config.js";
import { preflight } from "../../../minikube/preflight.js";

const config = new pulumi.Config();
const raw: unknown = config.requireObject("minikube");
const settings = {
    ...minikubeSettings(minikubeConfig("linux").parse(raw), pulumi.getStack(), config.get("peer")),
    remade: config.get("remade"),
};
const holdsPrimary = config.requireBoolean("holdsPrimary");
if (config.getBoolean("preflight")) {
    const found = await preflight(settings, holdsPrimary).catch((error: Error) => {
        throw new pulumi.RunError(error.message);
    });
    for (const warning of found.warnings) await pulumi.log.warn(warning);
}
const cluster = new MinikubeCluster("cluster", { settings, protect: config.requireBoolean("protect"), holdsPrimary });

export const { context, kubeconfig, ip } = cluster;
