/** One Ceph cluster as the suite uses it: by the `rbd` program, past the driver. */
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

/** What `rbd info` and `rbd mirror image status` say of an image. */
export interface Seen {
    readonly id?: string;
    readonly created?: number;
    readonly state: string;
    readonly primary: boolean;
    readonly local: string;
    readonly localText: string;
    readonly remote: string;
    readonly remoteText: string;
}

/** A Ceph cluster, as its administrator. */
export class CephSite {
    /**
     * @param name for messages
     * @param conf ceph.conf that names an administrator's keyring
     * @param pool name of the mirrored pool
     */
    constructor(
        readonly name: string,
        readonly conf: string,
        readonly pool: string,
    ) {}

    /** Runs `rbd`; returns its output. @throws with its words */
    async rbd(...args: string[]): Promise<string> {
        const result = await execa("rbd", ["--conf", this.conf, ...args], {
            reject: false,
            timeout: 60_000,
            stdin: "ignore",
            env: { TZ: "UTC" },
        });
        if (result.failed) throw new Error(`${this.name}: rbd ${args.join(" ")}: ${result.stderr.trim()}`);
        return result.stdout;
    }

    /** Runs `ceph`; returns its output. @throws with its words */
    async ceph(...args: string[]): Promise<string> {
        return (await execa("ceph", ["--conf", this.conf, ...args], { timeout: 60_000, stdin: "ignore" })).stdout;
    }

    /** Path of an image. */
    spec(image: string): string {
        return `${this.pool}/${image}`;
    }

    /** How an image stands; state `missing` when there is none. */
    async see(image: string): Promise<Seen> {
        const none = { state: "missing", primary: false, local: "", localText: "", remote: "", remoteText: "" };
        const info = await this.json<Info>("info", this.spec(image)).catch(() => undefined);
        if (!info) return none;
        const created = Date.parse(`${info.create_timestamp} UTC`) / 1000;
        const status = await this.json<Status>("mirror", "image", "status", this.spec(image)).catch(() => undefined);
        const remote = status?.peer_sites?.[0];
        return {
            id: info.id,
            created,
            state: info.mirroring?.state ?? "disabled",
            primary: info.mirroring?.primary ?? false,
            local: status?.state ?? "",
            localText: status?.description ?? "",
            remote: remote?.state ?? "",
            remoteText: remote?.description ?? "",
        };
    }

    /**
     * Waits until an image stands as wanted.
     * @throws with what was seen last
     */
    async until(image: string, what: string, wanted: (seen: Seen) => boolean, seconds = 120): Promise<Seen> {
        const end = Date.now() + seconds * 1000;
        for (;;) {
            const seen = await this.see(image);
            if (wanted(seen)) return seen;
            if (Date.now() > end) {
                throw new Error(
                    `${this.name}: ${image} was not ${what} after ${seconds} s; seen last: ${JSON.stringify(seen)}`,
                );
            }
            await sleep(500);
        }
    }

    /** Runs `rbd` in the background. */
    open(...args: string[]): { readonly stop: () => Promise<void> } {
        const running = execa("rbd", ["--conf", this.conf, ...args], {
            reject: false,
            stdin: "ignore",
            stdout: "ignore",
        });
        return {
            stop: async () => {
                running.kill("SIGKILL");
                await running;
            },
        };
    }

    /** Waits until somebody has an image open. @throws after 30 s */
    async untilWatched(image: string): Promise<void> {
        for (let tries = 0; tries < 60; tries += 1) {
            const { watchers } = await this.json<{ watchers: unknown[] }>("status", this.spec(image));
            if (watchers.length > 0) return;
            await sleep(500);
        }
        throw new Error(`${this.name}: nobody has opened ${image} within 30 s`);
    }

    /** Value of an image's metadata; undefined when not set. */
    async metadata(image: string, key: string): Promise<string | undefined> {
        return this.rbd("image-meta", "get", this.spec(image), key).then(
            (value) => value.trim(),
            () => undefined,
        );
    }

    /** Intervals of an image's own snapshot schedules. */
    async schedules(image: string): Promise<string[]> {
        const args = ["mirror", "snapshot", "schedule", "ls", "--pool", this.pool, "--image", image];
        const list = await this.json<{ interval: string }[]>(...args).catch(() => []);
        return list.map(({ interval }) => interval);
    }

    /** Ids of the images that have a schedule of their own, mirrored or not any more. */
    async scheduledIds(): Promise<string[]> {
        const args = ["--conf", this.conf, "--pool", this.pool, "listomapkeys", "rbd_mirror_snapshot_schedule"];
        const { stdout } = await execa("rados", args, { timeout: 60_000, stdin: "ignore" });
        return stdout.split("\n").map((key) => key.split("/").at(-1) ?? "");
    }

    private async json<T>(...args: string[]): Promise<T> {
        return JSON.parse(await this.rbd(...args, "--format", "json")) as T;
    }
}

interface Info {
    readonly id: string;
    readonly create_timestamp: string;
    readonly mirroring?: { readonly state: string; readonly primary: boolean };
}

interface Status {
    readonly state: string;
    readonly description: string;
    readonly peer_sites?: readonly { readonly state: string; readonly description: string }[];
}
