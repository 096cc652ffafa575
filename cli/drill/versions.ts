/** The versions of everything that a drill tested. */
import { readFileSync } from "node:fs";
import * as k8s from "@kubernetes/client-node";
import { z } from "zod";
import { ROOK_NAMESPACE } from "../../ceph/rook.js";
import type { SiteConfig } from "../../config.js";
import { connect, within } from "../../observe/cluster.js";
import type { Project } from "../engine/project.js";
import type { SiteStack } from "../engine/stack.js";
import type { DrillRecord } from "../report/record.js";

type Version = DrillRecord["versions"][number];

/** Looks everything up; what does not answer is left out. */
export async function versionsOf(project: Project): Promise<Version[]> {
    const sites = await Promise.all(project.sites.map(async (site) => siteVersions(site.name, await site.config())));
    const provider = await providerVersion(project.sites[0]);
    const pulumi = await project.pulumi.version(project.dir);
    return [
        { component: "rbd-dr", version: ownVersion() },
        { component: "Pulumi", version: pulumi },
        ...(provider === undefined ? [] : [{ component: "Kubernetes provider (SDK)", version: provider }]),
        { component: "Node", version: process.version.replace(/^v/, "") },
        ...sites.flat(),
    ];
}

function ownVersion(): string {
    const file = new URL("../../package.json", import.meta.url);
    return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
}

const checkpoint = z.looseObject({
    deployment: z.looseObject({
        resources: z
            .array(z.looseObject({ type: z.string(), inputs: z.record(z.string(), z.unknown()).nullish() }))
            .nullish(),
    }),
});

/** As the stack's checkpoint names it. */
async function providerVersion(site: SiteStack): Promise<string | undefined> {
    try {
        const { stdout } = await site.run(["stack", "export"]);
        const { deployment } = checkpoint.parse(JSON.parse(stdout));
        const provider = deployment.resources?.find(({ type }) => type === "pulumi:providers:kubernetes");
        const version = provider?.inputs?.["version"];
        return typeof version === "string" ? version : undefined;
    } catch {
        return undefined;
    }
}

async function siteVersions(site: string, config: SiteConfig): Promise<Version[]> {
    const [kubernetes, ceph] = await Promise.all([
        kubernetesVersion(config).catch(() => undefined),
        cephVersion(config).catch(() => undefined),
    ]);
    return [
        ...(kubernetes === undefined ? [] : [{ component: "Kubernetes", site, version: kubernetes }]),
        ...(ceph === undefined ? [] : [{ component: "Ceph", site, version: ceph }]),
        { component: "Rook", site, version: config.rook.version },
        { component: "csi-addons", site, version: config.csiAddons.version },
    ];
}

async function kubernetesVersion(config: SiteConfig): Promise<string> {
    const { access } = connect(config.access);
    const kubeconfig = new k8s.KubeConfig();
    if (access.kubeconfig === undefined) kubeconfig.loadFromDefault();
    else kubeconfig.loadFromFile(access.kubeconfig);
    kubeconfig.setCurrentContext(access.context);
    const version = await within(kubeconfig.makeApiClient(k8s.VersionApi).getCode(), "the API server's version");
    return version.gitVersion.replace(/^v/, "");
}

interface RawCluster {
    readonly status?: { readonly version?: { readonly version?: string } };
}

async function cephVersion(config: SiteConfig): Promise<string | undefined> {
    const list = (await within(
        connect(config.access).custom.listNamespacedCustomObject({
            group: "ceph.rook.io",
            version: "v1",
            namespace: ROOK_NAMESPACE,
            plural: "cephclusters",
        }),
        "the CephCluster",
    )) as { items: RawCluster[] };
    return list.items[0]?.status?.version?.version;
}
