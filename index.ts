/**
 * Disaster recovery for Rook-Ceph RBD volumes, one stack per site.
 *
 * Read the config, look at both sites, decide, build what was decided, say what is there now. A refusal ends the program
 * before anything is registered, so that `pulumi preview` and `pulumi up` refuse alike and change nothing.
 */
import * as pulumi from "@pulumi/pulumi";
import { buildSite } from "./components/site.js";
import { loadConfig } from "./config.js";
import { decide } from "./dr/decide.js";
import { describePlan, describeRefusal } from "./dr/describe.js";
import { outcomeOf } from "./gates/outcome.js";
import { volumeGates } from "./gates/volume-gates.js";
import { waitCeph } from "./gates/ceph.js";
import { adoptCluster } from "./observe/adopt.js";
import { observe, poolIds } from "./observe/index.js";
import { clusterDeployed } from "./observe/deployed.js";
import { orStop } from "./errors.js";
import { siteState, volumeLines } from "./outputs.js";

const asked = await orStop(() => loadConfig());
const deployed = await orStop(() => clusterDeployed(asked));
const config = deployed ? await orStop(() => adoptCluster(asked)) : asked;
const observation = await orStop(() => observe(config, deployed));
const decision = decide(observation.input);
if (decision.kind === "refusal") throw new pulumi.RunError(describeRefusal(decision));
await pulumi.log.info(describePlan(decision));
for (const warning of decision.warnings) await pulumi.log.warn(warning);

const outcome = outcomeOf(observation, decision);
const built = await orStop(() =>
    buildSite(config, {
        plan: decision,
        peerBootstrap: observation.peerStack.bootstrap,
        gates: volumeGates(config, observation),
        beforeWorkload: outcome.beforeWorkload,
        poolIds: poolIds(observation.input),
        cephUp: () => waitCeph(config.access, config.timeouts.ceph),
    }),
);

/** What the other stack decides from. */
export const state = siteState(config, decision, observation.input, built.records, outcome.handedOver);
/** How to reach this site's cluster, for the other stack's look before a flip. */
export const access = { ...config.access, rbdConf: config.rbdConf };
/** Token with which the other site mirrors from here; a secret. */
export const bootstrap = built.bootstrap;
/** The volumes, for a person. */
export const volumes = volumeLines(decision, state, built.records);
/** What this site is now. */
export const site = `${config.intent.site} is ${decision.replicationState}`;
/** What to do next. */
export const next = decision.next;
