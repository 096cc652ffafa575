/** A site that is gone for good: a new, empty one takes its place and receives everything. */
import { siteRebuild } from "../index.js";
import type { SiteName } from "../paths.js";
import { imageOf } from "../program/images.js";
import { restartMirror } from "../program/mirror-daemon.js";
import { waitMirrored } from "../program/mirrored.js";
import { forgetPeer } from "../program/peers.js";
import { followRebuiltSite } from "../program/workspace.js";
import { readSite } from "../site.js";
import type { Story } from "./disaster.js";

/**
 * Wipes a site, makes a new one in its place and lets it join as secondary.
 *
 * @param gone the site that is replaced; its stack stays, with the records in its outputs
 * @param primary the site that serves meanwhile
 */
export async function replaceSite(story: Story, gone: SiteName, primary: SiteName): Promise<void> {
    const { tell, cli, lab, ledger } = story;
    tell.chapter(`${gone} is gone for good: a new, empty site takes its place`);
    const { fsid } = readSite(lab, gone).ceph;
    tell.command(`npm run lab -- rebuild ${gone}`);
    await siteRebuild(lab, gone, (line) => tell.say(line));
    tell.say("The stack is told of the new Ceph, and forgets the objects of the old cluster:");
    for (const [key, value] of await followRebuiltSite(cli, lab, gone))
        tell.command(`pulumi config set ${key} ${value} -s ${gone}`);
    await tell.flip(cli, gone, "replicationState", "secondary");
    tell.command(`pulumi refresh -s ${gone} --yes`);
    const refreshed = await cli.run(["refresh", "--yes", "--skip-preview", "--stack", gone]);
    tell.good(`done in ${refreshed.seconds.toFixed(0)} s`);
    const survivor = readSite(lab, primary);
    const image = await imageOf(survivor, ledger.volume);
    tell.say(`Ceph on ${primary} can have one peer, and still has the dead cluster; it is told to forget it:`);
    for (const command of await forgetPeer(survivor, image.pool, fsid)) tell.command(command);
    tell.say("Its rbd-mirror still waits for the dead cluster:");
    tell.command(await restartMirror(survivor));
    await tell.up(cli, gone);
    tell.say(`${primary} takes the new site's token up, and the new site mirrors:`);
    tell.command(`pulumi config rm lostSite -s ${primary}`);
    await cli.removeConfig(primary, "lostSite");
    await tell.up(cli, primary);
    await waitMirrored(readSite(lab, gone), image, 300);
    tell.good(`${gone} has received every image and replays`);
}
