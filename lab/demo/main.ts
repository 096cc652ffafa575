/** `npm run demo`: from nothing to two sites, a planned failover and a planned failback, told in the terminal. */
import { Command } from "commander";
import { labDown, labUp } from "../index.js";
import { labName, SITES } from "../paths.js";
import type { PulumiCli } from "../program/pulumi-cli.js";
import { waitMirrored } from "../program/mirrored.js";
import { openWorkspace } from "../program/workspace.js";
import { readSite } from "../site.js";
import { waitForAcks } from "./acks.js";
import { ackLogOf, DEMO_VOLUME, summary, type Leg } from "./check.js";
import { Narrator } from "./narrator.js";
import { plannedMove } from "./planned.js";
import { imageOf } from "../program/images.js";

const [FIRST, SECOND] = SITES;

const program = new Command("demo")
    .description("Two sites on this machine, a failover and a failback by config flips, every write read back.")
    .option("--keep", "leave both sites running at the end, and say how to look around")
    .parse();
const options = program.opts<{ keep?: boolean }>();

const tell = new Narrator();
const lab = labName();

tell.chapter("Two sites: Kubernetes, Ceph, and what runs on them");
await labUp({ lab, onProgress: (text) => tell.say(text) });
const cli = await openWorkspace(lab);
try {
    await setUp(cli);
    const legs: Leg[] = [];
    await refusal(cli);
    legs.push(await plannedMove(tell, cli, lab, "planned failover", FIRST, SECOND));
    legs.push(await plannedMove(tell, cli, lab, "planned failback", SECOND, FIRST));
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
    const image = await imageOf(site, DEMO_VOLUME);
    await waitMirrored(readSite(lab, SECOND), image);
    tell.good(`${image.pool}/${image.image} is mirrored: ${SECOND} replays`);
    await waitForAcks(ackLogOf(lab), FIRST, 1);
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
    const lost = legs.reduce((sum, leg) => sum + leg.lost, 0);
    if (lost === 0) tell.good("no acknowledged write was lost");
    else {
        tell.bad(`${lost} acknowledged writes were lost`);
        process.exitCode = 1;
    }
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
