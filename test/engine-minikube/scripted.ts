/** A scripted minikube in a folder of its own, for tests of the wrapper. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Scripted {
    /** Its MINIKUBE_HOME; the path has a blank and a quote in it. */
    readonly home: string;
    /** Environment that puts it first on PATH. */
    readonly env: Record<string, string>;
    /** What goes wrong from now on; see test/doubles/minikube/minikube.mjs. */
    script(mishaps: object): void;
    /** Arguments of every call since the last look. */
    calls(): string[][];
    /** First argument of every call since the last look. */
    verbs(): string[];
    remove(): void;
}

export function scriptedMinikube(): Scripted {
    const home = mkdtempSync(join(tmpdir(), "minikube's home "));
    const bin = fileURLToPath(new URL("../doubles/minikube/bin", import.meta.url));
    const log = join(home, "calls.jsonl");
    let seen = 0;
    const calls = () => {
        const lines = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").filter(Boolean) : [];
        const fresh = lines.slice(seen).map((line) => JSON.parse(line) as string[]);
        seen = lines.length;
        return fresh;
    };
    appendFileSync(log, "");
    return {
        home,
        env: {
            MINIKUBE_HOME: home,
            KUBECONFIG: join(home, "kube config"),
            PATH: `${bin}${delimiter}${process.env["PATH"]}`,
        },
        script: (mishaps) => writeFileSync(join(home, "script.json"), JSON.stringify(mishaps)),
        calls,
        verbs: () => calls().map((args) => args[0]!),
        remove: () => rmSync(home, { recursive: true, force: true }),
    };
}
