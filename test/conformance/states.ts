/** Brings images into the states of the suite, by `rbd` alone; only where a state needs the driver's own mark is it asked. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Pair } from "./pair.js";
import type { TestVolume } from "./subject.js";
import type { CephSite, Seen } from "./ceph-site.js";

const SIZE = "16M";
const FEATURES = ["--image-feature", "layering", "--image-feature", "exclusive-lock"];

/** Metadata key of ceph-csi. */
export const CREATION_KEY = ".rbd.image.creation_time";

const holdsSnapshot = (text: string) => text.includes('"local_snapshot_timestamp"');

/** True for a secondary that replays and holds a first snapshot. */
export const replaying = (seen: Seen) => seen.local === "up+replaying" && holdsSnapshot(seen.localText);

/** The states. */
export class States {
    readonly #made: TestVolume[] = [];

    constructor(private readonly pair: Pair) {}

    /** An image that is not mirrored. */
    async plain(site: CephSite = this.pair.here): Promise<TestVolume> {
        const volume = this.pair.subject.volume();
        this.#made.push(volume);
        await site.rbd("create", site.spec(volume.image), "--size", SIZE, ...FEATURES);
        return volume;
    }

    /** Primary here, and the peer has not reported yet. */
    async justEnabled(): Promise<TestVolume> {
        const volume = await this.plain();
        await this.pair.here.rbd("mirror", "image", "enable", this.pair.here.spec(volume.image), "snapshot");
        return volume;
    }

    /** Primary here, replayed by the peer. */
    async primary(): Promise<TestVolume> {
        return this.mirrored(this.pair.here, this.pair.peer);
    }

    /** Secondary here, replaying the peer. */
    async secondary(): Promise<TestVolume> {
        return this.mirrored(this.pair.peer, this.pair.here);
    }

    /** Demoted on both sites, and the last snapshot has been exchanged. `marked`: the driver did it, and left its key. */
    async bothDemoted(marked: boolean): Promise<TestVolume> {
        const volume = await this.primary();
        await this.demote(volume, marked);
        const demoted = (seen: Seen) => !seen.primary && seen.local === "up+unknown" && seen.remote === "up+unknown";
        await this.pair.here.until(volume.image, "demoted and synced on both sites", demoted);
        return volume;
    }

    /** Both were primary, then this side was demoted. `marked`: by the driver. */
    async splitBrainHere(marked: boolean): Promise<TestVolume> {
        const volume = await this.primary();
        await this.forcePeer(volume);
        await this.demote(volume, marked);
        await this.pair.here.until(volume.image, "in split brain", ({ local }) => local === "up+error");
        return volume;
    }

    /** Both were primary, then the peer was demoted. */
    async splitBrainPrimary(): Promise<TestVolume> {
        const { here, peer } = this.pair;
        const volume = await this.primary();
        await this.forcePeer(volume);
        await peer.rbd("mirror", "image", "demote", peer.spec(volume.image));
        await here.until(volume.image, "in split brain on the peer", ({ remote }) => remote === "up+error");
        return volume;
    }

    /** Removes every image made here from both sites; what cannot be removed is left. */
    async removeAll(): Promise<void> {
        const { here, peer } = this.pair;
        for (const { image } of this.#made) {
            for (const site of [here, peer]) {
                const seen = await site.see(image);
                if (seen.state === "missing") continue;
                const spec = site.spec(image);
                if (seen.state === "enabled" && !seen.primary) {
                    // A healthy secondary goes with its primary.
                    if (seen.local === "up+replaying") continue;
                    await site.rbd("mirror", "image", "promote", "--force", spec).catch(() => undefined);
                }
                await site.rbd("rm", "--no-progress", spec).catch(() => undefined);
            }
        }
    }

    private async mirrored(from: CephSite, to: CephSite): Promise<TestVolume> {
        const volume = await this.plain(from);
        await from.rbd("mirror", "image", "enable", from.spec(volume.image), "snapshot");
        const until = Date.now() + 150_000;
        // The first report names no snapshot of its own: only a second one makes it.
        for (;;) {
            const seen = await to.see(volume.image);
            const mirror = await from.see(volume.image);
            if (replaying(seen) && mirror.local === "up+stopped" && holdsSnapshot(mirror.remoteText)) return volume;
            if (Date.now() > until) {
                throw new Error(
                    `${to.name}: ${volume.image} does not replay after 150 s; seen last: ${JSON.stringify(seen)}`,
                );
            }
            if (seen.local === "up+replaying") await from.rbd("mirror", "image", "snapshot", from.spec(volume.image));
            await sleep(3000);
        }
    }

    private async demote(volume: TestVolume, marked: boolean): Promise<void> {
        const { here, subject } = this.pair;
        if (!marked) return void (await here.rbd("mirror", "image", "demote", here.spec(volume.image)));
        const answer = await subject.ask("Demote", volume);
        if (answer.code !== "OK") throw new Error(`Demote of a healthy primary: ${answer.code} ${answer.text}`);
    }

    private async forcePeer(volume: TestVolume): Promise<void> {
        const { peer } = this.pair;
        await peer.rbd("mirror", "image", "promote", "--force", peer.spec(volume.image));
    }
}
