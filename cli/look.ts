/** Looks at both sites, each the way its own program would look: what `rbd-dr` decides from is what `pulumi up` decides from. */
import type { SiteConfig } from "../config.js";
import type { DecisionInput } from "../dr/model.js";
import { clusterDeployed } from "../observe/deployed.js";
import { observe } from "../observe/index.js";
import type { ReadStack } from "../observe/outputs.js";
import type { Project } from "./engine/project.js";
import { CliError } from "./errors.js";

/** What was seen from one site. */
export interface SiteLook {
    readonly site: string;
    /** The stack's config as its file has it now. */
    readonly config: SiteConfig;
    /** Groups with a state of their own in config; the others follow the stack's. */
    readonly pinned: readonly string[];
    /** What this site's program would decide from; its `intent` is the config as it is. */
    readonly input: DecisionInput;
    /** This stack's last outputs. */
    readonly stack: ReadStack;
    /** Whether this site's cluster is there; false where an `up` is to make it. */
    readonly deployed: boolean;
}

/** Both sites, by name. */
export type Look = Readonly<Record<string, SiteLook>>;

/**
 * Looks at both sites, at the same time.
 *
 * @throws CliError when a config cannot be used; a cluster that does not answer is a finding and no error
 */
export async function lookAtBoth(project: Project): Promise<Look> {
    const configs = await Promise.all(
        project.sites.map(async (site) => ({ config: await site.config(), pinned: await site.pinnedGroups() })),
    );
    const stacks = new Map(
        await Promise.all(project.sites.map(async (site) => [site.name, await site.outputs()] as const)),
    );
    const read = (stack: string) => Promise.resolve(stacks.get(stack) ?? ({ state: { found: "none" } } as const));
    const looks = await Promise.all(
        configs.map(async ({ config, pinned }): Promise<SiteLook> => {
            const site = config.intent.site;
            try {
                const warn = (text: string) =>
                    project.bus.emit({ type: "message", severity: "warning", stack: site, text });
                const deployed = await clusterDeployed(config, { read, warn });
                const { input } = await observe(config, deployed, read);
                return { site, config, pinned, input, stack: await read(site), deployed };
            } catch (error) {
                throw new CliError("usage", `${site}: ${(error as Error).message}`, { cause: error });
            }
        }),
    );
    return Object.fromEntries(looks.map((look) => [look.site, look]));
}
