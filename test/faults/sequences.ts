/** What an operator does, step by step, and what must hold after each. */
import { waitForAcks } from "../../lab/demo/acks.js";
import { reportedLoss } from "../../lab/demo/loss.js";
import { siteFreeze, siteStart, siteStop, siteThaw } from "../../lab/index.js";
import type { SiteName } from "../../lab/paths.js";
import { imageSeen } from "../../lab/program/images.js";
import { readSite } from "../../lab/site.js";
import { other } from "./conditions/condition.js";
import { handedOver, keepsItsData, lossIsDeclared, onlyStraysDiscarded, receives, serves } from "./invariants.js";
import type { Lane } from "./lane.js";
import type { Column, Sequence, SiteEvent, Step } from "./model.js";

const A: SiteName = "cluster1";
const B: SiteName = "cluster2";
/** Writes that the application has had acknowledged before a step takes it down. */
const WRITES = 20;

const flip = (site: SiteName, state: string) => (lane: Lane) => lane.cli.setConfig(site, "replicationState", state);
const nothing = () => Promise.resolve([]);

function up(
    column: Column,
    title: string,
    site: SiteName,
    after: Step["after"],
    before?: (lane: Lane) => Promise<void>,
): Step {
    return { kind: "step", column, title, site, command: "up", after, ...(before === undefined ? {} : { before }) };
}

function demote(column: Column, site: SiteName): Step {
    return up(
        column,
        `${site} secondary`,
        site,
        (lane) => handedOver(lane, site),
        async (lane) => {
            await waitForAcks(lane.ledger.log, site, WRITES);
            await flip(site, "secondary")(lane);
        },
    );
}

function promote(column: Column, site: SiteName): Step {
    const after = async (lane: Lane) => [...(await serves(lane, site)), ...(await receives(lane, other(site)))];
    return up(column, `${site} primary`, site, after, flip(site, "primary"));
}

/** A volume on clusters that are there. */
export const setUp: Sequence = {
    name: "set-up",
    startsFrom: "new",
    endsAs: "healthy",
    items: [
        up("set-up", `${A} primary`, A, nothing),
        up("set-up", `${B} secondary`, B, async (lane) => [...(await serves(lane, A)), ...(await receives(lane, B))]),
    ],
};

/** Both clusters from nothing: each takes the other's token. */
export const platformSetUp: Sequence = {
    name: "set-up of both sites",
    startsFrom: "new",
    endsAs: "healthy",
    items: [
        up("set-up", `${A} primary`, A, nothing),
        up("set-up", `${B} secondary`, B, nothing),
        up("set-up", `${A} again`, A, async (lane) => [...(await serves(lane, A)), ...(await receives(lane, B))]),
    ],
};

/** Over and back. */
export const planned: Sequence = {
    name: "planned",
    startsFrom: "healthy",
    endsAs: "healthy",
    items: [
        demote("planned failover", A),
        promote("planned failover", B),
        demote("planned failback", B),
        promote("planned failback", A),
    ],
};

/** How a site is lost, and comes back. */
interface Loss {
    readonly lose: SiteEvent;
    readonly comeBack: SiteEvent;
}

const oldApplicationWrites = (lane: Lane) => waitForAcks(lane.ledger.log, A, 5, 180);

/** Power goes without warning; the site comes back with its data, and starts its old application. */
export const powerLoss: Loss = {
    lose: { kind: "event", title: `${A} is stopped under load`, run: (lab) => siteStop(lab, A) },
    comeBack: {
        kind: "event",
        title: `${A} is started again, with its old application`,
        run: async (lab) => void (await siteStart(lab, A)),
        after: oldApplicationWrites,
    },
};

/** The site is half-dead, and wakes up with its application still running. */
export const freezeLoss: Loss = {
    lose: { kind: "event", title: `${A} is frozen under load`, run: (lab) => siteFreeze(lab, A) },
    comeBack: {
        kind: "event",
        title: `${A} is thawed, its old application still running`,
        run: (lab) => siteThaw(lab, A),
        after: oldApplicationWrites,
    },
};

/** A site is lost, the other is promoted by force; the lost one returns, gives its copy up, and takes over again. */
export function disaster(loss: Loss): Sequence {
    return {
        name: loss === powerLoss ? "disaster" : "disaster-by-freezing",
        startsFrom: "healthy",
        endsAs: "healthy",
        items: [
            { kind: "event", title: "the application writes", run: () => Promise.resolve(), after: writesALot },
            loss.lose,
            up("disaster failover", `${B} primary, ${A} lost`, B, (lane) => lossIsDeclared(lane, B), declareLost),
            loss.comeBack,
            up("resync", `${A} resync`, A, resynced, flip(A, "resync")),
            up("secondary after resync", `${A} secondary`, A, (lane) => receives(lane, A), flip(A, "secondary")),
            demoteAfterConsent(),
            promote("hand-back", A),
        ],
    };
}

/** Something to lose: more than what a snapshot interval holds is not needed. */
const writesALot = (lane: Lane) => waitForAcks(lane.ledger.log, A, 2 * WRITES);

async function declareLost(lane: Lane): Promise<void> {
    await lane.cli.setConfig(B, "lostSite", A);
    await flip(B, "primary")(lane);
    lane.lost = A;
    const preview = await lane.cli.preview(B);
    lane.report = reportedLoss(preview.text, lane.volume);
}

async function resynced(lane: Lane): Promise<string[]> {
    const breaches = await onlyStraysDiscarded(lane, A);
    const image = await imageSeen(readSite(lane.lab, A), lane.image!);
    if (image?.exists !== true || image.primary)
        breaches.push(`the image on ${A} is ${image?.primary ? "primary" : "gone, or Ceph does not answer"}`);
    else delete lane.lost;
    return breaches;
}

/** The consent to lose a site counts once: it is taken back before anything else is asked for. */
function demoteAfterConsent(): Step {
    const step = demote("hand-back", B);
    return {
        ...step,
        before: async (lane) => {
            await lane.cli.removeConfig(B, "lostSite");
            await step.before?.(lane);
        },
    };
}

/** The secondary goes first, then the primary. */
export const teardown: Sequence = {
    name: "teardown",
    startsFrom: "healthy",
    endsAs: "gone",
    items: [B, A].flatMap((site): Step[] => [
        up("teardown", `${site} teardown`, site, nothing, (lane) => lane.cli.setConfig(site, "teardown", "true")),
        {
            kind: "step",
            column: "teardown",
            title: `${site} destroy`,
            site,
            command: "destroy",
            after: site === A ? (lane) => keepsItsData(lane, A) : nothing,
        },
    ]),
};
