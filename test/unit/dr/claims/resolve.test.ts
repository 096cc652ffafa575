/** Which volumes a site is about, from what config adopts, what is there, and what is recorded. */
import { describe, expect, test } from "@jest/globals";
import { resolveAdoption } from "../../../../dr/claims/resolve.js";
import type { AdoptSpec, ClaimSeen } from "../../../../dr/claims/types.js";
import type { SiteIntent, SiteOutputs, StackOutputs } from "../../../../dr/model.js";
import * as w from "../world.js";
import { adoptedRecord, claim, STORAGE } from "./claims.js";

const BY_LABEL: AdoptSpec = { selector: { matchLabels: { app: "shop" } }, namespaces: ["shop"] };
const BY_NAME: AdoptSpec = { name: "data", namespace: "shop" };
const KEY = "shop/data";

function resolve(
    more: {
        state?: SiteIntent["replicationState"];
        adopt?: readonly AdoptSpec[];
        claims?: readonly ClaimSeen[];
        own?: StackOutputs;
        peer?: StackOutputs;
        release?: string[];
        teardown?: boolean;
        volumes?: SiteIntent["volumes"];
    } = {},
): SiteIntent {
    const { intent } = w.ask(more.state ?? "primary", {
        intent: {
            adopt: more.adopt ?? [BY_LABEL],
            volumes: more.volumes ?? [],
            release: more.release ?? [],
            teardown: more.teardown ?? false,
        },
    });
    return resolveAdoption({
        intent,
        own: { reach: "observed", at: w.AT, volumes: {}, claims: more.claims ?? [] },
        ownOutputs: more.own ?? w.NONE,
        peerOutputs: more.peer ?? w.NONE,
        storage: STORAGE,
    });
}
const holds = (site: string, state: SiteOutputs["replicationState"], more: Partial<SiteOutputs> = {}) =>
    w.outputs(site, state, { records: { [KEY]: adoptedRecord(KEY) }, sources: { [KEY]: "adopt" }, ...more });
const keys = (intent: SiteIntent) => intent.volumes.map((v) => `${v.namespace}/${v.name}`);

describe("on a primary", () => {
    test.each([BY_LABEL, BY_NAME])("a claim that %j matches joins, with the size that it has", (entry) => {
        const intent = resolve({ adopt: [entry], claims: [claim(KEY, { size: "7Gi" })] });
        expect(intent.volumes).toEqual([{ name: "data", namespace: "shop", size: "7Gi", adopt: true }]);
        expect(intent.adoption).toEqual({ missing: [], vanished: [], unfit: [], notes: [] });
    });

    test("those that do not match are left alone", () => {
        expect(resolve({ claims: [claim("blog/data"), claim("shop/x", { labels: {} })] }).volumes).toEqual([]);
    });

    test("those that cannot be replicated are left out, with the reason", () => {
        const unfit = claim(KEY, { phase: "Pending", pv: undefined });
        for (const [entry, named] of [
            [BY_LABEL, false],
            [BY_NAME, true],
        ] as const) {
            const intent = resolve({ adopt: [entry], claims: [unfit] });
            expect(intent.volumes).toEqual([]);
            expect(intent.adoption?.unfit).toMatchObject([
                { key: KEY, named, reasons: [expect.stringContaining("Pending")] },
            ]);
        }
    });

    test("one that is replicated stays, whatever has become of it", () => {
        const intent = resolve({
            claims: [claim(KEY, { phase: "Lost", ours: true })],
            own: holds("cluster1", "primary"),
        });
        expect(keys(intent)).toEqual([KEY]);
    });

    test("one that is named and nowhere to be found is missing", () => {
        expect(resolve({ adopt: [BY_NAME] }).adoption?.missing).toEqual([KEY]);
    });

    test("a selector without a match is told, and no error", () => {
        expect(resolve().adoption).toMatchObject({
            missing: [],
            notes: ["app=shop in shop matches no claim on cluster1"],
        });
    });

    test("a volume that config provisions is not adopted besides", () => {
        const volumes = [{ name: "data", namespace: "shop", size: "1Gi" }];
        expect(resolve({ volumes, claims: [claim(KEY)] }).volumes).toEqual(volumes);
    });

    test("a run that was killed after the VR goes on with it", () => {
        expect(keys(resolve({ claims: [claim(KEY, { ours: true })] }))).toEqual([KEY]);
    });
});

