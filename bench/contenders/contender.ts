/** What every contender can do. */
import type { ImageRef } from "../../dr/model.js";
import type { SiteInfo, SiteName } from "../../lab/index.js";
import type { Usage } from "../usage.js";
import type { BenchVolume } from "../volumes.js";
import type { ContenderName } from "./names.js";

/** Where contenders compete. */
export interface Arena {
    readonly lab: string;
    readonly site: (name: SiteName) => SiteInfo;
    /** Called with a line of progress. */
    readonly say: (line: string) => void;
    /** How many volumes each contender moves. */
    readonly volumes: number;
    /** How many of them are written all the time. */
    readonly writers: number;
    /** How many volumes of ours live in a namespace. */
    readonly perNamespace: number;
}

/** One way to move volumes from one site to the other, planned. */
export interface Contender {
    readonly name: ContenderName;
    readonly volumes: readonly BenchVolume[];
    /** Makes the volumes on the first site, mirrored, with their applications. Whatever is there already is left alone. */
    setUp(): Promise<void>;
    /** The site that is primary now. */
    at(): Promise<SiteName>;
    /** Moves all volumes. Ends when the contender's own command does: the applications may be about to start. */
    move(from: SiteName, to: SiteName): Promise<Usage>;
    /** Moves all volumes by force, without the site that is lost; undefined where the contender has no way to. */
    readonly disaster?: (lost: SiteName, to: SiteName) => Promise<Usage>;
    /** Starts the applications on the site that is primary, or stops them: only the contender whose turn it is writes. */
    applications(run: boolean): Promise<void>;
    /** The image of each volume, by `namespace/name`. */
    images(): Promise<ReadonlyMap<string, ImageRef>>;
    /** Bytes that the contender keeps about its volumes, outside both clusters. */
    stateBytes(): Promise<number>;
    /** Ends what it has started outside the lab. */
    close(): Promise<void>;
}
