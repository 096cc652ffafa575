/** Reading pods as a kubelet does: which ones run, what a container's environment and arguments come to. */
import type { V1Container, V1Pod } from "@kubernetes/client-node";

/** `namespace/name` of an object. */
export function keyOf(object: { metadata?: { name?: string; namespace?: string } }): string {
    return `${object.metadata?.namespace ?? ""}/${object.metadata?.name ?? ""}`;
}

/** Whether a pod's containers are to run: Running, and not being deleted. */
export function isRunning(pod: V1Pod): boolean {
    return pod.status?.phase === "Running" && !pod.metadata?.deletionTimestamp;
}

/**
 * Environment of a container: literal values and the downward API's fields of the pod.
 * Values from ConfigMaps and Secrets are left out: no program of the lab takes any that way.
 */
export function containerEnv(pod: V1Pod, container: V1Container): Record<string, string> {
    const env: Record<string, string> = {};
    for (const variable of container.env ?? []) {
        const field = variable.valueFrom?.fieldRef?.fieldPath;
        const value = field ? podField(pod, field) : variable.value;
        if (value !== undefined) env[variable.name] = expand(value, env);
    }
    return env;
}

/** A container's arguments with `$(NAME)` replaced from its environment; `$$(NAME)` stays as `$(NAME)`. */
export function containerArgs(pod: V1Pod, container: V1Container): string[] {
    const env = containerEnv(pod, container);
    return (container.args ?? []).map((argument) => expand(argument, env));
}

/** Value of the last `--name=value` among the arguments. */
export function flagValue(args: readonly string[], name: string): string | undefined {
    const prefix = `--${name}=`;
    return args
        .filter((argument) => argument.startsWith(prefix))
        .at(-1)
        ?.slice(prefix.length);
}

/** The arguments with `--name=value` set once, whatever they said of it before. */
export function withFlag(args: readonly string[], name: string, value: string): string[] {
    return [
        ...args.filter((argument) => argument !== `--${name}` && !argument.startsWith(`--${name}=`)),
        `--${name}=${value}`,
    ];
}

/**
 * The arguments with paths below a mount of the container replaced by paths of the host.
 * @param mounts host folder by mount path, for example `/csi` -> the pod's socket folder
 */
export function onHost(args: readonly string[], mounts: Readonly<Record<string, string>>): string[] {
    return args.map((argument) => {
        for (const [mount, folder] of Object.entries(mounts)) {
            const pattern = new RegExp(`(^|=|unix://)${escapeRegExp(mount)}(?=/|$)`);
            if (pattern.test(argument)) return argument.replace(pattern, (_match, before: string) => before + folder);
        }
        return argument;
    });
}

function escapeRegExp(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function expand(text: string, env: Readonly<Record<string, string>>): string {
    return text.replace(/\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (match, name: string | undefined) =>
        match === "$$" ? "$" : (env[name as string] ?? match),
    );
}

function podField(pod: V1Pod, field: string): string | undefined {
    const indexed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(field);
    if (indexed) return pod.metadata?.[indexed[1] as "labels" | "annotations"]?.[indexed[2] as string];
    let value: unknown = pod;
    for (const part of field.split(".")) value = (value as Record<string, unknown> | undefined)?.[part];
    return value === undefined ? undefined : String(value);
}
