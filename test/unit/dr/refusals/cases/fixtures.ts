/** What the cases of refusals are made of. */
import type { DecisionInput, RefusalCode } from "../../../../../dr/model.js";
import * as w from "../../world.js";

/** Code, what leads to it, and words that its text must have beside the code. */
export type RefusalCase = readonly [RefusalCode, string, DecisionInput, ...string[]];

const { image, outputs, volume, vr } = w;

export const lost = { lostSite: "cluster2" };
export const primary = volume({ vr: vr("primary", "TFF", { term: 1 }), image: image("primary") });
export const replaying = volume({ vr: vr("secondary", "TTT"), image: image("secondary") });
export const handed = volume({ vr: vr("secondary", "TFF", { term: 1 }), image: image("secondary", w.BOTH_DEMOTED) });
export const resyncing = volume({ vr: vr("secondary", "TTT", { autoResync: true }) });
/** Set to secondary, and its controller has not answered since it was primary. */
export const wasPrimary = vr("primary", "TFF", { term: 1, stale: true });
export const unanswered = { ...wasPrimary, spec: { ...wasPrimary.spec, replicationState: "secondary" as const } };
export const peerHas = outputs("cluster2", "primary", { term: 1 });
export const ownHad = outputs("cluster1", "secondary", { term: 1 });
