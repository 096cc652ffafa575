/** The mirroring peers of a site's pool, as `rbd mirror pool` knows them. */
import { execa } from "execa";
import { z } from "zod";
import type { SiteInfo } from "../site.js";

const infoSchema = z.object({ peers: z.array(z.object({ uuid: z.string(), site_name: z.string() })) });

/**
 * Takes a Ceph cluster that is gone out of a pool's peers. Ceph has one peer at most ("multiple peers are not currently
 * supported"), so a new cluster's token is refused for as long as the old one's is there.
 *
 * @param gone fsid of the cluster that is gone, by which Rook names a site
 * @returns the commands that were run, as one would type them; empty when it is no peer
 */
export async function forgetPeer(site: SiteInfo, pool: string, gone: string): Promise<string[]> {
    const rbd = (...args: string[]) => execa("rbd", ["--conf", site.ceph.conf, ...args], { timeout: 60_000 });
    const { stdout } = await rbd("mirror", "pool", "info", pool, "--format", "json");
    const old = infoSchema.parse(JSON.parse(stdout)).peers.filter((peer) => peer.site_name === gone);
    for (const { uuid } of old) await rbd("mirror", "pool", "peer", "remove", pool, uuid);
    return old.map(({ uuid }) => `rbd mirror pool peer remove ${pool} ${uuid}`);
}
