/** Go's durations, as Kubernetes writes them: `60s`, `1m30s`, `500ms`. */

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * A Go duration in milliseconds.
 * @throws when the text is none
 */
export function parseDuration(text: string): number {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
    if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text) {
        throw new Error(`"${text}" is not a duration; write for example 60s or 1m30s`);
    }
    return parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] as string] as number), 0);
}
