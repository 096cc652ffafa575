/** The planned story: failover to the other site and back, by config flips, with every acknowledged write read back. */
import type { PulumiCli } from "../program/pulumi-cli.js";
import type { SiteName } from "../paths.js";
import { outage, waitForAcks } from "./acks.js";
import { checkWrites, type Leg } from "./check.js";
import type { Ledger } from "./ledger.js";
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
    ledger: Ledger,
    title: string,
    from: SiteName,
    to: SiteName,
): Promise<Leg> {
    tell.chapter(`${title}: ${from} → ${to}`);
    await waitForAcks(ledger.log, from, WRITES);
    tell.good(`the application writes on ${from}: ${(await ledger.acks()).length} writes acknowledged so far`);

    await tell.flip(cli, from, "replicationState", "secondary");
    await tell.preview(cli, from);
    await tell.up(cli, from);

    await tell.flip(cli, to, "replicationState", "primary");
    await tell.preview(cli, to);
    await tell.up(cli, to);
    await waitForAcks(ledger.log, to, 1);

    const leg = await checkWrites(ledger, title, to, outage(await ledger.acks(), to));
    if (leg.lost === 0)
        tell.good(
            `${leg.found} of ${leg.acknowledged} acknowledged writes read back on ${to}, checksums equal: this move lost none`,
        );
    else tell.bad(`this move lost ${leg.lost} of ${leg.acknowledged} acknowledged writes`);
    return leg;
}
