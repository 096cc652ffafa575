/** The story of a disaster: a site is lost without warning and comes back; then it is lost for good and replaced. */
import { siteStart, siteStop } from "../index.js";
import { SITES, type SiteName } from "../paths.js";
import type { PulumiCli } from "../program/pulumi-cli.js";
import { outage, waitForAcks } from "./acks.js";
import { checkWrites, type Leg } from "./check.js";
import type { Ledger } from "./ledger.js";
import { judgeLoss, reportedLoss, type LossVerdict } from "./loss.js";
import { plannedMove } from "./planned.js";
import { replaceSite } from "./replace.js";
import type { Narrator } from "./narrator.js";

/** Writes to wait for before a site is lost, so that there is something to lose. */
const WRITES = 40;

/** What the story is told with. */
export interface Story {
    readonly tell: Narrator;
    readonly cli: PulumiCli;
    readonly lab: string;
    readonly ledger: Ledger;
}

/**
 * Tells the whole story.
 *
 * @param onLeg called with each move as it is done, so that a story cut short still has a summary
 */
export async function disasterStory(story: Story, onLeg: (leg: Leg) => void): Promise<void> {
    const [first, second] = SITES;
    onLeg(await loseSite(story, "disaster failover", first, second));
    await returnAndResync(story, first, second);
    onLeg(await plannedMove(story.tell, story.cli, story.ledger, "failback after the disaster", second, first));
    onLeg(await loseSite(story, "second disaster", first, second));
    await replaceSite(story, first, second);
    onLeg(await plannedMove(story.tell, story.cli, story.ledger, "move to the rebuilt site", second, first));
}

/** Pulls the plug of the primary while its application writes, and fails over by force. */
export async function loseSite(story: Story, title: string, lost: SiteName, to: SiteName): Promise<Leg> {
    const { tell, cli, lab, ledger } = story;
    tell.chapter(`${title}: ${lost} is lost without warning`);
    await waitForAcks(ledger.log, lost, WRITES);
    tell.good(`the application writes on ${lost}: ${(await ledger.acks()).length} writes acknowledged so far`);
    tell.command(`npm run lab -- stop ${lost}        # SIGKILL of everything, as a power cut`);
    await siteStop(lab, lost);
    tell.good(
        `nothing of ${lost} runs any more; its last write was acknowledged at ${(await ledger.acks()).at(-1)?.at}`,
    );

    await tell.flip(cli, to, "replicationState", "primary");
    if (!(await tell.refused(cli, to))) process.exitCode = 1;
    tell.say("The program does not guess. A person says that the site is lost:");
    await tell.flip(cli, to, "lostSite", lost);
    const report = reportedLoss(await tell.warned(cli, to), ledger.volume);
    if (report === undefined) throw new Error(`The preview of ${to} did not say what may be lost of ${ledger.volume}.`);
    await tell.up(cli, to);
    await waitForAcks(ledger.log, to, 1);

    const { account, ...leg } = await checkWrites(ledger, title, to, outage(await ledger.acks(), to));
    const verdict = judgeLoss(report, account);
    tellLoss(tell, leg, verdict);
    return { ...leg, declared: { report, verdict } };
}

function tellLoss(tell: Narrator, leg: Leg, verdict: LossVerdict): void {
    tell.good(`the application serves on ${leg.to} ${leg.rto?.toFixed(1) ?? "?"} s after its last write`);
    tell.say(
        `${leg.found} of ${leg.acknowledged} acknowledged writes read back; ${leg.lost} lost, ${leg.rpo.toFixed(1)} s of writes`,
    );
    if (verdict.nothingOlder) tell.good("all of the lost are newer than the time that the preview named");
    else tell.bad("writes are missing that are older than the time that the preview named");
    tell.say(`the preview claimed ${verdict.slackSeconds.toFixed(1)} s more than was lost`);
}

/** The lost site comes back with its old application, and gives its copy up. */
export async function returnAndResync(story: Story, back: SiteName, primary: SiteName): Promise<void> {
    const { tell, cli, lab, ledger } = story;
    tell.chapter(`${back} comes back, and knows nothing of what happened`);
    tell.command(`npm run lab -- start ${back}`);
    const before = (await ledger.acks()).filter((ack) => ack.site === back).length;
    await siteStart(lab, back, (line) => tell.say(line));
    await waitForAcks(ledger.log, back, 1, 180);
    tell.bad(`its Kubernetes starts its old application on its old image: split brain, before anybody ran anything`);
    await tell.flip(cli, back, "replicationState", "secondary");
    if (!(await tell.refused(cli, back))) process.exitCode = 1;

    tell.say(`One flip names the copy to give up; ${primary}'s is kept:`);
    await tell.flip(cli, back, "replicationState", "resync");
    await tell.warned(cli, back);
    await tell.up(cli, back);
    const { newlyLost } = await ledger.check(primary);
    const stray = (await ledger.acks()).filter((ack) => ack.site === back).length - before;
    tell.say(
        `${stray} writes that ${back} acknowledged after its return are discarded; ${primary} lost none of its own`,
    );
    if (newlyLost.some((ack) => ack.site !== back)) {
        tell.bad(`writes of ${primary} are missing`);
        process.exitCode = 1;
    }
    await tell.flip(cli, back, "replicationState", "secondary");
    await tell.up(cli, back);
    tell.command(`pulumi config rm lostSite -s ${primary}`);
    await cli.removeConfig(primary, "lostSite");
}
