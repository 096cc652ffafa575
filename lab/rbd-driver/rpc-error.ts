import { status } from "@grpc/grpc-js";

/** gRPC status codes by name, re-exported so that the rules need no gRPC import of their own. */
export const Code = status;
export type Code = status;

/** An answer that is not OK: becomes the gRPC status of the call, with `message` as its text. */
export class RpcError extends Error {
    /**
     * @param code gRPC status code
     * @param message text of the status, in ceph-csi's words where it has some
     */
    constructor(
        readonly code: Code,
        message: string,
    ) {
        super(message);
        this.name = "RpcError";
    }
}

/** Name of a gRPC status code, for example `FAILED_PRECONDITION`. */
export function codeName(code: Code): string {
    return Code[code] ?? `CODE_${code}`;
}
