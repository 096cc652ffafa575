/** What `rbd-dr status` makes of what was seen. */
import { describe, expect, test } from "@jest/globals";
import { statusReport } from "../../../../cli/status/model.js";
import { statusSchema } from "../../../../cli/status/schema.js";
import { image, nothing, SPLIT, BOTH_DEMOTED, UNREACHABLE, vr } from "../../dr/world.js";
import { answering, before, copySide, HEALTHY, NOW, pair, primarySide, siteSeen } from "./pair.js";

const codes = (input: Parameters<typeof statusReport>[0]) =>
    statusReport(input).findings.map((f) => `${f.level} ${f.code}`);
const copyOn2 = (age: number, more = {}) => siteSeen("cluster2", "secondary", answering(copySide(age, more)));

test("a pair in good health has no findings, and says what each site is and would do", () => {
    const report = statusReport(pair());
    expect(report).toMatchObject({ level: "healthy", findings: [], intervalSeconds: 300 });
    expect(report.sites).toMatchObject([
        {
            name: "cluster1",
            live: "primary",
            reach: "observed",
            decisions: [{ kind: "steady" }],
            workload: { wanted: "up", pods: 1 },
        },
        { name: "cluster2", live: "secondary", decisions: [{ kind: "steady" }], workload: { wanted: "down", pods: 0 } },
    ]);
    expect(report.volumes).toMatchObject([
        { primary: ["cluster1"], state: "replaying", lastSync: before(100), rpoSeconds: 100, level: "healthy" },
    ]);
    expect(statusSchema.parse(JSON.parse(JSON.stringify(report)))).toBeTruthy();
});

describe("the lag of a copy", () => {
    test.each([
        [600, "healthy"],
        [601, "warning"],
        [900, "warning"],
        [901, "critical"],
    ])("%i s with an interval of 300 s is %s", (age, level) => {
        const one = siteSeen("cluster1", "primary", answering(primarySide({ vr: vr("primary", "TFF", { term: 1 }) })));
        const report = statusReport(pair({ one, two: copyOn2(age) }));
        expect(report.volumes[0]).toMatchObject({ level, rpoSeconds: age });
        expect(report.level).toBe(level);
    });

    test("goes by the newest that anybody knows: the copy, the VR of the primary, the stacks' outputs", () => {
        expect(statusReport(pair({ two: copyOn2(400) })).volumes[0]?.rpoSeconds).toBe(200);
        expect(statusReport(pair({ two: copyOn2(50) })).volumes[0]?.rpoSeconds).toBe(50);
    });

    test("a primary's own newest snapshot says nothing of what has arrived elsewhere", () => {
        const sync = { localSnapshotTimestamp: Date.parse(NOW) / 1000 };
        const one = siteSeen("cluster1", "primary", answering(primarySide({ image: image("primary", { sync }) })));
        expect(statusReport(pair({ one })).volumes[0]?.rpoSeconds).toBe(100);
    });
});

describe("a site that does not answer", () => {
    test("the primary: critical; the other side is complete, with what it last heard", () => {
        const one = siteSeen("cluster1", "primary", UNREACHABLE, { unreachableSince: before(90) });
        const report = statusReport(pair({ one }));
        expect(report.findings[0]).toMatchObject({ level: "critical", code: "unreachable", site: "cluster1" });
        expect(report.sites[0]).toMatchObject({
            live: "unknown",
            unreachableSince: before(90),
            lastHeard: before(100),
        });
        expect(report.sites[1]).toMatchObject({ live: "secondary", reach: "observed" });
        expect(report.volumes[0]).toMatchObject({ primary: [], rpoSeconds: 100, state: "not known" });
        expect(Object.keys(report.volumes[0]!.sites)).toEqual(["cluster2"]);
    });

    test("the one with the copy: a warning, and the lag goes on being counted", () => {
        const report = statusReport(pair({ two: siteSeen("cluster2", "secondary", UNREACHABLE) }));
        expect(report.level).toBe("warning");
        expect(report.volumes[0]).toMatchObject({ primary: ["cluster1"], rpoSeconds: 200, state: "copy not seen" });
    });
});

