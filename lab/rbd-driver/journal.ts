/**
 * ceph-csi's journal of volumes, in RADOS omaps of the pool, so that a volume asked for twice is made once:
 * `csi.volumes.default` maps the asked-for name to a uuid, `csi.volume.<uuid>` maps it back and names the image.
 */
import { CephError } from "./ceph-error.js";
import type { Ceph } from "./ceph.js";

const DIRECTORY = "csi.volumes.default";
const nameKey = (requestName: string) => `csi.volume.${requestName}`;
const NAME = "csi.volname";
const IMAGE = "csi.imagename";
const volumeObject = (uuid: string) => `csi.volume.${uuid}`;

/** What the journal knows of a volume. */
export interface Reservation {
    readonly uuid: string;
    /** Name that the volume was asked for by, for example `pvc-<uid>`. */
    readonly requestName: string;
    readonly imageName: string;
}

/** The journal of one pool. */
export class Journal {
    /**
     * @param ceph the cluster
     * @param pool name of the pool
     */
    constructor(
        private readonly ceph: Ceph,
        private readonly pool: string,
    ) {}

    /**
     * The reservation made for a name; undefined when there is none, or only half of one.
     * @throws Error when the two omaps contradict each other: that needs a person
     */
    async byName(requestName: string): Promise<Reservation | undefined> {
        const uuid = await this.uuid(requestName);
        if (uuid === undefined) return undefined;
        const reservation = await this.byUuid(uuid);
        if (reservation && reservation.requestName !== requestName) {
            throw new Error(
                `internal state inconsistent, omap names mismatch, request name (${requestName}) volume UUID (${uuid}) ` +
                    `volume omap name (${reservation.requestName})`,
            );
        }
        return reservation;
    }

    /** The reservation of a volume's uuid; undefined on a site that did not create the volume. */
    async byUuid(uuid: string): Promise<Reservation | undefined> {
        const { [NAME]: requestName, [IMAGE]: imageName } = await this.get(volumeObject(uuid), [NAME, IMAGE]);
        if (requestName === undefined || imageName === undefined) return undefined;
        return { uuid, requestName, imageName };
    }

    /** Name of the image of a volume's uuid, where the journal has it. */
    async imageName(uuid: string): Promise<string | undefined> {
        return (await this.get(volumeObject(uuid), [IMAGE]))[IMAGE];
    }

    /** Notes a new volume, before its image is made. The uuid must be unused. */
    async reserve({ uuid, requestName, imageName }: Reservation): Promise<void> {
        const values = { [NAME]: requestName, [IMAGE]: imageName };
        await this.ask("set_omap", { object: volumeObject(uuid), values, create: true });
        await this.ask("set_omap", { object: DIRECTORY, values: { [nameKey(requestName)]: uuid } });
    }

    /** Forgets a volume; what is already forgotten is no error. */
    async release(uuid: string, requestName: string | undefined): Promise<void> {
        await this.ignoreMissing("remove_object", { object: volumeObject(uuid) });
        if (requestName === undefined) return;
        await this.ignoreMissing("remove_omap_key", { object: DIRECTORY, key: nameKey(requestName) });
    }

    /** Forgets a name whose volume was never fully noted. */
    async releaseName(requestName: string): Promise<void> {
        const uuid = await this.uuid(requestName);
        if (uuid !== undefined) await this.release(uuid, requestName);
    }

    private async uuid(requestName: string): Promise<string | undefined> {
        const key = nameKey(requestName);
        return (await this.get(DIRECTORY, [key]))[key];
    }

    private async get(object: string, keys: readonly string[]): Promise<Partial<Record<string, string>>> {
        const values = await this.ceph.omap(this.pool, object, keys);
        return Object.fromEntries([...values].map(([key, value]) => [key, new TextDecoder().decode(value)]));
    }

    private async ask(what: string, args: object): Promise<void> {
        await this.ceph.ask("rados", what, {
            pool: this.pool,
            namespace: this.ceph.cluster.radosNamespace,
            ...args,
        });
    }

    private async ignoreMissing(what: string, args: object): Promise<void> {
        try {
            await this.ask(what, args);
        } catch (error) {
            if (!(error instanceof CephError && error.missing)) throw error;
        }
    }
}
