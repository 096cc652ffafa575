#!/usr/bin/env node
/** `rbd-dr`: goes on in main.ts, compiled where that can be kept, else through the TypeScript loader; a checkout needs no build. */
import { compiled } from "../host/compile.mjs";

const main = await compiled("cli/main.ts");
if (main === undefined) {
    const { register } = await import("tsx/esm/api");
    register();
}
await import(main ?? new URL("./main.ts", import.meta.url).href);
