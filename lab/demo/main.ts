/**
 * `npm run demo`: from nothing to two sites, a planned failover and a planned failback, told in the terminal. With
 * `--disaster` a site is lost without warning instead, comes back, is lost again, and is replaced by a new one.
 */
import { Command } from "commander";
import { labDown, labUp } from "../index.js";
import { labName, SITES } from "../paths.js";
import type { PulumiCli } from "../program/pulumi-cli.js";
import { waitMirrored } from "../program/mirrored.js";
import { openWorkspace } from "../program/workspace.js";
import { readSite } from "../site.js";
import { waitForAcks } from "./acks.js";
import { keptItsWord, summary, type Leg } from "./check.js";
import { disasterStory } from "./disaster.js";
import { Ledger } from "./ledger.js";
import { Narrator } from "./narrator.js";
import { plannedMove } from "./planned.js";
import { imageOf } from "../program/images.js";

const [FIRST, SECOND] = SITES;

const program = new Command("demo")
    .description("Two sites on this machine, a failover and a failback by config flips, every write read back.")
    .option("--disaster", "lose a site without warning instead; get it back, fail back; lose it for good, replace it")
    .option("--keep", "leave both sites running at the end, and say how to look around")
    .parse();
const options = program.opts<{ keep?: boolean; disaster?: boolean }>();

const tell = new Narrator();
const lab = labName();

tell.chapter("Two sites: Kubernetes, Ceph, and what runs on them");
await labUp({ lab, onProgress: (text) => tell.say(text) });
const cli = await openWorkspace(lab);
const ledger = new Ledger(lab);
try {
    await setUp(cli);
    const legs: Leg[] = [];
    if (options.disaster) await disasterStory({ tell, cli, lab, ledger }, (leg) => legs.push(leg));
    else {
        await refusal(cli);
        legs.push(await plannedMove(tell, cli, ledger, "planned failover", FIRST, SECOND));
        legs.push(await plannedMove(tell, cli, ledger, "planned failback", SECOND, FIRST));
    }
    finish(cli, legs);
} finally {
    if (!options.keep) {
        tell.chapter("Taking it down");
        await labDown(lab);
        tell.good("nothing is left but the toolchain's cache");
    }
}

async function setUp(cli: PulumiCli): Promise<void> {
    tell.chapter(`Set-up: ${FIRST} primary, ${SECOND} secondary; each mirrors from the other`);
    await tell.up(cli, FIRST);
    await tell.up(cli, SECOND);
    tell.say(`${SECOND} now exports its token; ${FIRST} takes it up:`);
    await tell.up(cli, FIRST);
    const site = readSite(lab, FIRST);
    const image = await imageOf(site, ledger.volume);
    await waitMirrored(readSite(lab, SECOND), image);
    tell.good(`${image.pool}/${image.image} is mirrored: ${SECOND} replays`);
    await waitForAcks(ledger.log, FIRST, 1);
}

/** What a hurried operator tries first. */
async function refusal(cli: PulumiCli): Promise<void> {
    tell.chapter(`Too early: ${SECOND} asks to be primary while ${FIRST} is`);
    await tell.flip(cli, SECOND, "replicationState", "primary");
    if (!(await tell.refused(cli, SECOND))) process.exitCode = 1;
    await tell.flip(cli, SECOND, "replicationState", "secondary");
}

function finish(cli: PulumiCli, legs: readonly Leg[]): void {
    tell.chapter("Summary");
    for (const line of summary(legs).split("\n")) tell.say(line);
    const undeclared = legs.filter((leg) => !keptItsWord(leg));
    for (const leg of undeclared)
        tell.bad(`${leg.title}: ${leg.lost} acknowledged writes were lost that should not have been`);
    if (undeclared.length > 0) process.exitCode = 1;
    else if (options.disaster) tell.good("no acknowledged write was lost but those that were declared beforehand");
    else tell.good("no acknowledged write was lost");
    if (!options.keep) return;
    tell.chapter("Look around");
    tell.command(`cd ${cli.dir} && . ./env`);
    tell.command("pulumi stack output -s cluster1");
    tell.command("pulumi config set replicationState secondary -s cluster1 && pulumi preview -s cluster1");
    for (const site of SITES)
        tell.command(`rbd --conf ${readSite(lab, site).ceph.conf} mirror pool status replicapool --verbose`);
    tell.command("npm run lab -- status        # in this folder");
    tell.command("npm run lab -- down");
}
