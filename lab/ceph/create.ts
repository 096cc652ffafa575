/** Makes a site's Ceph cluster on disk: keys, monitor map, monitor store. Nothing runs yet. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { privateDir, restrict, writePrivate } from "../../host/files.js";
import { killAll, markedFor } from "../process.js";
import { MGR_ID, MON_ID, MON_PORT, OSD_ID, cephConf } from "./config.js";

/** The files and the identity of a site's Ceph cluster. */
export interface CephCluster {
    readonly dir: string;
    readonly address: string;
    readonly conf: string;
    readonly keyring: string;
    readonly fsid: string;
    /** Identity of the OSD. */
    readonly osdUuid: string;
    readonly monEndpoint: string;
}

const KEYS: ReadonlyArray<{ name: string; caps: Readonly<Record<string, string>> }> = [
    { name: "mon.", caps: { mon: "allow *" } },
    { name: "client.admin", caps: { mon: "allow *", osd: "allow *", mds: "allow *", mgr: "allow *" } },
    { name: `mgr.${MGR_ID}`, caps: { mon: "allow profile mgr", osd: "allow *", mds: "allow *" } },
    { name: `osd.${OSD_ID}`, caps: { mon: "allow profile osd", mgr: "allow profile osd", osd: "allow *" } },
];

/**
 * Makes the cluster's files, or reads what is there. A folder that was left half made by a kill is made anew: nothing has
 * run in it.
 * @param dir folder of the cluster.
 * @param address loopback address of the site.
 */
export async function createCeph(dir: string, address: string): Promise<CephCluster> {
    const identityFile = join(dir, "identity.json");
    if (!existsSync(identityFile)) {
        await killAll(dir);
        rmSync(dir, { recursive: true, force: true });
        for (const name of ["mon", "mgr", "osd", "run"]) privateDir(join(dir, name));
        const identity = { fsid: randomUUID(), osdUuid: randomUUID() };
        await makeMonStore(dir, address, identity.fsid);
        writePrivate(identityFile, `${JSON.stringify(identity)}\n`);
    }
    const identity = JSON.parse(readFileSync(identityFile, "utf8")) as { fsid: string; osdUuid: string };
    const files = { conf: join(dir, "ceph.conf"), keyring: join(dir, "keyring") };
    writePrivate(files.conf, cephConf({ fsid: identity.fsid, address, dir }));
    return { dir, address, ...identity, ...files, monEndpoint: `${address}:${MON_PORT}` };
}

async function makeMonStore(dir: string, address: string, fsid: string): Promise<void> {
    const conf = join(dir, "ceph.conf");
    const keyring = join(dir, "keyring");
    const monmap = join(dir, "monmap");
    // Marked, so that what a killed `up` leaves running is found and ended before its folder is made anew.
    const options = { env: markedFor(dir), timeout: 60_000 };
    writePrivate(conf, cephConf({ fsid, address, dir }));
    for (const { name, caps } of KEYS) {
        const grants = Object.entries(caps).flatMap(([service, cap]) => ["--cap", service, cap]);
        const create = existsSync(keyring) ? [] : ["--create-keyring"];
        await execa("ceph-authtool", [...create, keyring, "--gen-key", "--name", name, ...grants], options);
    }
    restrict(keyring);
    await execa(
        "monmaptool",
        ["--create", "--fsid", fsid, "--addv", MON_ID, `[v2:${address}:${MON_PORT}]`, monmap],
        options,
    );
    // Every key of the keyring becomes a key of the cluster, so that no daemon's key has to be imported later.
    await execa(
        "ceph-mon",
        ["--conf", conf, "--mkfs", "--id", MON_ID, "--monmap", monmap, "--keyring", keyring],
        options,
    );
}

/** Reads one entity's key from a keyring file. */
export function readKey(keyring: string, entity: string): string {
    const sections = readFileSync(keyring, "utf8").split(/^\[/m);
    const section = sections.find((text) => text.startsWith(`${entity}]`));
    const key = /^\s*key\s*=\s*(\S+)/m.exec(section ?? "")?.[1];
    if (!key) throw new Error(`${keyring} has no key of ${entity}.`);
    return key;
}
