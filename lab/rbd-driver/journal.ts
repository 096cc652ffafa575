/**
 * ceph-csi's journal of volumes, in RADOS omaps of the pool, so that a volume asked for twice is made once:
 * `csi.volumes.default` maps the asked-for name to a uuid, `csi.volume.<uuid>` maps it back and names the image.
 */
import { CephError, type Ceph } from "./ceph.js";

const DIRECTORY = "csi.volumes.default";
const nameKey = (requestName: string) => `csi.volume.${requestName}`;
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
        const uuid = await this.get(DIRECTORY, nameKey(requestName));
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
        const [requestName, imageName] = await Promise.all([
            this.get(volumeObject(uuid), "csi.volname"),
            this.get(volumeObject(uuid), "csi.imagename"),
        ]);
        if (requestName === undefined || imageName === undefined) return undefined;
        return { uuid, requestName, imageName };
    }

    /** Name of the image of a volume's uuid, where the journal has it. */
    async imageName(uuid: string): Promise<string | undefined> {
        return this.get(volumeObject(uuid), "csi.imagename");
    }

    /** Notes a new volume, before its image is made. The uuid must be unused. */
    async reserve({ uuid, requestName, imageName }: Reservation): Promise<void> {
        await this.ceph.rados(this.pool, ["create", volumeObject(uuid)]);
        await this.set(DIRECTORY, nameKey(requestName), uuid);
        await this.set(volumeObject(uuid), "csi.volname", requestName);
        await this.set(volumeObject(uuid), "csi.imagename", imageName);
    }

    /** Forgets a volume; what is already forgotten is no error. */
    async release(uuid: string, requestName: string | undefined): Promise<void> {
        await this.ignoreMissing(["rm", volumeObject(uuid)]);
        if (requestName !== undefined) await this.ignoreMissing(["rmomapkey", DIRECTORY, nameKey(requestName)]);
    }

    /** Forgets a name whose volume was never fully noted. */
    async releaseName(requestName: string): Promise<void> {
        const uuid = await this.get(DIRECTORY, nameKey(requestName));
        if (uuid !== undefined) await this.release(uuid, requestName);
    }

    private async set(object: string, key: string, value: string): Promise<void> {
        await this.ceph.rados(this.pool, ["setomapval", object, key, value]);
    }

    private async get(object: string, key: string): Promise<string | undefined> {
        const value = await this.ceph.omapValue(this.pool, object, key);
        return value && new TextDecoder().decode(value);
    }

    private async ignoreMissing(args: readonly string[]): Promise<void> {
        try {
            await this.ceph.rados(this.pool, args);
        } catch (error) {
            if (!(error instanceof CephError && error.missing)) throw error;
        }
    }
}
