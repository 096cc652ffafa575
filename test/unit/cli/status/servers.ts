/** Two API servers of a test: one that answers, one that accepts connections and never does. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The volumes that the answering one holds as secondary. */
export const KEYS = Array.from({ length: 100 }, (_, i) => `shop/volume-${i}`);

/** What the API server holds: a claim, a PV and a secondary VR of each volume. */
function objectsAt(path: string): unknown[] {
    const named = KEYS.map((key) => ({ namespace: "shop", name: key.split("/")[1]! }));
    if (path.endsWith("/persistentvolumeclaims"))
        return named.map((metadata) => ({
            metadata: { ...metadata, uid: metadata.name },
            spec: { volumeName: `pv-${metadata.name}`, resources: { requests: { storage: "16Mi" } } },
            status: { phase: "Bound" },
        }));
    if (path.endsWith("/persistentvolumes"))
        return named.map(({ namespace, name }) => ({
            metadata: { name: `pv-${name}` },
            spec: {
                claimRef: { namespace, name },
                csi: { driver: "rbd", volumeHandle: name, volumeAttributes: { pool: "replicapool", imageName: name } },
            },
            status: { phase: "Bound" },
        }));
    if (path.endsWith("/volumereplications"))
        return named.map((metadata) => ({
            metadata: { ...metadata, generation: 1 },
            spec: {
                replicationState: "secondary",
                volumeReplicationClass: "fast",
                dataSource: { name: metadata.name },
            },
            status: { state: "Secondary" },
        }));
    return [];
}

/** The servers, and what was asked of the one that answers. */
export interface Servers {
    readonly requests: readonly string[];
    /** Path of a kubeconfig whose context `c` leads to the one that answers. */
    readonly answering: string;
    /** The same for the one that does not. */
    readonly silent: string;
    readonly close: () => Promise<void>;
}

/** Starts both. */
export async function startServers(): Promise<Servers> {
    const requests: string[] = [];
    const sockets = new Set<Socket>();
    const api = createHttpServer((request, response) => {
        const { pathname } = new URL(request.url ?? "/", "http://api");
        requests.push(pathname);
        const pool = pathname.includes("/cephblockpools/");
        response.writeHead(pool ? 404 : 200, { "content-type": "application/json" });
        response.end(JSON.stringify(pool ? { message: "not found" } : { items: objectsAt(pathname), metadata: {} }));
    });
    const silent = createServer((socket) => void sockets.add(socket.on("error", () => undefined)));
    const both: Server[] = [api, silent];
    await Promise.all(both.map((server) => new Promise<void>((done) => server.listen(0, "127.0.0.1", done))));
    const folder = mkdtempSync(join(tmpdir(), "rbd-dr-api-"));
    return {
        requests,
        answering: kubeconfigOf(api, join(folder, "answering")),
        silent: kubeconfigOf(silent, join(folder, "silent")),
        close: async () => {
            rmSync(folder, { recursive: true });
            for (const socket of sockets) socket.destroy();
            api.closeAllConnections();
            await Promise.all(both.map((server) => new Promise((done) => server.close(done))));
        },
    };
}

function kubeconfigOf(server: Server, file: string): string {
    const { port } = server.address() as AddressInfo;
    const cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
    writeFileSync(
        file,
        JSON.stringify({
            clusters: [{ name: "c", cluster }],
            users: [{ name: "u", user: {} }],
            contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        }),
    );
    return file;
}
