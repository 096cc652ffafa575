/** The driver under test. */
import { randomUUID } from "node:crypto";
import { CallError, connect, type ServiceClient } from "../../lab/rbd-driver/client.js";
import { formatHandle } from "../../lab/rbd-driver/handle.js";
import { codeName } from "../../lab/rbd-driver/rpc-error.js";
import type { CephSite } from "./ceph-site.js";

/** The replication calls, by the short names of the table in the suite. */
export type Call = "Enable" | "Disable" | "Promote" | "Demote" | "Resync" | "Info";

const METHODS: Readonly<Record<Call, string>> = {
    Enable: "EnableVolumeReplication",
    Disable: "DisableVolumeReplication",
    Promote: "PromoteVolume",
    Demote: "DemoteVolume",
    Resync: "ResyncVolume",
    Info: "GetVolumeReplicationInfo",
};

/** An answer: `OK`, or the code's name and the text. */
export interface Answer {
    readonly code: string;
    readonly text: string;
    readonly body: Readonly<Record<string, unknown>>;
}

/** What a call may be given beside the volume. */
export interface CallOptions {
    readonly force?: boolean;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly secrets?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
}

interface Where {
    readonly socket: string;
    readonly csiSocket?: string;
    readonly clusterId: string;
    readonly secrets: Readonly<Record<string, string>>;
    readonly site: CephSite;
}

/** A volume: its handle and its image. */
export interface TestVolume {
    readonly id: string;
    readonly image: string;
}

/** Asks the driver under test. */
export class Subject {
    private constructor(
        private readonly where: Where,
        private readonly poolId: number,
        private readonly replication: ServiceClient,
        /** The CSI controller, where its socket is known. */
        private readonly controller: ServiceClient | undefined,
    ) {}

    /** Connects to a driver's sockets. */
    static async connect(where: Where): Promise<Subject> {
        const pools = JSON.parse(await where.site.ceph("osd", "lspools", "--format", "json")) as Pool[];
        const pool = pools.find(({ poolname }) => poolname === where.site.pool);
        if (!pool) throw new Error(`${where.site.name} has no pool ${where.site.pool}`);
        const controller = where.csiSocket ? connect(where.csiSocket, "csiController") : undefined;
        return new Subject(where, pool.poolnum, connect(where.socket, "addonsReplication"), controller);
    }

    /** True when CSI calls can be made. */
    get hasCsi(): boolean {
        return this.controller !== undefined;
    }

    /** The cluster id that handles carry. */
    get clusterId(): string {
        return this.where.clusterId;
    }

    /** A handle of a volume that need not exist. */
    volume(uuid: string = randomUUID(), parts: { clusterId?: string; poolId?: number } = {}): TestVolume {
        const handle = { clusterId: this.where.clusterId, poolId: this.poolId, uuid, ...parts };
        return { id: formatHandle(handle), image: `csi-vol-${uuid}` };
    }

    /** Makes a replication call; never throws on an answer. */
    async ask(call: Call, volume: TestVolume | string, options: CallOptions = {}): Promise<Answer> {
        const id = typeof volume === "string" ? volume : volume.id;
        const { force = false, parameters = {}, secrets = this.where.secrets, timeoutMs } = options;
        const request = {
            ...(id !== "" && { replication_source: { volume: { volume_id: id } } }),
            secrets,
            ...(call !== "Info" && { parameters }),
            ...(["Promote", "Demote", "Resync"].includes(call) && { force }),
        };
        return this.answer(this.replication, METHODS[call], request, timeoutMs);
    }

    /** Makes a CSI controller call. */
    async csi(method: string, request: object): Promise<Answer> {
        if (!this.controller) throw new Error("no CSI socket is known");
        return this.answer(this.controller, method, { secrets: this.where.secrets, ...request });
    }

    /** Closes the connections. */
    close(): void {
        this.replication.close();
        this.controller?.close();
    }

    private async answer(client: ServiceClient, method: string, request: object, timeoutMs?: number): Promise<Answer> {
        try {
            return {
                code: "OK",
                text: "",
                body: await client.call<Record<string, unknown>>(method, request, timeoutMs),
            };
        } catch (error) {
            if (!(error instanceof CallError)) throw error;
            return { code: codeName(error.code), text: error.details, body: {} };
        }
    }
}

interface Pool {
    readonly poolnum: number;
    readonly poolname: string;
}
