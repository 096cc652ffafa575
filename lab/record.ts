/** What a lab remembers of itself: `lab.json`. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { MON_PORT } from "./ceph/config.js";
import { writePrivate } from "../host/files.js";
import { labDir, labsDir, type SiteName } from "./paths.js";

/** Parts of the lab that can be left out, so that something genuine can take their place. */
export const STAND_INS = ["rbd-driver", "rook", "csi-addons", "provisioner", "writer"] as const;

/** A part that can be left out. */
export type StandIn = (typeof STAND_INS)[number];

const schema = z.object({
    /** Loopback address of each site. */
    addresses: z.object({ cluster1: z.string(), cluster2: z.string() }),
    /** Parts left out. */
    without: z.array(z.enum(STAND_INS)),
});

/** Content of `lab.json`. */
export type LabRecord = z.infer<typeof schema>;

/**
 * Checks the names of parts to leave out.
 * @throws an error that lists the parts there are.
 */
export function checkStandIns(names: readonly string[]): StandIn[] {
    return names.map((name) => {
        const known = STAND_INS.find((standIn) => standIn === name);
        if (!known) throw new Error(`The lab has no part "${name}" to leave out: use ${STAND_INS.join(", ")}.`);
        return known;
    });
}

/** Reads a lab's record; undefined if there is no such lab. */
export function readLab(lab: string): LabRecord | undefined {
    const file = join(labDir(lab), "lab.json");
    if (!existsSync(file)) return undefined;
    const parsed = schema.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (parsed.success) return parsed.data;
    throw new Error(
        `${file} is not a lab's record (${z.prettifyError(parsed.error)}). Run \`npm run lab -- down\` and \`npm run lab -- up\`.`,
    );
}

/** Writes a lab's record. */
export function writeLab(lab: string, record: LabRecord): void {
    writePrivate(join(labDir(lab), "lab.json"), `${JSON.stringify(record, null, 4)}\n`);
}

/** Names of all labs that have a record. */
export function allLabs(): string[] {
    if (!existsSync(labsDir())) return [];
    return readdirSync(labsDir()).filter((name) => existsSync(join(labsDir(), name, "lab.json")));
}

/**
 * Finds a pair of loopback addresses that no other lab has and nothing listens on: 127.0.1.1 and 127.0.2.1 for the first
 * lab, 127.0.3.1 and 127.0.4.1 for the next. The caller holds the lock on all labs.
 * @throws when all 127 pairs are taken.
 */
export async function freeAddresses(): Promise<Record<SiteName, string>> {
    const taken = new Set(allLabs().flatMap((lab) => Object.values(readLab(lab)?.addresses ?? {})));
    for (let net = 1; net < 255; net += 2) {
        const pair = { cluster1: `127.0.${net}.1`, cluster2: `127.0.${net + 1}.1` };
        const addresses = Object.values(pair);
        if (addresses.some((address) => taken.has(address))) continue;
        if ((await Promise.all(addresses.map((address) => listening(address)))).some(Boolean)) continue;
        return pair;
    }
    throw new Error(`All pairs of loopback addresses from 127.0.1.1 on are taken; see ${labsDir()}.`);
}

function listening(address: string): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = createConnection(MON_PORT, address);
        const done = (answer: boolean) => () => {
            socket.destroy();
            resolve(answer);
        };
        socket.setTimeout(500, done(true));
        socket.once("connect", done(true));
        socket.once("error", done(false));
    });
}
