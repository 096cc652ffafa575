/**
 * What the `Command` of a MinikubeCluster runs: `cli.ts create | update | delete`. Settings come by environment
 * (`minikube/environment.ts`), progress goes to stderr, and the result to stdout as one line of JSON.
 */
import { fromEnvironment } from "./environment.js";
import { ensureCluster, removeCluster, type Say } from "./ensure.js";
import { progressLine } from "./events.js";
import { Minikube } from "./minikube.js";
import type { MinikubeSettings } from "./config.js";

const say: Say = (line) => process.stderr.write(`${line}\n`);

async function main(verb: string | undefined): Promise<void> {
    const settings = fromEnvironment(process.env);
    const minikube = new Minikube({
        env: settings.kubeconfig === undefined ? {} : { KUBECONFIG: settings.kubeconfig },
        onEvent: (event) => {
            const line = progressLine(event);
            if (line !== undefined) say(line);
        },
    });
    const actions: Readonly<Record<string, (m: Minikube, s: MinikubeSettings) => Promise<unknown>>> = {
        create: (m, s) => ensureCluster(m, s, say),
        update: (m, s) => ensureCluster(m, s, say),
        delete: (m, s) => removeCluster(m, s.profile, say),
    };
    const action = verb === undefined ? undefined : actions[verb];
    if (action === undefined)
        throw new Error(`Say what to do: ${Object.keys(actions).join(", ")}; got ${JSON.stringify(verb)}.`);
    const result = await action(minikube, settings);
    if (result !== undefined) process.stdout.write(`${JSON.stringify(result)}\n`);
}

try {
    await main(process.argv[2]);
} catch (error) {
    say((error as Error).message);
    process.exitCode = 1;
}
