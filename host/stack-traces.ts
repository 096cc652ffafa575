/** What stack traces cost where there are many promises. */

/**
 * Keeps stack traces from here on to the line where an error arose. Pulumi's SDK takes one for each promise that it makes
 * (`debuggablePromise`, 3.248), and the package through which its host maps them to sources goes through each of their frames: with a
 * thousand volumes, and mocks in Pulumi's place, that was half of what this program took of a processor.
 */
export function shortStackTraces(): void {
    Error.stackTraceLimit = 1;
}
