/** ceph.conf of a site's one-node cluster. */
import { join } from "node:path";

/** The standard msgr2 port of a monitor. Rook expects an external monitor there (it writes `v2:<address>:3300` by itself). */
export const MON_PORT = 3300;

/** Ids of the daemons; the files in the data folder and the keyring's entries are named by them. */
export const MON_ID = "a";
export const MGR_ID = "x";
export const OSD_ID = "0";

/** Size of the OSD's block file in bytes. It is sparse: it takes what is written to it. */
export const OSD_SIZE_BYTES = 16 * 1024 ** 3;

const MIB = 1024 ** 2;

/** What the configuration depends on. */
export interface CephConfigArgs {
    readonly fsid: string;
    /** Loopback address of the site: every daemon binds there and nowhere else. */
    readonly address: string;
    /** Folder of the cluster's data. */
    readonly dir: string;
}

/**
 * The text of ceph.conf: cephx everywhere, msgr2 only, one copy of everything, memory kept low.
 */
export function cephConf({ fsid, address, dir }: CephConfigArgs): string {
    const sections: Record<string, Record<string, string | number | boolean>> = {
        global: {
            fsid,
            "mon host": `v2:${address}:${MON_PORT}`,
            "mon initial members": MON_ID,
            "auth cluster required": "cephx",
            "auth service required": "cephx",
            "auth client required": "cephx",
            "auth allow insecure global id reclaim": false,
            keyring: join(dir, "keyring"),
            "ms bind msgr1": false,
            "ms bind ipv6": false,
            "public addr": address,
            "cluster addr": address,
            "run dir": join(dir, "run"),
            // The path would be longer than a socket's may be (107 bytes) in a deep cache folder.
            "admin socket": "",
            "pid file": "",
            "log to file": false,
            "log to stderr": true,
            "osd pool default size": 1,
            "osd pool default min size": 1,
            "osd pool default pg num": 8,
            "osd pool default pgp num": 8,
            "osd pool default pg autoscale mode": "off",
            "osd crush chooseleaf type": 0,
        },
        mon: {
            "mon data": join(dir, "mon"),
            "mon allow pool size one": true,
            // Rook deletes a CephBlockPool's pool only where the cluster allows it; its own clusters do.
            "mon allow pool delete": true,
            "mon warn on pool no redundancy": false,
            // A laptop's disk is often fuller than the 70 % at which Ceph begins to warn.
            "mon data avail warn": 1,
            "mon data avail crit": 1,
        },
        mgr: {
            "mgr data": join(dir, "mgr"),
            // rbd_support, which runs the snapshot schedules, is always on; nothing else is needed.
            "mgr initial modules": "",
        },
        osd: {
            "osd data": join(dir, "osd"),
            "osd objectstore": "bluestore",
            "bluestore block size": OSD_SIZE_BYTES,
            "osd memory target": 896 * MIB,
            "bluestore cache autotune": false,
            "bluestore cache size": 64 * MIB,
            // Ceph's own options, with write buffers of 8 MiB instead of 256.
            "bluestore rocksdb options":
                "compression=kNoCompression,max_write_buffer_number=4,min_write_buffer_number_to_merge=1,recycle_log_file_num=4," +
                "write_buffer_size=8388608,writable_file_max_buffer_size=0,compaction_readahead_size=2097152,max_background_compactions=1",
            // A placement group that comes back after a crash waits until the leases of before have run out: 8 s instead of 16.
            "osd pool default read lease ratio": 0.4,
            "osd op num shards": 2,
            "osd max pg log entries": 500,
            "osd min pg log entries": 100,
        },
    };
    return Object.entries(sections)
        .map(([name, values]) => {
            const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}`);
            return `[${name}]\n${lines.join("\n")}\n`;
        })
        .join("\n");
}
