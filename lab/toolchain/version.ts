/** Comparing versions of the form 1.2.3, as tools print them. */

/** The first version (three numbers) in a tool's output; undefined if there is none. */
export function findVersion(output: string): string | undefined {
    return /\bv?(\d+\.\d+\.\d+)\b/.exec(output)?.[1];
}

/** Negative if `a` is the older one, zero if both are the same. Suffixes (-rc.1, +build) are not looked at. */
export function compareVersions(a: string, b: string): number {
    const [left, right] = [a, b].map((version) => version.split(".").map((part) => parseInt(part, 10)));
    for (let i = 0; i < 3; i++) {
        const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
        if (difference !== 0) return difference;
    }
    return 0;
}

/** Whether a version lies in [from, below). */
export function inRange(version: string, from: string, below?: string): boolean {
    return compareVersions(version, from) >= 0 && (below === undefined || compareVersions(version, below) < 0);
}
