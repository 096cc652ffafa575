/** What a pair of sites has come to, without what differs from one move to the next: times, and the term of a promotion. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../lab/api/client.js";
import { SITES, type SiteName } from "../../lab/index.js";
import { REPLICATION_API } from "../../observe/lists.js";
import { primaries, type Stage } from "../engine/stage.js";

/** Both sites: stack files, resources in the checkpoints, and the objects that a move changes. */
export async function liveState(stage: Stage): Promise<unknown> {
    const sites = await Promise.all(SITES.map(async (site) => [site, await siteState(stage, site)] as const));
    return { images: await primaries(stage, "cluster1"), ...Object.fromEntries(sites) };
}

/** One of them. */
export async function siteState(stage: Stage, site: SiteName) {
    const { kubeconfig, context } = stage.site(site).kubernetes;
    const { apps, core, custom } = connect(kubeconfig, context, 60_000);
    const replications = (await custom.listCustomObjectForAllNamespaces({
        ...REPLICATION_API,
        resourcePlural: "volumereplications",
    })) as { items: { metadata: { name: string }; spec: Record<string, unknown> }[] };
    const deployments = await apps.listNamespacedDeployment({ namespace: "default" });
    const claims = await core.listNamespacedPersistentVolumeClaim({ namespace: "default" });
    const volumes = await core.listPersistentVolume();
    return {
        stackFile: readFileSync(join(stage.cli.dir, `Pulumi.${site}.yaml`), "utf8"),
        resources: await urns(stage, site),
        replications: replications.items.map(({ metadata, spec }) => ({ name: metadata.name, spec })),
        replicas: deployments.items.map(({ metadata, spec }) => [metadata!.name, spec!.replicas]),
        claims: claims.items.map(({ metadata, spec, status }) => [metadata!.name, spec!.volumeName, status!.phase]),
        volumes: volumes.items.map(({ metadata, spec, status }) => [metadata!.name, spec!.csi, status!.phase]),
    };
}

/** URNs of all that a stack has, sorted. */
export async function urns(stage: Stage, site: SiteName): Promise<string[]> {
    const { stdout } = await stage.cli.run(["stack", "export", "--stack", site]);
    const { deployment } = JSON.parse(stdout) as { deployment: { resources?: { urn: string }[] } };
    return (deployment.resources ?? []).map(({ urn }) => urn).sort();
}