describe("copies that are not what they should be", () => {
    const cases: [string, Parameters<typeof statusReport>[0], string][] = [
        [
            "primary on both sites",
            pair({ two: siteSeen("cluster2", "secondary", answering(primarySide({ pods: [] }))) }),
            "critical two-primaries",
        ],
        ["split brain", pair({ two: copyOn2(100, { image: image("secondary", SPLIT) }) }), "critical split-brain"],
        [
            "demoted on both",
            pair({
                one: siteSeen(
                    "cluster1",
                    "secondary",
                    answering(copySide(100, { vr: vr("secondary", "TFF"), image: image("secondary", BOTH_DEMOTED) })),
                ),
                two: copyOn2(100, { image: image("secondary", BOTH_DEMOTED) }),
            }),
            "warning no-primary",
        ],
        [
            "a daemon that is dead",
            pair({ two: copyOn2(100, { image: image("secondary", { state: "down+unknown" }) }) }),
            "warning mirror-down",
        ],
        [
            "a replayer that failed",
            pair({ two: copyOn2(100, { image: image("secondary", { state: "up+error", description: "no space" }) }) }),
            "critical mirror-error",
        ],
        [
            "a first copy that is not complete",
            pair({ two: copyOn2(100, { image: image("secondary", { state: "up+syncing" }) }) }),
            "warning copy-incomplete",
        ],
        [
            "no copy",
            pair({ two: siteSeen("cluster2", "secondary", answering(nothing({ image: image("missing") }))) }),
            "warning no-copy",
        ],
        [
            "a promotion that does not come",
            pair({
                one: siteSeen("cluster1", "primary", answering(primarySide({ vr: vr("primary", "FTF", { term: 1 }) }))),
            }),
            "warning not-promoted",
        ],
    ];
    test.each(cases)("%s", (_, input, code) => {
        expect(codes(input)).toContain(code);
    });
});

describe("a primary whose VR was deleted by hand, while its application writes", () => {
    const unmirrored = image("secondary", { mirroring: "disabled", state: undefined, description: undefined });
    const bare = primarySide({ vr: undefined, image: unmirrored });
    const one = (more = {}) => siteSeen("cluster1", "primary", answering({ ...bare, ...more }));
    const handed = copySide(100, { vr: vr("secondary", "TFF"), image: image("secondary", BOTH_DEMOTED) });
    const two = siteSeen("cluster2", "secondary", answering(handed));
    const found = (input: Parameters<typeof statusReport>[0]) =>
        statusReport(input).findings.find((f) => f.code === "unprotected");

    test("is not protected, and not handed over", () => {
        const report = statusReport(pair({ one: one(), two }));
        expect(report.findings[0]).toMatchObject({ level: "critical", code: "unprotected", site: "cluster1" });
        expect(report.findings[0]?.text).toBe(
            "it is not protected: cluster1 uses it (pod rbd-pvc-app-1 mounts it), no VolumeReplication there replicates it, and its image is not mirrored",
        );
        expect(report.findings.map((f) => f.code)).not.toContain("no-primary");
        expect(report.volumes[0]).toMatchObject({ state: "not protected", primary: [] });
        expect(report.sites[0]).toMatchObject({ live: "unprotected" });
    });

    test("also where the other copy went with it", () => {
        const gone = siteSeen("cluster2", "secondary", answering({ ...handed, image: image("missing") }));
        expect(found(pair({ one: one(), two: gone }))).toBeDefined();
    });

    test("while the other site is primary as well: two serve", () => {
        const primary = siteSeen("cluster2", "primary", answering(primarySide({ pods: [] })));
        expect(found(pair({ one: one(), two: primary }))?.text).toContain(
            "cluster2 is primary, so that two sites serve",
        );
    });

    test("goes by what the last up left, where Ceph cannot be looked at", () => {
        expect(found(pair({ one: one({ image: undefined }), two }))?.text).toContain("its image cannot be looked at");
        const follows = siteSeen("cluster1", "secondary", answering({ ...bare, image: undefined }));
        expect(found(pair({ one: follows, two }))).toBeUndefined();
    });

    test("is not what has never been protected, is out of use, or is another volume of that name", () => {
        const none = { outputs: { found: "none" } } as const;
        const before = siteSeen("cluster1", "primary", answering(bare), none);
        const empty = siteSeen("cluster2", "secondary", answering(nothing()), none);
        expect(found(pair({ one: before, two: empty }))).toBeUndefined();
        expect(found(pair({ one: one({ pods: [] }), two }))).toBeUndefined();
        expect(found(pair({ one: one({ pvc: { ...bare.pvc!, volumeName: "pvc-other" } }), two }))).toBeUndefined();
    });
});

