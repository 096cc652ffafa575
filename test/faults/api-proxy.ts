/** The operator's line to an API server: a TCP relay that can be made slow or be cut, for one lane alone. */
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";

/** State of a line. `cut`: connections are refused; those that were open are gone. */
export type LineState = { readonly delayMs: number } | "cut";

/** One line. */
export class ApiProxy {
    private readonly server: Server;
    private readonly open = new Set<Socket>();
    private state: LineState = { delayMs: 0 };

    private constructor(private readonly target: { host: string; port: number }) {
        this.server = createServer((client) => this.relay(client));
    }

    /** Opens a line to an API server, on a free port of 127.0.0.1. @param url the API server's */
    static async to(url: string): Promise<ApiProxy> {
        const { hostname, port } = new URL(url);
        const proxy = new ApiProxy({ host: hostname, port: Number(port) });
        await new Promise<void>((resolve, reject) => {
            proxy.server.once("error", reject);
            proxy.server.listen(0, "127.0.0.1", resolve);
        });
        return proxy;
    }

    /** Where to connect instead. */
    get url(): string {
        return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    /** Changes the line, for connections that are open as well. */
    set(state: LineState): void {
        this.state = state;
        if (state === "cut") for (const socket of this.open) socket.destroy();
    }

    async close(): Promise<void> {
        for (const socket of this.open) socket.destroy();
        await new Promise((resolve) => this.server.close(resolve));
    }

    private relay(client: Socket): void {
        if (this.state === "cut") return void client.destroy();
        const upstream = createConnection(this.target);
        for (const socket of [client, upstream]) {
            socket.setNoDelay(true);
            this.open.add(socket);
            socket.once("close", () => {
                this.open.delete(socket);
                client.destroy();
                upstream.destroy();
            });
            socket.on("error", () => socket.destroy());
        }
        client.pipe(this.delayed()).pipe(upstream);
        upstream.pipe(this.delayed()).pipe(client);
    }

    private delayed(): Transform {
        const delay = () => (this.state === "cut" ? 0 : this.state.delayMs);
        return new Transform({
            transform: (chunk, _encoding, done) => {
                setTimeout(() => done(null, chunk), delay());
            },
        });
    }
}
