/** The requests and answers, as far as the driver uses them; 64 bit numbers are strings. */

/** Secrets of a request: never logged. */
export type Secrets = Readonly<Record<string, string>>;

/** A request about one volume's replication. */
export interface ReplicationRequest {
    readonly volume_id?: string;
    readonly replication_source?: { readonly volume?: { readonly volume_id?: string } | null } | null;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly secrets?: Secrets;
    readonly force?: boolean;
}

/** The volume of a replication request: newer sidecars fill `replication_source` only, older ones `volume_id`. */
export function replicatedVolume(request: ReplicationRequest): string {
    return request.replication_source?.volume?.volume_id || request.volume_id || "";
}

/** How a volume is to be used. */
export interface VolumeCapability {
    readonly block?: unknown;
    readonly mount?: unknown;
    readonly access_mode?: { readonly mode?: string } | null;
}

/** Asked size in bytes; 0 means not said. */
export interface CapacityRange {
    readonly required_bytes?: string;
    readonly limit_bytes?: string;
}

/** CSI CreateVolume. */
export interface CreateVolumeRequest {
    readonly name?: string;
    readonly capacity_range?: CapacityRange | null;
    readonly volume_capabilities?: readonly VolumeCapability[];
    readonly parameters?: Readonly<Record<string, string>>;
    readonly secrets?: Secrets;
    readonly volume_content_source?: unknown;
}

/** CSI DeleteVolume, and the part that other calls have in common with it. */
export interface VolumeRequest {
    readonly volume_id?: string;
    readonly secrets?: Secrets;
}

/** CSI ControllerExpandVolume. */
export interface ExpandVolumeRequest extends VolumeRequest {
    readonly capacity_range?: CapacityRange | null;
    readonly volume_capability?: VolumeCapability | null;
}

/** CSI ValidateVolumeCapabilities. */
export interface ValidateRequest extends VolumeRequest {
    readonly volume_capabilities?: readonly VolumeCapability[];
}
