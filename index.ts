/**
 * Disaster recovery for Rook-Ceph RBD volumes, one stack per site.
 *
 * Read the config, look at both sites, decide, build what was decided, say what is there now. A refusal ends the program
 * before anything is registered, so that `pulumi preview` and `pulumi up` refuse alike and change nothing.
 */
import * as pulumi from "@pulumi/pulumi";
import type { GroupInputs } from "./components/group.js";
import { buildSite } from "./components/site.js";
import { loadConfig } from "./config-load.js";
import { decideSite } from "./dr/groups/decide.js";
import { decideAhead } from "./dr/groups/ahead.js";
import { DEFAULT_GROUP } from "./dr/model.js";
import { describeSite, describeSitePlan, describeSiteRefusal, linesOf } from "./dr/describe.js";
import { describeHooks, flipHooks } from "./gates/hooks.js";
import { outcomeOf } from "./gates/outcome.js";
import { volumeGates } from "./gates/volume-gates.js";
import { waitCeph } from "./gates/ceph.js";
import { adoptCluster } from "./observe/adopt.js";
import { withAssumption } from "./observe/assumption.js";
import { observationOf, observe, poolIds } from "./observe/index.js";
import { clusterDeployed, withRemade } from "./observe/deployed.js";
import { stackReader } from "./observe/read-stack.js";
import { forPerson, orStop } from "./errors.js";
import { endWhenAbandoned } from "./host/abandoned.js";
import { shortStackTraces } from "./host/stack-traces.js";
import { siteState, volumeLines } from "./outputs.js";
import { hasMany, patientWith } from "./many-volumes.js";
import { mark } from "./timings.js";

endWhenAbandoned();
mark("node started", performance.timeOrigin);
mark("program loaded");

const loaded = await orStop(() => loadConfig());
const read = stackReader(loaded);
const seen = { read, warn: (text: string) => pulumi.log.warn(text) };
const deployed = await orStop(() => clusterDeployed(loaded, seen));
const asked = await orStop(() => withRemade(loaded, deployed, seen));
const fitted = deployed ? await orStop(() => adoptCluster(asked)) : asked;
const observation = await orStop(() => observe(fitted, deployed, read));
const { intent } = observation.input;
/** With the volumes and workloads that were found, besides those that are named. */
const config = { ...fitted, intent, timeouts: patientWith(fitted.timeouts, intent.volumes.length) };
const input = await orStop(() => withAssumption(observation.input, pulumi.runtime.isDryRun()));
mark("both sites observed");
if (hasMany(intent.volumes.length)) shortStackTraces();
// A preview waits for nothing, and so promises nothing.
const waits = config.timeouts.peerHandover > 0 && !pulumi.runtime.isDryRun();
const { decision, pending } = waits ? decideAhead(input) : { decision: decideSite(input), pending: new Set<string>() };
if (decision.kind === "refusal") throw forPerson(describeSiteRefusal(decision));
await pulumi.log.info(describeSitePlan(decision));
for (const hook of linesOf(decision, (plan) => describeHooks(config, plan))) await pulumi.log.info(hook);
for (const warning of linesOf(decision, (plan) => plan.warnings)) await pulumi.log.warn(warning);

const gates = volumeGates(config, observation);
const groups = decision.groups.map((plan): GroupInputs => {
    const seen = observationOf(observation, plan.group);
    const hooks = flipHooks(config, plan);
    const ahead = pending.has(plan.group ?? DEFAULT_GROUP);
    return { plan, hooks, gates: gates({ observation: seen, hooks, ahead }), ...outcomeOf(seen, plan) };
});
const built = await orStop(() =>
    buildSite(config, {
        groups,
        peerBootstrap: observation.peerStack.bootstrap,
        poolIds: poolIds(observation.input),
        cephUp: () => waitCeph(config.access, config.timeouts.ceph),
    }),
);

/** What the other stack decides from. */
export const state = siteState(config, groups, input, built.records);
/** How to reach this site's cluster, for the other stack's look before a flip. */
export const access = { ...config.access, rbdConf: config.rbdConf };
/** Token with which the other site mirrors from here; a secret. */
export const bootstrap = built.bootstrap;
/** The volumes, for a person. */
export const volumes = volumeLines(decision, state, built.records);
/** What this site is now. */
export const site = built.started.apply(() => describeSite(config.intent.site, decision));
/** What to do next. */
export const next = linesOf(decision, (plan) => plan.next);
