/** The service definitions, loaded from the unchanged .proto files. */
import { fileURLToPath } from "node:url";
import {
    loadPackageDefinition,
    type GrpcObject,
    type ServiceClientConstructor,
    type ServiceDefinition,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const includeDirs = [fileURLToPath(new URL("./proto", import.meta.url))];

const root = loadPackageDefinition(
    loadSync(
        ["github.com/container-storage-interface/spec/lib/go/csi/csi.proto", "identity.proto", "replication.proto"],
        { includeDirs, keepCase: true, longs: String, enums: String, defaults: true, oneofs: true },
    ),
);

function client(path: string): ServiceClientConstructor {
    const found = path.split(".").reduce<unknown>((node, name) => (node as GrpcObject)[name], root);
    return found as ServiceClientConstructor;
}

/** Client constructors of the services that the driver serves. */
export const clients = {
    csiIdentity: client("csi.v1.Identity"),
    csiController: client("csi.v1.Controller"),
    addonsIdentity: client("identity.Identity"),
    addonsReplication: client("replication.Controller"),
} as const;

/** Names of the services. */
export type ServiceName = keyof typeof clients;

/** Service definition by name. */
export function serviceDefinition(name: ServiceName): ServiceDefinition {
    return clients[name].service;
}
