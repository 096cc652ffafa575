/** A peer token that is wrong: the user whose key it holds has another key now. */
import { execa } from "execa";
import { ceph } from "../../../lab/ceph/cli.js";
import { markedPids } from "../../../lab/process.js";
import { siteDir, SITES, type SiteName } from "../../../lab/paths.js";
import { readSite } from "../../../lab/site.js";

/** The user that Rook puts into a token. */
const USER = "client.rbd-mirror-peer";

interface Auth {
    readonly key: string;
    readonly caps: Readonly<Record<string, string>>;
}

const original = new Map<string, string>();

/** Gives the user at `site` another key, so that the token which the other site has is wrong. */
export async function changeKey(lab: string, site: SiteName): Promise<void> {
    const conf = readSite(lab, site).ceph.conf;
    const [user] = (await ceph(conf, ["auth", "get", USER])) as Auth[];
    if (user === undefined) throw new Error(`${site} has no user ${USER}`);
    original.set(`${lab}/${site}`, user.key);
    const { stdout } = await execa("ceph-authtool", ["--gen-print-key"]);
    await importKey(conf, user.caps, stdout.trim());
    restartReaders(lab, site);
}

/** Gives it back the key that the token has. */
export async function restoreKey(lab: string, site: SiteName): Promise<void> {
    const conf = readSite(lab, site).ceph.conf;
    const key = original.get(`${lab}/${site}`);
    if (key === undefined) return;
    const [user] = (await ceph(conf, ["auth", "get", USER])) as Auth[];
    await importKey(conf, user!.caps, key);
    original.delete(`${lab}/${site}`);
    restartReaders(lab, site);
}

/** A key is read from standard input: it never stands in a process list. */
async function importKey(conf: string, caps: Auth["caps"], key: string): Promise<void> {
    const lines = [`[${USER}]`, `key = ${key}`, ...Object.entries(caps).map(([who, cap]) => `caps ${who} = "${cap}"`)];
    await execa("ceph", ["--conf", conf, "auth", "import", "-i", "-"], { input: `${lines.join("\n")}\n` });
}

/** A session that is open stays open with the old key; the kubelet starts the daemon again. */
function restartReaders(lab: string, site: SiteName): void {
    for (const reader of SITES.filter((s) => s !== site))
        for (const pid of markedPids(siteDir(lab, reader), "rbd-mirror")) process.kill(pid, "SIGKILL");
}
