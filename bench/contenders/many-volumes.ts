/** What the runbook tells to type where there are many volumes. */
import { operationsAtOnce } from "../../many-volumes.js";

/** `--parallel N` for so many volumes; nothing where pulumi's default does. */
export function atOnce(volumes: number): string[] {
    const operations = operationsAtOnce(volumes);
    return operations === undefined ? [] : ["--parallel", String(operations)];
}
