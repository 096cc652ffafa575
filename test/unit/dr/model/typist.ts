/** Types what a text says, literally: Pulumi's commands, kubectl's, and what a sentence asks a person to do. */
import type { Refusal } from "../../../../dr/model.js";
import { declareLost, destroy, refresh, type Stack } from "./stack.js";
import { fence, settle, wholeUp, type Walk } from "./walk.js";
import { dropFinalizer, rbdByHand } from "./hands.js";
import { emptySite, KEYS, SITES, type SiteState, type World } from "./world.js";

/** How an `up` ended; `timed out` is one that got nowhere and was given up. */
export type Ended = Refusal | "done" | "timed out";

const COMMANDS =
    /pulumi (config set|config rm|config get|up|refresh|preview|destroy|stack init)(?: (\w+))?(?: (?!-s )([\w-]+))?(?: -s (cluster[12]))?/g;

/**
 * Does what one line of advice says: first what it asks of a person, then its commands in their order.
 *
 * @returns how the last `up` of the line ended; undefined when there was none. A refusal ends the line.
 */
export function typeLine(walk: Walk, line: string, log: string[]): Ended | undefined {
    log.push(line);
    byHand(walk, line);
    let ended: Ended | undefined;
    for (const [, verb, key, value, name] of line.matchAll(COMMANDS)) {
        const s = siteOf(name ?? "cluster1");
        const stack = walk.stacks[s]!;
        if (verb === "config set") configure(walk, stack, key!, value!);
        else if (verb === "config rm") configure(walk, stack, key!, undefined);
        else if (verb === "refresh") refresh(walk.w, stack);
        else if (verb === "destroy") destroy(walk.w, stack, () => settle(walk.w, 3));
        else if (verb === "up") {
            ended = typeUp(walk, s);
            if (ended === "timed out") log.push(`  up -s ${name} timed out`);
            if (ended !== "done") return ended;
        }
    }
    return ended;
}

/** One whole `up`. */
export function typeUp(walk: Walk, s: number): Ended {
    const stack = walk.stacks[s]!;
    stack.ended = undefined;
    wholeUp(walk, s, 30);
    settle(walk.w, 3);
    // Its plan has said that it withdraws a handover and no more, and that the same again goes on.
    if (stack.ended === "done" && stack.next?.some((line) => line.startsWith("the handover is withdrawn")))
        wholeUp(walk, s, 30);
    const ended = stack.ended as Stack["ended"];
    return ended === undefined || ended === "killed" ? "timed out" : ended;
}

function configure({ stacks }: Walk, stack: Stack, key: string, value: string | undefined): void {
    switch (key) {
        case "replicationState":
            stack.state = value as Stack["state"];
            break;
        case "lostSite":
            declareLost(stack, value !== undefined);
            delete stack.config.lostSite;
            break;
        case "teardown":
            stack.config.teardown = value === "true";
            break;
        case "peer":
            // The text cannot know the name: whoever reads it gives the right one.
            delete stack.config.peer;
            for (const each of stacks) each.outputsOf = {};
            break;
        default:
            throw new Error(`The texts set ${key}, which this test does not know.`);
    }
}

function siteOf(name: string): number {
    return SITES.indexOf(name as (typeof SITES)[number]);
}

