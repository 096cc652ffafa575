/**
 * Where Pulumi begins. The program is index.ts: it goes on there, compiled where that can be kept, else through a TypeScript
 * loader; a checkout needs no build. See docs/adr/0008-compiled-as-it-is-run.md.
 */
import { compiled } from "./host/compile.mjs";

const program = await compiled("index.ts");
// Where Pulumi.yaml does not say `typescript: false`, Pulumi has registered a loader of its own.
if (program === undefined && process.env.PULUMI_NODEJS_TYPESCRIPT !== "true") {
    const { register } = await import("tsx/esm/api");
    register();
}
/** What the program exports are the stack's outputs: Pulumi takes a default export for all of them. */
export default await import(program ?? new URL("./index.ts", import.meta.url).href);
