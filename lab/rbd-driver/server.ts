/** Serves groups of services on unix sockets and logs every call that does something. */
import { chmod, rm } from "node:fs/promises";
import { Metadata, Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { Code, codeName, RpcError } from "./rpc-error.js";
import { serviceDefinition, type ServiceName } from "./protos.js";

/** Implementation of a service: method name to a function of the request. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each method has its own request type
export type Handlers = Readonly<Record<string, (request: any) => Promise<object>>>;

/** Writes one line of the log. */
export type Log = (line: string) => void;

/** Linux takes no longer path for a unix socket. */
const MAX_SOCKET_PATH = 107;
/** Asked all the time and never changing anything: only failures of these are logged. */
const QUIET = /^(Probe|GetPluginInfo|GetPluginCapabilities|ControllerGetCapabilities|GetIdentity|GetCapabilities)$/;

/** A server on one socket. */
export interface RunningServer {
    /** Ends the server: calls under way get two seconds. The socket is removed. */
    readonly stop: () => Promise<void>;
}

/**
 * Serves services on a unix socket (0600); a socket left behind by a dead driver is replaced.
 * @param socket path, at most 107 characters
 * @param services implementations by service
 * @param log receives a line per call: method, volume, code, milliseconds, and the text of a failure
 * @throws Error naming the socket when it cannot be bound
 */
export async function serve(
    socket: string,
    services: Partial<Record<ServiceName, Handlers>>,
    log: Log,
): Promise<RunningServer> {
    if (Buffer.byteLength(socket) > MAX_SOCKET_PATH) {
        throw new Error(`socket path ${socket} is longer than ${MAX_SOCKET_PATH} bytes: choose a shorter one`);
    }
    await rm(socket, { force: true });
    const server = new Server();
    for (const [name, handlers] of Object.entries(services)) {
        server.addService(
            serviceDefinition(name as ServiceName),
            Object.fromEntries(
                Object.entries(handlers).map(([method, handler]) => [method, unary(method, handler, log)]),
            ),
        );
    }
    await new Promise<void>((resolve, reject) =>
        server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) =>
            error ? reject(new Error(`cannot listen on ${socket}: ${error.message}`)) : resolve(),
        ),
    );
    await chmod(socket, 0o600);
    return {
        stop: async () => {
            const timer = setTimeout(() => server.forceShutdown(), 2000);
            await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
            clearTimeout(timer);
            await rm(socket, { force: true });
        },
    };
}

function unary(method: string, handler: Handlers[string], log: Log) {
    return (call: ServerUnaryCall<object, object>, callback: sendUnaryData<object>): void => {
        const start = Date.now();
        const line = (code: Code, text = "") =>
            log(
                `${method} volume=${volumeOf(call.request) || "-"}${forced(call.request)} code=${codeName(code)} ` +
                    `ms=${Date.now() - start}${text && ` ${JSON.stringify(text)}`}`,
            );
        handler(call.request).then(
            (answer) => {
                if (!QUIET.test(method)) line(Code.OK);
                callback(null, answer);
            },
            (error: Error) => {
                // What is not answered on purpose is what ceph-csi calls INTERNAL.
                const code = error instanceof RpcError ? error.code : Code.INTERNAL;
                line(code, error.message);
                callback({ code, details: error.message, metadata: new Metadata() });
            },
        );
    };
}

interface AnyRequest {
    readonly volume_id?: string;
    readonly name?: string;
    readonly force?: boolean;
    readonly replication_source?: { readonly volume?: { readonly volume_id?: string } | null } | null;
}

/** Only ids and names are taken out of a request: it holds secrets. */
function volumeOf(request: AnyRequest): string {
    return request.replication_source?.volume?.volume_id || request.volume_id || request.name || "";
}

function forced({ force }: AnyRequest): string {
    return force ? " force=true" : "";
}