describe("the sites", () => {
    test("a config that is not carried out yet: what is due, and the command that does it", () => {
        const input = pair({ one: siteSeen("cluster1", "secondary", answering(primarySide())) });
        const due = statusReport(input).findings.find((f) => f.code === "not-carried-out");
        expect(due).toMatchObject({ site: "cluster1", next: ["pulumi up -s cluster1"] });
        expect(statusReport(input).sites[0]?.decisions).toMatchObject([
            { kind: "change", operation: "planned-demotion" },
        ]);
    });

    test("a secondary that has never been primary has joined with its up, and not before", () => {
        const copy = nothing({ image: image("secondary", { state: "up+replaying", sync: { replayState: "idle" } }) });
        const joined = siteSeen("cluster2", "secondary", answering(copy));
        const report = statusReport(pair({ two: joined }));
        expect(report.sites[1]).toMatchObject({ live: "secondary", decisions: [{ kind: "steady" }] });
        const new_ = siteSeen("cluster2", "secondary", answering(copy), { outputs: { found: "none" } });
        const due = statusReport(pair({ two: new_ })).findings.find((f) => f.code === "not-carried-out");
        expect(due).toMatchObject({ site: "cluster2", next: ["pulumi up -s cluster2"] });
    });

    test("a refusal is shown with its code, its reason and its next steps", () => {
        const input = pair({ two: siteSeen("cluster2", "primary", answering(copySide())) });
        const refusal = statusReport(input).findings.find((f) => f.code === "PEER_PRIMARY");
        expect(refusal).toMatchObject({ site: "cluster2", level: "warning" });
        expect(refusal?.next.length).toBeGreaterThan(0);
        expect(codes(input)).toContain("warning both-asked");
    });

    test("mirroring that Rook reports as failed, and a pool without a peer", () => {
        const mirroring = { ...HEALTHY, daemonHealth: "ERROR", peers: 0 };
        const snapshot = { ...answering(copySide()), mirroring } as ReturnType<typeof answering>;
        const input = pair({ two: siteSeen("cluster2", "secondary", snapshot) });
        expect(codes(input)).toEqual(["critical daemon-health", "warning no-peer"]);
    });

    test("an application on the side of the copy, and none on the side of the primary", () => {
        const two = siteSeen("cluster2", "secondary", answering(copySide(100, { pods: ["app-1"] })));
        expect(codes(pair({ two }))).toEqual(["warning workload-on-copy"]);
        const one = siteSeen("cluster1", "primary", answering(primarySide({ pods: [] })));
        expect(codes(pair({ one }))).toEqual(["warning no-workload"]);
    });

    test("a lock whose holder is dead names the command that takes it away; one that is at work is no finding", () => {
        const at = before(60);
        const one = (state: "alive" | "dead") =>
            siteSeen("cluster1", "primary", answering(primarySide()), {
                lock: { holder: "me@here (pid 7)", at, state },
            });
        expect(statusReport(pair({ one: one("dead") })).findings).toMatchObject([
            { code: "lock-left", next: ["pulumi cancel -s cluster1"] },
        ]);
        const report = statusReport(pair({ one: one("alive") }));
        expect(report.findings).toEqual([]);
        expect(report.sites[0]?.lock).toMatchObject({ seconds: 60, state: "alive" });
    });
});

test("the same finding about many volumes is said once, with all of them", () => {
    const keys = ["a/one", "a/two", "a/three"];
    const volumes = keys.map((key) => ({ name: key.slice(2), namespace: "a", size: "1Gi" }));
    const copies = keys.map((key) => ({
        ...copySide(100, { image: image("secondary", { state: "down+unknown" }) }),
        key,
    }));
    const primaries = keys.map((key) => ({ ...primarySide(), key }));
    const report = statusReport(
        pair({
            one: siteSeen("cluster1", "primary", answering(...primaries), { intent: { volumes } }),
            two: siteSeen("cluster2", "secondary", answering(...copies), { intent: { volumes } }),
        }),
    );
    expect(report.findings.find((f) => f.code === "mirror-down")?.volumes.sort()).toEqual([...keys].sort());
});

test("groups: each volume says its own, a site asks by group, and a group that both ask for is named", () => {
    const volumes = [
        { name: "rbd-pvc", namespace: "default", size: "1Gi" },
        { name: "shop", namespace: "shop", size: "1Gi", group: "shop" },
    ];
    const intent = { volumes, groups: [{ name: "shop", replicationState: "primary" as const }] };
    const report = statusReport(
        pair({
            one: siteSeen("cluster1", "primary", answering(primarySide()), { intent }),
            two: siteSeen("cluster2", "secondary", answering(copySide()), { intent }),
        }),
    );
    expect(report.sites[1]).toMatchObject({
        asked: { groups: { default: "secondary", shop: "primary" } },
        workload: { wanted: "partly" },
    });
    expect(report.volumes.map((v) => v.group)).toEqual([undefined, "shop"]);
    expect(report.findings.find((f) => f.code === "both-asked")?.text).toMatch(/for shop$/);
});

test("the workloads of config are shown with the replicas that they have there; one that is not there is left out", () => {
    const web = { kind: "Deployment" as const, namespace: "shop", name: "web" };
    const seen = { ...web, labels: {}, replicas: 2, claims: [], claimPrefixes: [], deletesClaims: false };
    const workloads = [
        { ...web, why: "named in config", seen },
        { ...web, name: "gone", why: "named in config" },
    ];
    const one = siteSeen("cluster1", "primary", answering(primarySide()), { intent: { workloads } });
    expect(statusReport(pair({ one })).sites[0]?.workload.scaled).toEqual([
        { name: "Deployment shop/web", replicas: 2 },
    ]);
});
