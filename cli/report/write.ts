/** Writes a drill's record and page side by side. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RECORD_FILE } from "./compare.js";
import { reportPage } from "./html/page.js";
import { recordSchema, type DrillRecord } from "./record.js";

/** Name of a drill's page in its folder. */
export const PAGE_FILE = "report.html";

/**
 * Writes `report.json` and `report.html` into a folder, which is made if need be.
 *
 * @returns path of the page
 * @throws ZodError where the record contradicts itself, for example parts of an outage that do not add up
 */
export async function writeReport(folder: string, record: DrillRecord): Promise<string> {
    const checked = recordSchema.parse(record);
    await mkdir(folder, { recursive: true });
    await replaceFile(join(folder, RECORD_FILE), `${JSON.stringify(checked, undefined, 2)}\n`);
    const page = join(folder, PAGE_FILE);
    await replaceFile(page, reportPage(checked));
    return page;
}

/** A kill leaves the old file or the new one, never half of one. */
async function replaceFile(file: string, text: string): Promise<void> {
    const draft = `${file}.new`;
    await writeFile(draft, text, { mode: 0o644 });
    await rename(draft, file);
}
