/** What runs in a demo application's container; a drill reads what it says, and asks it what the volume holds. */
import { readFileSync } from "node:fs";
import { demoAppName } from "../../dr/workloads/keys.js";

/** Name of the container. */
export const DEMO_CONTAINER = "writer";

/** A stock image with Python and nothing else. */
export const DEMO_IMAGE = "python:3.12-alpine";

/** Where the volume is mounted. */
export const DEMO_FOLDER = "/data";

const PROGRAM = readFileSync(new URL("blocks.py", import.meta.url), "utf8");

/** Writes on and on; each acknowledgement is a line of the pod's log. */
export function writeCommand(site: string): string[] {
    return ["python3", "-u", "-c", PROGRAM, "write", DEMO_FOLDER, site];
}

/** Prints number and checksum of every good block. */
export function verifyCommand(): string[] {
    return ["python3", "-c", PROGRAM, "verify", DEMO_FOLDER];
}

/** Labels of its pods. */
export function demoLabels(volume: string): Record<string, string> {
    return { "app.kubernetes.io/name": demoAppName(volume), "app.kubernetes.io/managed-by": "rbd-dr" };
}
