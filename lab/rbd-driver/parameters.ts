/** Readers of the parameters that a VolumeReplicationClass hands to the driver; the texts are ceph-csi's. */
import { Code, RpcError } from "./rpc-error.js";

/** Parameters of a request, as the sidecar passes them on. */
export type Parameters = Readonly<Record<string, string>>;

/** How an image is mirrored. */
export type MirroringMode = "snapshot" | "journal";

/** When mirror snapshots are made. */
export interface Schedule {
    /** `<number><m|h|d>`. */
    readonly interval: string;
    /** ISO 8601 time at which the schedule begins. */
    readonly startTime?: string;
}

/**
 * Checks the scheduling parameters; done at Enable only, as ceph-csi does.
 * @throws RpcError INVALID_ARGUMENT
 */
export function checkScheduling(parameters: Parameters): void {
    const invalid = (text: string) => new RpcError(Code.INVALID_ARGUMENT, text);
    const mode = parameters["mirroringMode"] ?? "";
    if (mode === "journal") return;
    if (mode !== "" && mode !== "snapshot") throw invalid("scheduling is only supported for snapshot mode");
    const interval = parameters["schedulingInterval"];
    if (interval === "") throw invalid("scheduling interval cannot be empty");
    if (interval === undefined && parameters["schedulingStartTime"]) {
        throw invalid('"schedulingStartTime" parameter is supported only with "schedulingInterval"');
    }
    if (interval !== undefined && !/^\d+[mhd]$/.test(interval)) {
        throw invalid("interval specified without d, h, m suffix");
    }
}

/** The schedule to set at Promote; undefined when none is asked for. Not checked: Ceph refuses a bad one itself. */
export function schedule(parameters: Parameters): Schedule | undefined {
    const interval = parameters["schedulingInterval"];
    if (!interval) return undefined;
    const startTime = parameters["schedulingStartTime"];
    return { interval, ...(startTime && { startTime }) };
}

/**
 * The mirroring mode; `snapshot` by default.
 * @throws RpcError INVALID_ARGUMENT
 */
export function mirroringMode(parameters: Parameters): MirroringMode {
    const mode = parameters["mirroringMode"] ?? "snapshot";
    if (mode === "snapshot" || mode === "journal") return mode;
    throw new RpcError(Code.INVALID_ARGUMENT, `mirroringMode ${mode} not supported`);
}

/**
 * Whether an image with a parent is flattened before it is mirrored: `force`, or `never` by default.
 * @throws RpcError INVALID_ARGUMENT
 */
export function flattenMode(parameters: Parameters): "never" | "force" {
    const mode = parameters["flattenMode"] ?? "never";
    if (mode === "never" || mode === "force") return mode;
    throw new RpcError(Code.INVALID_ARGUMENT, `"flattenMode"="${mode}" is not supported`);
}

/**
 * Disable's `force` parameter, a Go boolean; false by default.
 * @throws RpcError INTERNAL, which is what ceph-csi answers
 */
export function forceParameter(parameters: Parameters): boolean {
    const value = parameters["force"];
    if (value === undefined) return false;
    if (["1", "t", "T", "TRUE", "true", "True"].includes(value)) return true;
    if (["0", "f", "F", "FALSE", "false", "False"].includes(value)) return false;
    throw new RpcError(Code.INTERNAL, `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}
