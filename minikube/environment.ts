/**
 * The way from the Pulumi program to `minikube/cli.ts`: one environment variable a setting. The command itself never
 * changes and holds no value, so no value is ever read by a shell, and a change of a value is an update in place.
 */
import { z } from "zod";
import { profileName, type MinikubeSettings } from "./config.js";
import { DRIVERS } from "./drivers.js";

const PREFIX = "RBD_DR_MINIKUBE_";

const count = z.coerce.number().int().min(0);
const text = z.string().min(1);
const optional = z.string().transform((value) => (value === "" ? undefined : value));

/** Every setting and how it is read back; the order is the order in a preview's diff. */
const schema = z.object({
    profile: profileName,
    driver: z.enum(DRIVERS),
    cpus: count,
    memory: count,
    diskSize: count,
    extraDisks: count,
    nodes: count,
    kubernetesVersion: text,
    containerRuntime: text,
    network: optional,
    generation: count,
    remade: optional,
    peerProfile: optional,
    kubeconfig: optional,
    startTimeout: count,
});
type Setting = keyof z.input<typeof schema>;
const SETTINGS = Object.keys(schema.shape) as Setting[];

/** Name of a setting's variable, for example `RBD_DR_MINIKUBE_DISK_SIZE`. */
function variable(setting: Setting): string {
    return PREFIX + setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** Settings as environment. All variables are set, empty where there is no value: none leaks in from outside. */
export function toEnvironment(settings: MinikubeSettings): Record<string, string> {
    return Object.fromEntries(SETTINGS.map((s) => [variable(s), String(settings[s] ?? "")]));
}

/**
 * Settings out of the environment.
 * @throws Error naming the variable that is missing or wrong
 */
export function fromEnvironment(env: NodeJS.ProcessEnv): MinikubeSettings {
    const parsed = schema.safeParse(Object.fromEntries(SETTINGS.map((s) => [s, env[variable(s)]])));
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => {
        const name = variable(issue.path[0] as Setting);
        return `${name} is ${env[name] === undefined ? "not set" : JSON.stringify(env[name])}: ${issue.message}`;
    });
    throw new Error(`This program is run by Pulumi, which sets its environment. ${problems.join("; ")}`);
}
