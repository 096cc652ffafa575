/** Decisions over adopted volumes: what is planned, what is refused, how they are let go. */
import { describe, expect, test } from "@jest/globals";
import { decide } from "../../../dr/decide.js";
import { describePlan, describeRefusal } from "../../../dr/describe.js";
import type { ClaimSeen } from "../../../dr/claims/types.js";
import type { DecisionInput, Plan, SiteIntent, SiteSnapshot, VolumeSnapshot } from "../../../dr/model.js";
import { adoptedRecord, claim } from "./claims/claims.js";
import * as w from "./world.js";

const SPEC = { name: "rbd-pvc", namespace: "default", size: "1Gi", adopt: true } as const;
const record = adoptedRecord(w.KEY);
const intent = (more: Partial<SiteIntent> = {}) => ({ volumes: [SPEC], workloads: [], ...more });
const primary = w.vr("primary", "TFF", { term: 1 });
const replaying = w.volume({ vr: w.vr("secondary", "TTT"), image: w.image("secondary") });
const handed = w.volume({ vr: w.vr("secondary", "TFF", { term: 1 }) });
const here = (volume: VolumeSnapshot, ...claims: ClaimSeen[]): SiteSnapshot => ({
    ...(w.seen(volume) as Extract<SiteSnapshot, { reach: "observed" }>),
    claims,
});
const records = { [w.KEY]: record };

