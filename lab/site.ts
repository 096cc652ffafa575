/** What others need to know of a running site: one small file, `site.json`, written by `lab up`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writePrivate } from "../host/files.js";
import { siteDir } from "./paths.js";

const schema = z.object({
    lab: z.string(),
    site: z.string(),
    dir: z.string(),
    address: z.string(),
    ceph: z.object({ conf: z.string(), keyring: z.string(), fsid: z.string(), monEndpoint: z.string() }),
    kubernetes: z.object({ kubeconfig: z.string(), context: z.string(), server: z.string(), caFile: z.string() }),
    node: z.string(),
});

/** One site of a lab. */
export interface SiteInfo {
    /** Name of the lab. */
    readonly lab: string;
    /** Name of the site, for example `cluster1`. */
    readonly site: string;
    /** The site's folder. */
    readonly dir: string;
    /** The site's own loopback address: its Ceph daemons listen there, on the standard ports. */
    readonly address: string;
    readonly ceph: {
        /** ceph.conf that names the admin keyring: `rbd --conf` needs nothing else. */
        readonly conf: string;
        /** Keyring of client.admin, mode 0600. */
        readonly keyring: string;
        readonly fsid: string;
        /** Address of the monitor, for example `127.0.1.1:3300` (msgr2). */
        readonly monEndpoint: string;
    };
    readonly kubernetes: {
        /** The lab's kubeconfig, with the contexts of both sites. */
        readonly kubeconfig: string;
        /** This site's context, for example `kwok-cluster1`. */
        readonly context: string;
        /** URL of the API server. */
        readonly server: string;
        /** Certificate of the authority that signed the API server's certificate. */
        readonly caFile: string;
    };
    /** Name of the site's one node. */
    readonly node: string;
}

/** Path of a site's `site.json`. */
export function siteFile(lab: string, site: string): string {
    return join(siteDir(lab, site), "site.json");
}

/** Writes `site.json`. */
export function writeSite(info: SiteInfo): void {
    writePrivate(siteFile(info.lab, info.site), `${JSON.stringify(info, null, 4)}\n`);
}

/**
 * Reads what `lab up` recorded of a site.
 * @throws if the lab is not up (there is no record), naming the command that brings it up.
 */
export function readSite(lab: string, site: string): SiteInfo {
    return readSiteDir(siteDir(lab, site));
}

/**
 * The same by the site's folder, for processes that were started with `--site-dir`.
 * @throws if there is no record, or it is not one.
 */
export function readSiteDir(dir: string): SiteInfo {
    const file = join(dir, "site.json");
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        throw new Error(`The lab is not up: ${file} does not exist. Bring it up with \`npm run lab -- up\`.`, {
            cause: error,
        });
    }
    const parsed = schema.safeParse(JSON.parse(text));
    if (!parsed.success) {
        throw new Error(
            `${file} was not written by this version of the lab (${z.prettifyError(parsed.error)}). Run \`npm run lab -- down\`, then \`npm run lab -- up\`.`,
        );
    }
    return parsed.data;
}
