/** The config of the stack that is running, as Pulumi hands it to the program. */
import * as pulumi from "@pulumi/pulumi";
import { parseConfig, type SiteConfig } from "./config.js";

/** Reads and checks the config; its secrets are Pulumi secrets. Errors as {@link parseConfig}. */
export function loadConfig(): SiteConfig {
    const project = pulumi.getProject();
    const prefix = `${project}:`;
    const raw = Object.fromEntries(
        Object.entries(pulumi.runtime.allConfig())
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, value]) => [key.slice(prefix.length), value]),
    );
    const id = { project, organization: pulumi.getOrganization(), stack: pulumi.getStack() };
    return parseConfig(raw, id, (text) => pulumi.secret(text));
}