function plan(input: DecisionInput): Plan {
    const decision = decide(input);
    if (decision.kind === "refusal") throw new Error(describeRefusal(decision));
    expect(describePlan(decision)).not.toMatch(/undefined|\[object/);
    return decision;
}
function code(input: DecisionInput): string {
    const decision = decide(input);
    if (decision.kind === "plan") throw new Error(describePlan(decision));
    expect(describeRefusal(decision)).not.toMatch(/undefined|\[object/);
    return decision.code;
}

describe("a claim that is there", () => {
    test("is replicated and not made", () => {
        const p = plan(w.ask("primary", { own: here(w.volume(), claim(w.KEY)), peer: w.UNKNOWN, intent: intent() }));
        expect(p.operation).toBe("provision");
        expect(p.volumes[0]).toMatchObject({ source: "adopt", record, vr: { replicationState: "primary", term: 1 } });
    });

    test("is used again on failback", () => {
        const own = here(w.volume({ vr: w.vr("secondary", "TTF", { term: 1 }) }), claim(w.KEY));
        const p = plan(
            w.ask("primary", {
                own,
                peer: w.seen(w.volume({ vr: w.vr("secondary", "TFF", { term: 2 }) })),
                ownOutputs: w.outputs("cluster1", "secondary", { records, sources: { [w.KEY]: "adopt" }, term: 1 }),
                peerOutputs: w.outputs("cluster2", "secondary", { records, handedOver: [w.KEY], term: 2 }),
                intent: intent(),
            }),
        );
        expect(p.volumes[0]).toMatchObject({ source: "adopt", vr: { replicationState: "primary", term: 3 } });
    });

    test("keeps its class: whatever the StorageClass, it is not this program's", () => {
        const volume = w.volume();
        const own = here({ ...volume, pvc: { ...volume.pvc!, storageClass: "theirs" } }, claim(w.KEY));
        expect(
            plan(w.ask("primary", { own, peer: w.UNKNOWN, intent: intent({ storageClass: "ours" }) })).operation,
        ).toBe("provision");
    });

    test("with a PV that would take its image along is refused, unless the program is to set that right", () => {
        const own = here(w.volume({ pv: { name: w.PV_NAME, phase: "Bound", reclaimPolicy: "Delete" } }), claim(w.KEY));
        const ask = (setRetain: boolean) => w.ask("primary", { own, peer: w.UNKNOWN, intent: intent({ setRetain }) });
        expect(code(ask(false))).toBe("RECLAIM_POLICY");
        expect(plan(ask(true)).volumes[0]?.source).toBe("adopt");
    });
});

describe("on the other site", () => {
    const ask = (own: SiteSnapshot, more: Partial<DecisionInput> = {}) =>
        w.ask("primary", {
            own,
            peer: w.seen(handed),
            peerOutputs: w.outputs("cluster2", "secondary", { records, handedOver: [w.KEY], term: 1 }),
            intent: intent(),
            ...more,
        });

    test("it is restored", () => {
        expect(plan(ask(here(w.nothing()))).volumes[0]).toMatchObject({ source: "restore", record });
    });

    test("a restore that was cut short is taken up again, and not mistaken for somebody's claim", () => {
        const volume = w.volume();
        const own = here({ ...volume, pvc: { ...volume.pvc!, restored: true } }, claim(w.KEY));
        expect(plan(ask(own)).volumes[0]).toMatchObject({ source: "restore", record });
    });

    test("a claim of that name on another volume is in the way", () => {
        const volume = w.volume();
        const own = here({ ...volume, pvc: { ...volume.pvc!, volumeName: "pvc-other" } }, claim(w.KEY));
        expect(code(ask(own))).toBe("CLAIM_IN_THE_WAY");
    });

    test("and is told of on the first site, before anything is replicated", () => {
        const volume = w.volume();
        const peer = w.seen({ ...volume, pvc: { ...volume.pvc!, volumeName: "pvc-other" } });
        expect(code(w.ask("primary", { own: here(w.volume(), claim(w.KEY)), peer, intent: intent() }))).toBe(
            "PEER_CLAIM_IN_THE_WAY",
        );
    });
});

describe("what resolution found", () => {
    const found = (more: Partial<NonNullable<SiteIntent["adoption"]>>) =>
        w.ask("primary", {
            own: here(w.volume(), claim(w.KEY)),
            peer: w.UNKNOWN,
            intent: intent({ adoption: { missing: [], vanished: [], unfit: [], notes: [], ...more } }),
        });

    test.each([
        ["ADOPT_MISSING", { missing: ["shop/x"] }],
        ["ADOPT_UNFIT", { unfit: [{ key: "shop/x", named: true, reasons: ["it is Pending"] }] }],
        ["ADOPTED_VANISHED", { vanished: [{ key: "shop/x", why: "no entry of volumes matches it any more" }] }],
    ])("is refused: %s", (expected, more) => {
        expect(code(found(more))).toBe(expected);
    });

    test("is a warning for what only a selector matched", () => {
        const p = plan(found({ unfit: [{ key: "shop/x", named: false, reasons: ["it is Pending", "and old"] }] }));
        expect(p.warnings).toContain("shop/x: matched, and not replicated: it is Pending; and old");
    });
});

describe("letting go", () => {
    const release = [w.KEY];
    const leaving = { ...SPEC, release: true as const };
    const serving = (more: Partial<SiteIntent>, peer = w.seen(w.nothing()), releasing: string[] = []) =>
        w.ask("primary", {
            own: here(w.volume({ vr: primary, image: w.image("primary") }), claim(w.KEY, { ours: true })),
            peer,
            ownOutputs: w.outputs("cluster1", "primary", {
                records,
                sources: { [w.KEY]: "adopt" },
                term: 1,
                releasing,
            }),
            peerOutputs: w.outputs("cluster2", "secondary", { records: {} }),
            intent: intent({ release, ...more }),
        });

    test("first says what it is going to do", () => {
        const p = plan(serving({ volumes: [leaving] }));
        expect(p.volumes[0]).toMatchObject({
            source: "adopt",
            spec: { release: true },
            vr: { replicationState: "primary" },
        });
        expect(p.warnings.join()).toContain("let go at the next `up`");
    });

    test("then does it, and says what that means", () => {
        const p = plan(serving({ volumes: [] }, undefined, [w.KEY]));
        expect(p.volumes).toEqual([]);
        expect(p.warnings.join()).toContain(
            "mirroring ends and cluster2's copy is deleted; PVC, PV and data here stay",
        );
    });

    test.each([["first", [leaving]] as const, ["then", []] as const])(
        "%s not before the other site has",
        (_, volumes) => {
            expect(code(serving({ volumes }, w.seen(replaying), [w.KEY]))).toBe("RELEASE_ORDER");
        },
    );

    test("not on a secondary whose copy does not replay", () => {
        const stuck = w.volume({
            vr: w.vr("secondary", "TTF"),
            image: w.image("secondary", w.SPLIT),
        });
        const ask = (own: VolumeSnapshot, peer: SiteSnapshot) =>
            w.ask("secondary", {
                own: here(own, claim(w.KEY, { ours: true })),
                peer,
                ownOutputs: w.outputs("cluster1", "secondary", { records, sources: { [w.KEY]: "restore" } }),
                peerOutputs: w.outputs("cluster2", "primary", { records, term: 1 }),
                intent: intent({ volumes: [leaving], release }),
            });
        const serves = w.seen(w.volume({ vr: primary }));
        expect(code(ask(stuck, serves))).toBe("RELEASE_NOT_REPLAYING");
        expect(code(ask(replaying, w.UNREACHABLE))).toBe("RELEASE_PEER_UNKNOWN");
        expect(plan(ask(replaying, serves)).operation).toBe("steady");
    });

    test("a volume that is only taken out of config is refused as ever, and release is named as the way", () => {
        const decision = decide(serving({ volumes: [], release: [] }));
        expect(decision).toMatchObject({ kind: "refusal", code: "VOLUME_REMOVED" });
        expect(decision.next.join()).toContain("pulumi config set --path 'release[0]'");
    });
});
