/** A program whose pulumi was killed ends by itself. */
import { expect, test } from "@jest/globals";
import { execa } from "execa";
import { once } from "node:events";
import { join } from "node:path";
import { REPO_ROOT } from "../../../lab/paths.js";

/** As Pulumi's SDK does it: each error is logged, and the engine's end is the first of them. */
const program = (guard: string) => `
    ${guard}
    process.on("uncaughtException", (error) => console.warn(String(error)));
    setInterval(() => console.warn("still waiting"), 20);
    console.log("ready");
`;

async function abandon(guard: string) {
    const child = execa(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program(guard)], {
        cwd: REPO_ROOT,
        reject: false,
        buffer: false,
        timeout: 20_000,
        killSignal: "SIGKILL",
    });
    await once(child.stdout, "data");
    child.stdout.destroy();
    child.stderr.destroy();
    return child;
}

test("it ends once nobody reads what it says", async () => {
    const guard = `import { endWhenAbandoned } from ${JSON.stringify(join(REPO_ROOT, "host/abandoned.ts"))}; endWhenAbandoned();`;
    expect(await abandon(guard)).toMatchObject({ timedOut: false, exitCode: 1 });
}, 30_000);
