/** Sizes as minikube reads them. */

const UNITS: Readonly<Record<string, number>> = { b: 1 / 1048576, k: 1 / 1024, m: 1, g: 1024, t: 1048576 };

/**
 * Mebibytes in a size as minikube takes it: a number is MiB, and units are binary (`6g` is 6144; minikube 1.38.1,
 * `CalculateSizeInMB`).
 *
 * @returns undefined when the text is no size
 */
export function megabytes(text: string): number | undefined {
    const found = /^(\d+(?:\.\d+)?)\s*([bkmgt])?(?:i?b)?$/i.exec(text.trim());
    if (found === null) return undefined;
    const unit = UNITS[(found[2] ?? "m").toLowerCase()]!;
    return Math.floor(Number(found[1]) * unit);
}