describe("vanished", () => {
    test.each<[string, Parameters<typeof resolve>[0], string]>([
        [
            "labels changed",
            { claims: [claim(KEY, { labels: { app: "other" }, ours: true })] },
            "its labels are app=other",
        ],
        ["entry removed", { adopt: [], claims: [claim(KEY, { ours: true })] }, "no entry of volumes"],
        ["claim deleted", { claims: [] }, "its PVC is gone from cluster1"],
    ])("%s: it is told, and neither kept nor dropped", (_, more, why) => {
        const { volumes, adoption } = resolve({ own: holds("cluster1", "primary"), ...more });
        expect(volumes).toEqual([]);
        expect(adoption?.vanished).toMatchObject([
            { key: KEY, why: expect.stringContaining(why) as unknown as string },
        ]);
    });

    test("a rebuilt site that takes over again restores it instead", () => {
        expect(keys(resolve({ own: holds("cluster1", "secondary"), peer: holds("cluster2", "secondary") }))).toEqual([
            KEY,
        ]);
    });

    test("while the site is taken down, it still is taken down with the rest", () => {
        expect(keys(resolve({ adopt: [], teardown: true, own: holds("cluster1", "primary") }))).toEqual([KEY]);
    });
});

describe("on a site that is not primary", () => {
    test.each(["secondary", "resync"] as const)("%s: what the other site recorded is taken in", (state) => {
        const intent = resolve({
            state,
            own: w.outputs("cluster1", "secondary", { records: {} }),
            peer: holds("cluster2", "primary"),
        });
        expect(intent.volumes).toEqual([{ name: "data", namespace: "shop", size: "1Gi", adopt: true }]);
    });

    test("claims that only this cluster has do not join", () => {
        const { volumes, adoption } = resolve({ state: "secondary", claims: [claim(KEY)] });
        expect(volumes).toEqual([]);
        expect(adoption?.notes.join()).toContain("shop/data: matches app=shop in shop and is not replicated");
    });

    test("a record that config here does not match is left to the promotion's guard", () => {
        const intent = resolve({ adopt: [], peer: holds("cluster2", "secondary") });
        expect(intent).toMatchObject({ volumes: [], adoption: { vanished: [] } });
    });

    test("volumes that were provisioned are no business of adoption", () => {
        const peer = w.outputs("cluster2", "primary", { records: { [KEY]: w.recordOf(KEY) } });
        expect(resolve({ state: "secondary", peer }).volumes).toEqual([]);
    });
});

describe("release", () => {
    const release = [KEY];
    test("keeps a claim out that was never replicated", () => {
        expect(resolve({ release, claims: [claim(KEY)] })).toMatchObject({ volumes: [], adoption: { notes: [] } });
    });

    test("first takes the protection from a volume that is replicated", () => {
        const { volumes } = resolve({
            release,
            claims: [claim(KEY, { ours: true })],
            own: holds("cluster1", "primary"),
        });
        expect(volumes).toMatchObject([{ adopt: true, release: true }]);
    });

    test("then drops it", () => {
        const own = holds("cluster1", "primary", { releasing: [KEY] });
        expect(resolve({ release, claims: [claim(KEY, { ours: true })], own })).toMatchObject({
            volumes: [],
            adoption: { vanished: [] },
        });
    });

    test("is said of the group that the volume was in, also where config no longer has it", () => {
        const group = { replicationState: "primary", volumes: [KEY] } as const;
        const own = holds("cluster1", "primary", { groups: { shop: group } });
        expect(resolve({ release, own, adopt: [] }).volumes).toMatchObject([{ group: "shop", release: true }]);
    });

    test("lets go of a provisioned volume too, in config or out of it", () => {
        const own = w.outputs("cluster1", "primary", {
            records: { [KEY]: w.recordOf(KEY) },
            sources: { [KEY]: "provision" },
        });
        const configured = { name: "data", namespace: "shop", size: "1Gi" };
        for (const volumes of [[configured], []])
            expect(resolve({ release, own, volumes }).volumes).toEqual([{ ...configured, release: true }]);
    });
});
