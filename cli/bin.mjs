#!/usr/bin/env node
/** `rbd-dr`: plain Node that registers the TypeScript loader and goes on in main.ts, so that a checkout needs no build. */
import { register } from "tsx/esm/api";

register();
await import(new URL("./main.ts", import.meta.url).href);
