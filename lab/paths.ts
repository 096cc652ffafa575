/** Where the lab keeps its things: one cache folder, nothing outside it. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Names of the lab's two sites, which are also the names of the two stacks. */
export const SITES = ["cluster1", "cluster2"] as const;

/** One of the lab's two sites. */
export type SiteName = (typeof SITES)[number];

/** Root of this checkout. */
export const REPO_ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The cache folder of rbd-dr: `$XDG_CACHE_HOME/rbd-dr`, or `~/.cache/rbd-dr`. */
export function cacheHome(): string {
    // The XDG specification says that a relative path here is to be ignored.
    const xdg = process.env.XDG_CACHE_HOME;
    const base = xdg?.startsWith("/") ? xdg : join(homedir(), ".cache");
    return resolve(base, "rbd-dr");
}

/**
 * Name of the lab to use: `RBD_DR_LAB`, `default` otherwise.
 * @throws if the name is not made of 1 to 20 lower-case letters, digits and dashes: it becomes part of socket paths.
 */
export function labName(): string {
    return checkLabName(process.env.RBD_DR_LAB || "default");
}

/**
 * Checks a lab's name.
 * @throws if it is not made of 1 to 20 lower-case letters, digits and dashes.
 */
export function checkLabName(name: string): string {
    if (!/^[a-z0-9][a-z0-9-]{0,19}$/.test(name)) {
        throw new Error(
            `Lab name "${name}" (RBD_DR_LAB) is not allowed: use 1 to 20 lower-case letters, digits and dashes, for example "test-1".`,
        );
    }
    return name;
}

/**
 * Checks that a name is one of the lab's sites.
 * @throws an error that lists the sites.
 */
export function checkSiteName(name: string): SiteName {
    const site = SITES.find((known) => known === name);
    if (!site) throw new Error(`There is no site "${name}" in a lab: use one of ${SITES.join(", ")}.`);
    return site;
}

/** Folder that holds every lab. */
export function labsDir(): string {
    return join(cacheHome(), "labs");
}

/** Folder of one lab; `lab down` removes it. */
export function labDir(lab: string): string {
    return join(labsDir(), checkLabName(lab));
}

/** Folder of one site of a lab. */
export function siteDir(lab: string, site: string): string {
    return join(labDir(lab), checkSiteName(site));
}

/** Folder of the built tools; it outlives the labs. */
export function toolchainDir(): string {
    return join(cacheHome(), "toolchain");
}
