/** Locks, orphans, what the engine says, and config edits: everything of cli/engine that needs no pulumi. */
import { describe, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { parse } from "yaml";
import { EngineEvents, refusalIn } from "../../../cli/engine/engine-events.js";
import { isLockedText, judgeLock, parseLocks, readLocks } from "../../../cli/engine/lock.js";
import { orphansOfProject, orphansOfRun } from "../../../cli/engine/orphans.js";
import { parsePs, type ProcessInfo } from "../../../cli/engine/processes.js";
import { EventBus, type CliEvent } from "../../../cli/events.js";
import { changesBetween, changesOf } from "../../../cli/preview/changes.js";
import { editedText } from "../../../cli/preview/config-copy.js";

const LOCKED = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///state/.pulumi/locks/organization/rbd-dr/cluster1/1.json: created by root@here (pid 123) at 2026-11-24T06:13:25Z`;

describe("locks", () => {
    test("holders are read from what the CLI says", () => {
        expect(parseLocks(LOCKED)).toEqual([{ user: "root", host: "here", pid: 123, at: "2026-11-24T06:13:25.000Z" }]);
        expect(parseLocks("error: created by root@here (pid 1) at noon")).toEqual([]);
        expect(isLockedText(LOCKED)).toBe(true);
        expect(isLockedText("[409] Conflict: Another update is currently in progress.")).toBe(true);
        expect(isLockedText("error: update failed")).toBe(false);
    });

    test.each(["", "?metadata=skip&no_tmp_dir=true"])(
        "holders are read from the files of a folder backend%s",
        async (options) => {
            const folder = mkdtempSync(join(tmpdir(), "rbd-dr-locks-"));
            const dir = join(folder, ".pulumi", "locks", "organization", "rbd-dr", "cluster1");
            mkdirSync(dir, { recursive: true });
            const held = { pid: 123, username: "root", hostname: "here", timestamp: "2026-11-24T06:13:25Z" };
            writeFileSync(join(dir, "1.json"), JSON.stringify(held));
            writeFileSync(join(dir, "2.json"), "{");
            const locks = await readLocks(`file://${folder}${options}`, "rbd-dr", "cluster1");
            rmSync(folder, { recursive: true });
            expect(locks).toEqual([{ user: "root", host: "here", pid: 123, at: "2026-11-24T06:13:25.000Z" }]);
        },
    );

    const [lock] = parseLocks(LOCKED);
    const started = (at: string) => [{ pid: 123, startedAt: new Date(at) }];
    test.each<[string, Parameters<typeof judgeLock>[1], string]>([
        ["alive", started("2026-11-24T06:13:20Z"), "here"],
        ["dead", [], "here"],
        // The pid was given to somebody else meanwhile.
        ["dead", started("2026-11-24T07:00:00Z"), "here"],
        ["elsewhere", [], "there"],
    ])("%s", (judged, processes, host) => expect(judgeLock(lock!, processes, host)).toBe(judged));
});

describe("orphans", () => {
    const process = (pid: number, parent: number, command: string, more: Partial<ProcessInfo> = {}): ProcessInfo => ({
        pid,
        parent,
        startedAt: new Date(0),
        command: command.split(" "),
        ...more,
    });
    const program = "node /p/node_modules/@pulumi/pulumi/cmd/run/index.js --pwd /p";

    test("of a marked run: all that carry the mark, the CLI apart from its helpers", () => {
        const all = [
            process(10, 1, "/bin/pulumi up", { run: "dead" }),
            process(11, 10, "/bin/pulumi-language-nodejs 127.0.0.1:1", { run: "dead" }),
            process(12, 1, "/bin/pulumi up", { run: "other" }),
            process(13, 1, "/bin/pulumi up"),
        ];
        expect(orphansOfRun(all, "dead")).toEqual({ pulumi: [10], helpers: [11] });
    });

    test("of plain runs: helpers of this project that no pulumi looks after", () => {
        const all = [
            process(1, 0, "init"),
            process(20, 1, "pulumi-language-nodejs 127.0.0.1:1", { cwd: "/w" }),
            process(21, 20, program, { cwd: "/p" }),
            process(22, 1, "/x/pulumi-resource-kubernetes 127.0.0.1:1", { cwd: "/w" }),
            // Those of a run that is alive, of another project, of ours, and somebody's own Node.
            process(30, 1, "pulumi up", { cwd: "/w" }),
            process(31, 30, "pulumi-language-nodejs 127.0.0.1:2", { cwd: "/w" }),
            process(32, 31, program, { cwd: "/p" }),
            process(40, 1, "pulumi-language-nodejs 127.0.0.1:3", { cwd: "/elsewhere" }),
            process(50, 1, "pulumi-language-nodejs 127.0.0.1:4", { cwd: "/w", run: "alive" }),
            process(60, 1, "node server.js", { cwd: "/p" }),
        ];
        expect(orphansOfProject(all, "/w", "/p")).toEqual({ pulumi: [], helpers: [20, 21, 22] });
    });

    test("where there is no /proc, ps tells as much", () => {
        const plain = [
            "  10     1 S    Tue Nov 24 06:13:25 2026     /opt/bin/pulumi up --yes",
            "  11    10 Z    Tue Nov 24 06:13:26 2026     (pulumi)",
        ].join("\n");
        const [found, ...rest] = parsePs(plain, "  10 /opt/bin/pulumi up --yes PATH=/bin RBD_DR_RUN=abc HOME=/x\n");
        expect(rest).toEqual([]);
        expect(found).toMatchObject({ pid: 10, parent: 1, run: "abc", command: ["/opt/bin/pulumi", "up", "--yes"] });
        expect(found!.startedAt.getFullYear()).toBe(2026);
    });
});

describe("the engine's events", () => {
    const follow = (...events: Partial<EngineEvent>[]) => {
        const bus = new EventBus();
        const told: CliEvent[] = [];
        bus.on((event) => told.push(event));
        const engine = new EngineEvents(bus, "cluster1", 1);
        for (const event of events) engine.listen({ sequence: 0, timestamp: 100, ...event });
        return { engine, told };
    };
    const says = (severity: string, message: string, ephemeral = false) =>
        ({ diagnosticEvent: { severity, message, ephemeral, color: "raw" } }) as Partial<EngineEvent>;

    test("gates and objects become waits, messages stay messages, debug is never told", () => {
        const { told, engine } = follow(
            says("info", "<{%reset%}>waiting for default/a to be out of use: pod x mounts it<{%reset%}>", true),
            says(
                "warning",
                "warning: Attempting to deploy or update resources with 1 pending operations from previous deployment.",
            ),
            says("debug", "RegisterResource RPC finished: a secret"),
            says("warning", "using pulumi-resource-kubernetes from $PATH at /x"),
            says("error", "Refused (PEER_PRIMARY) for group shop: no.\\nSeen:\\n  x"),
        );
        expect(told).toMatchObject([
            { type: "waiting", leg: 1, for: "default/a to be out of use", seen: "pod x mounts it" },
            { type: "message", severity: "warning" },
            { type: "message", severity: "error" },
        ]);
        expect(engine.pendingCreates).toBe(true);
        expect(refusalIn(engine.errors)).toMatchObject({ code: "PEER_PRIMARY" });
        expect(refusalIn(["update failed"])).toBeUndefined();
    });

    test("a step has a start, an end and a duration; what stays the same is not told", () => {
        const metadata = (op: string) => ({
            op,
            urn: "urn:pulumi:s::p::a$kubernetes:x/v1:VR::db-vr",
            type: "kubernetes:x/v1:VR",
        });
        const { told } = follow(
            { resourcePreEvent: { metadata: metadata("update") } } as never,
            { resOutputsEvent: { metadata: metadata("update") }, timestamp: 107 } as never,
            { resOutputsEvent: { metadata: metadata("same") } } as never,
        );
        expect(told).toMatchObject([
            { type: "resource", op: "update", kind: "VR", name: "db-vr", status: "started" },
            { status: "done", seconds: 7 },
        ]);
    });
});

describe("edits of a copy of a stack file", () => {
    const text =
        "# a site\nconfig:\n    rbd-dr:replicationState: primary # now\n    # the peer\n    rbd-dr:peer: cluster2\n";

    test("comments stay, other keys stay, groups are reached by path", () => {
        const edited = editedText(text, "rbd-dr", [
            { key: "replicationState", value: "secondary" },
            { key: "lostSite", value: "cluster2" },
            { key: "groups.shop.replicationState", value: "primary" },
        ]);
        expect(edited).toContain("# a site");
        expect(edited).toContain("replicationState: secondary # now");
        expect(edited).toContain("# the peer");
        expect(parse(edited)).toEqual({
            config: {
                "rbd-dr:replicationState": "secondary",
                "rbd-dr:peer": "cluster2",
                "rbd-dr:lostSite": "cluster2",
                "rbd-dr:groups": { shop: { replicationState: "primary" } },
            },
        });
        expect(editedText(edited, "rbd-dr", [{ key: "lostSite" }])).not.toContain("lostSite");
    });
});

describe("changes", () => {
    const type = "kubernetes:replication/v1:VolumeReplication";
    const vr = (op: string, old: object | undefined, now: object | undefined) =>
        new Map([["urn::x::db-vr", { op, type, old: old as never, new: now as never }]]);

    test("of a preview, field by field, without what the provider keeps for itself", () => {
        expect(
            changesOf(
                vr(
                    "update",
                    { __fieldManager: "a", spec: { replicationState: "primary", autoResync: false } },
                    { __fieldManager: "b", spec: { replicationState: "secondary", autoResync: false } },
                ),
            ),
        ).toMatchObject([
            {
                op: "update",
                name: "db-vr",
                fields: [{ path: "spec.replicationState", old: "primary", new: "secondary" }],
            },
        ]);
        expect(changesOf(vr("same", { a: 1 }, { a: 1 }))).toEqual([]);
    });

    test("between two previews of one stack: what the second changes of what the first leaves", () => {
        const first = vr("update", { spec: { s: "primary" } }, { spec: { s: "resync" } });
        const second = vr("same", { spec: { s: "primary" } }, { spec: { s: "primary" } });
        expect(changesBetween(first, second)).toMatchObject([
            { op: "update", fields: [{ path: "spec.s", old: "resync", new: "primary" }] },
        ]);
        expect(changesBetween(new Map(), first)).toMatchObject([{ op: "create" }]);
        expect(changesBetween(first, new Map())).toMatchObject([{ op: "delete" }]);
        expect(changesBetween(first, first)).toEqual([]);
    });
});
