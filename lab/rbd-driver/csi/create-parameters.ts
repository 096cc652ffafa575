/** Checks of CreateVolume's request; the texts are ceph-csi's. */
import { Code, RpcError } from "../rpc-error.js";
import type { CreateVolumeRequest, VolumeCapability } from "../requests.js";

/** Image features that may be asked for, each with those that it needs. */
const FEATURES: Readonly<Record<string, readonly string[]>> = {
    layering: [],
    "exclusive-lock": [],
    "object-map": ["exclusive-lock"],
    "fast-diff": ["object-map"],
    "deep-flatten": [],
    journaling: ["exclusive-lock"],
};

/** What an image is to be made like. */
export interface ImageRequest {
    readonly name: string;
    readonly clusterId: string;
    readonly pool: string;
    readonly dataPool?: string;
    readonly namePrefix: string;
    /** Empty: Ceph's own default features. */
    readonly features: readonly string[];
}

/**
 * Reads what a volume is to be made like.
 * @throws RpcError INVALID_ARGUMENT naming what is missing or not supported
 */
export function imageRequest(request: CreateVolumeRequest): ImageRequest {
    const parameters = request.parameters ?? {};
    const { name } = request;
    if (!name) throw invalid("volume Name cannot be empty");
    if (!request.volume_capabilities?.length) throw invalid("volume Capabilities cannot be empty");
    const { clusterID, pool, dataPool, volumeNamePrefix, imageFeatures } = parameters;
    if (!clusterID) throw invalid("empty cluster ID to provision volume from");
    if (!pool) throw invalid("missing or empty pool name to provision volume from");
    if (dataPool === "") throw invalid("empty datapool name to provision volume from");
    if (volumeNamePrefix === "") throw invalid("empty volume name prefix to provision volume from");
    if (imageFeatures === "") throw invalid("empty imageFeatures parameter");
    if (request.volume_content_source) throw invalid("not a proper volume source: clones and snapshots are not served");
    for (const unsupported of ["encrypted", "topologyConstrainedPools"]) {
        if (parameters[unsupported]) throw invalid(`parameter ${unsupported} is not supported by this driver`);
    }
    checkAccess(request.volume_capabilities);
    return {
        name,
        clusterId: clusterID,
        pool,
        ...(dataPool && { dataPool }),
        namePrefix: volumeNamePrefix ?? "csi-vol-",
        features: features(imageFeatures),
    };
}

/** The volume's context: the class's parameters without those that are meant for the provisioner. */
export function volumeContext(parameters: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(parameters).filter(([key]) => !key.startsWith("csi.storage.k8s.io/")));
}

function features(list: string | undefined): readonly string[] {
    const asked = list === undefined ? [] : list.split(",");
    for (const feature of asked) {
        const needs = FEATURES[feature];
        if (!needs) throw invalid(`invalid feature ${feature}`);
        const missing = needs.find((need) => !asked.includes(need));
        if (missing) throw invalid(`feature ${feature} requires ${missing} to be set`);
    }
    return asked;
}

function checkAccess(capabilities: readonly VolumeCapability[]): void {
    const many = capabilities.filter(({ access_mode }) => access_mode?.mode?.startsWith("MULTI_NODE_"));
    const writers = many.filter(({ access_mode }) => access_mode?.mode !== "MULTI_NODE_READER_ONLY");
    if (writers.some(({ block }) => !block)) {
        throw invalid("multi node access modes are only supported on rbd `block` type volumes");
    }
    if (many.length > writers.length) throw invalid("readOnly accessMode is supported only with content source");
}

function invalid(text: string): RpcError {
    return new RpcError(Code.INVALID_ARGUMENT, text);
}
