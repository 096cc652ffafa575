/** Files that only their owner may read, written whole or not at all. */
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Makes a folder (and those above it) that only the owner may enter. */
export function privateDir(dir: string): string {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return dir;
}

/** Writes a file of mode 0600 by renaming: a reader, or a kill, never sees half of it. */
export function writePrivate(file: string, content: string): void {
    privateDir(dirname(file));
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, content, { mode: 0o600 });
    renameSync(temporary, file);
}

/** Takes group's and others' rights from those of the files that exist. */
export function restrict(...files: readonly string[]): void {
    for (const file of files) if (existsSync(file)) chmodSync(file, 0o600);
}
