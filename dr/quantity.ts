/** Kubernetes quantities of storage, such as `1Gi`. */

/** Multipliers of Kubernetes' suffixes (apimachinery `resource.Quantity`): binary, decimal, and none. */
const FACTORS: Readonly<Record<string, number>> = {
    "": 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    P: 1e15,
    E: 1e18,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
    Pi: 2 ** 50,
    Ei: 2 ** 60,
    m: 1e-3,
};

/**
 * Bytes of a Kubernetes quantity, rounded up as Kubernetes does for storage.
 *
 * @param text for example `1Gi`, `500M`, `1.5Ti`, `1e9`
 * @throws Error naming the text and the forms that are taken
 */
export function parseQuantity(text: string): number {
    const match = /^\+?(\d+(?:\.\d*)?|\.\d+)(?:([eE][+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|k|M|G|T|P|E|m))?$/.exec(text);
    if (match === null) throw new Error(`${JSON.stringify(text)} is not a Kubernetes quantity such as 512Mi or 1Gi`);
    const [, number = "", exponent = "", suffix = ""] = match;
    const bytes = Math.ceil(Number(`${number}${exponent}`) * (FACTORS[suffix] ?? 1));
    if (!Number.isSafeInteger(bytes))
        throw new Error(`${JSON.stringify(text)} is larger than any volume: at most 8Pi can be counted exactly`);
    return bytes;
}

/** Bytes in words, for example `1 Gi` or `1.5 Mi`; one digit after the point. */
export function formatBytes(bytes: number): string {
    const units = ["B", "Ki", "Mi", "Gi", "Ti", "Pi"];
    let value = bytes;
    let unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
        value /= 1024;
        unit++;
    }
    return `${Number(value.toFixed(1))} ${units[unit]}`;
}
