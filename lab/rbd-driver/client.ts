/** A small client of the driver's sockets, for health checks and tests. */
import { credentials, Metadata, type Client, type ServiceError } from "@grpc/grpc-js";
import { clients, type ServiceName } from "./protos.js";
import { codeName, type Code } from "./rpc-error.js";

/** A call that was answered with something else than OK. */
export class CallError extends Error {
    constructor(
        readonly method: string,
        readonly code: Code,
        readonly details: string,
    ) {
        super(`${method}: ${codeName(code)} ${details}`);
        this.name = "CallError";
    }
}

/** An open connection to one service. */
export interface ServiceClient {
    /**
     * Calls a method.
     * @param method name as in the .proto file
     * @param request plain object; fields left out have their default
     * @param timeoutMs deadline; 180 s by default, as csi-addons has
     * @throws CallError
     */
    call<T extends object>(method: string, request: object, timeoutMs?: number): Promise<T>;
    close(): void;
}

/**
 * Connects to a service on a unix socket.
 * @param socket path of the socket
 * @param service which of its services
 */
export function connect(socket: string, service: ServiceName): ServiceClient {
    const client: Client = new clients[service](`unix://${socket}`, credentials.createInsecure());
    return {
        call: (method, request, timeoutMs = 180_000) =>
            new Promise((resolve, reject) => {
                const definition = clients[service].service[method];
                if (!definition) return reject(new Error(`service ${service} has no method ${method}`));
                client.makeUnaryRequest(
                    definition.path,
                    definition.requestSerialize,
                    definition.responseDeserialize,
                    request,
                    new Metadata(),
                    { deadline: Date.now() + timeoutMs },
                    (error: ServiceError | null, answer?: unknown) =>
                        error ? reject(new CallError(method, error.code, error.details)) : resolve(answer as never),
                );
            }),
        close: () => client.close(),
    };
}
