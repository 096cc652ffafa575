/** The planned story: failover to the other site and back, by config flips, with every acknowledged write read back. */
import type { PulumiCli } from "../program/pulumi-cli.js";
import type { SiteName } from "../paths.js";
import { readAcks, outage, waitForAcks } from "./acks.js";
import { checkWrites, ackLogOf, type Leg } from "./check.js";
import type { Narrator } from "./narrator.js";

/** Writes to wait for before each move, so that there is something to lose. */
const WRITES = 40;

/**
 * One planned move of all volumes.
 *
 * @param title how the leg is called in the summary
 */
export async function plannedMove(
    tell: Narrator,
    cli: PulumiCli,
    lab: string,
    title: string,
    from: SiteName,
    to: SiteName,
): Promise<Leg> {
    const log = ackLogOf(lab);
    tell.chapter(`${title}: ${from} → ${to}`);
    await waitForAcks(log, from, WRITES);
    tell.good(`the application writes on ${from}: ${(await readAcks(log)).length} writes acknowledged so far`);

    await tell.flip(cli, from, "replicationState", "secondary");
    await tell.preview(cli, from);
    await tell.up(cli, from);

    await tell.flip(cli, to, "replicationState", "primary");
    await tell.preview(cli, to);
    await tell.up(cli, to);
    await waitForAcks(log, to, 1);

    const leg = await checkWrites(lab, title, to, outage(await readAcks(log), to));
    if (leg.lost === 0)
        tell.good(`${leg.found} of ${leg.acknowledged} acknowledged writes read back on ${to}, checksums equal`);
    else tell.bad(`${leg.lost} of ${leg.acknowledged} acknowledged writes are not on ${to}`);
    return leg;
}
