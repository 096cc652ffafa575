/** `npm run docs:cli`: writes docs/cli.md. */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { makeProgram } from "../program.js";
import { cliReference } from "./markdown.js";

const file = fileURLToPath(new URL("../../docs/cli.md", import.meta.url));
const options = await resolveConfig(file);
await writeFile(file, await format(cliReference(makeProgram()), { ...options, parser: "markdown" }));