/** What people do, by the words that ask for it. */
const BY_HAND: readonly [RegExp, (walk: Walk, found: RegExpMatchArray) => void][] = [
    [
        /patch volumereplication (\w+) -n default .*"finalizers":null.* on (cluster[12])/,
        ({ w }, [, name, site]) => dropFinalizer(w, siteOf(site!), volumeOf(name!)),
    ],
    [/stop that|stop what mounts it/, ({ w }) => w.sites.forEach((site) => site.strangers.fill(false))],
    [/stop the workloads of (cluster[12])/, ({ w }, [, site]) => fence(w, siteOf(site!))],
    [/on (cluster[12]): rbd rm /, ({ w }, { input, 1: site }) => removeImages(w, siteOf(site!), input!)],
    [
        /kubectl scale --replicas=0/,
        ({ w, stacks }) => {
            for (const s of [0, 1]) if (!stacks[s]!.outputs || stacks[1 - s]!.lostSite) fence(w, s);
        },
    ],
    [/bring (?:the cluster of )?(cluster[12]) (?:back|up)/, ({ w }, [, site]) => revive(w.sites[siteOf(site!)]!)],
    [
        /see that rbd-mirror runs|rollout restart deployment\/rook-ceph-(?:rbd-mirror|operator)/,
        ({ w }) => w.sites.forEach(revive),
    ],
    [/^wait|^once |wait until/, (walk) => settleAll(walk)],
    [
        /put [\w/, -]+ back into (?:the )?volumes of stack (cluster[12])/,
        ({ stacks }, [, s]) => stacks[siteOf(s!)]!.names.fill(true),
    ],
    [
        /add [\w/, -]+ to (?:the )?volumes of stack (cluster[12])/,
        ({ stacks }, [, s]) => stacks[siteOf(s!)]!.names.fill(true),
    ],
    [
        /leave .* out of (?:the )?volumes of (cluster[12])/,
        ({ stacks }, { input, 1: site }) => {
            const names = [...stacks[siteOf(site!)]!.names];
            for (const [, name] of input!.matchAll(/default\/(\w)/g)) names[volumeOf(name!)] = false;
            // A config without any volume is refused before anything else.
            if (names.includes(true)) stacks[siteOf(site!)]!.names = names;
        },
    ],
    [/config get volumes -s (cluster[12]), and/, ({ stacks }, [, s]) => void delete stacks[siteOf(s!)]!.config.volumes],
    [/config get context/, () => undefined],
    [
        /put the former class back into the config of stack (cluster[12])/,
        ({ stacks }, [, s]) => {
            delete stacks[siteOf(s!)]!.config.replicationClass;
            delete stacks[siteOf(s!)]!.config.storageClass;
        },
    ],
    [/pulumi stack init/, ({ stacks }) => stacks.forEach((stack) => (stack.outputsOf = {}))],
    [
        /kubectl patch pv (pvc-\d)/,
        ({ w }, [, pv]) => w.sites.forEach((site) => (site.quirks[Number(pv!.slice(4))] = {})),
    ],
    [/kubectl get pvc -A, and wait until it is gone/, ({ w }) => w.sites.forEach(dropClaims)],
    [/kubectl delete pvc/, ({ w }, { input }) => deleteClaims(w, input!)],
    [
        /remove that VR by hand/,
        ({ w }) => w.sites.forEach((site) => site.quirks.forEach((quirk, v) => quirk.vr && forgetVr(site, v))),
    ],
    [
        /rbd mirror image (promote|demote) POOL\/IMAGE on (cluster[12])/,
        ({ w }, [, verb, site]) => {
            const { images } = w.sites[siteOf(site!)]!;
            for (const v of KEYS.keys()) if (images[v]?.primary === (verb === "demote")) rbdByHand(w, siteOf(site!), v);
        },
    ],
    [
        /once (cluster[12]) is rebuilt/,
        ({ w, stacks }, [, site]) => {
            w.sites[siteOf(site!)] = emptySite();
            stacks[siteOf(site!)]!.checkpoint.fill(undefined);
        },
    ],
    [/set rbdConf/, (walk) => (walk.sight.images = true)],
];

function byHand(walk: Walk, line: string): void {
    for (const [words, act] of BY_HAND) {
        const found = line.match(words);
        if (found !== null) act(walk, found);
    }
}

function volumeOf(name: string): number {
    return KEYS.findIndex((key) => key.endsWith(`/${name}`));
}

/** The cluster, its rbd-mirror and what was wrong with its objects. */
function revive(site: SiteState): void {
    site.up = site.mirror = true;
    for (const v of KEYS.keys()) site.quirks[v] = {};
}

/** Time passes, and with it what passes by itself: a copy catches up. */
function settleAll(walk: Walk): void {
    for (const site of walk.w.sites) for (const quirk of site.quirks) delete quirk.image;
    settle(walk.w, 8);
}

/** Claims that are lost or on their way out go; their PVs and images stay. */
function dropClaims(site: SiteState): void {
    for (const v of KEYS.keys()) {
        if (site.quirks[v]!.pvc === undefined) continue;
        site.pvc[v] = false;
        site.quirks[v] = {};
    }
}

/** `kubectl delete pvc` and `pv`; the image that was made for both is left behind under a name that nobody asks for again. */
function deleteClaims(w: World, line: string): void {
    for (const [, name] of line.matchAll(/kubectl delete pvc (\w)/g)) {
        const v = volumeOf(name!);
        const site = w.sites.find((s) => s.quirks[v]!.pvc !== undefined || (s.pvc[v] && s.vr[v] === undefined));
        if (site === undefined) continue;
        // The condition is the reader's to check.
        if (/if nothing is on it/.test(line) && site.images[v]?.data) continue;
        site.pvc[v] = false;
        site.quirks[v] = {};
        if (!/kubectl delete pv /.test(line)) continue;
        site.pv[v] = false;
        site.images[v] = undefined;
    }
}

/** `rbd rm`, which removes nothing that is mirrored, or in use. The line says what is discarded with it. */
function removeImages(w: World, s: number, line: string): void {
    const { images, pods } = w.sites[s]!;
    for (const [, name] of line.matchAll(/rbd rm p\/i(\d)/g)) {
        const v = Number(name);
        const image = images[v];
        if (image === undefined || image.mirrored || pods[v]) continue;
        w.excused[v]! |= w.acked[v]! & image.data & ~(w.sites[1 - s]!.images[v]?.data ?? 0);
        images[v] = undefined;
    }
}

function forgetVr(site: SiteState, v: number): void {
    site.vr[v] = undefined;
    site.quirks[v] = {};
}

/** Whether a line tells anybody to do anything that this file knows of. */
export function isUnderstood(line: string): boolean {
    return (
        line.match(COMMANDS) !== null ||
        /kubectl (get|describe)|rbd mirror image status/.test(line) ||
        BY_HAND.some(([words]) => words.test(line))
    );
}
