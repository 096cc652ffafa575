import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { ApiProxy } from "../../faults/api-proxy.js";
import { COLUMNS, NO_WRITES, type Trial, type TrialResult } from "../../faults/model.js";
import { allTrials, ROUNDS, shifts } from "../../faults/plan.js";
import { renderMatrix, renderSummary, renderTrials } from "../../faults/render.js";
import { ResultsStore } from "../../faults/results.js";
import { sections } from "../../faults/trial.js";

const result = (over: Partial<TrialResult>): TrialResult => ({
    id: "kill/planned",
    ok: true,
    at: "2026-11-24T06:00:00Z",
    seconds: 60,
    steps: [
        {
            column: "planned failover",
            step: "cluster1 secondary",
            fault: "kill",
            title: "SIGKILL",
            outcome: "completed after 4 kills",
            completed: true,
            typed: ["pulumi cancel"],
            runs: 6,
            seconds: 50,
            violations: [],
            coverage: { kills: 4, steps: 2, underWay: 2, done: 2, outputs: true },
        },
    ],
    writes: { acknowledged: 100, found: 90, inWindow: 8, discarded: 2 },
    looks: { taken: 30, unanswered: 0 },
    ...over,
});

describe("the plan", () => {
    test("names are unique, and a round has one sequence", () => {
        const ids = allTrials().map((trial) => trial.id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const round of ROUNDS) expect(new Set(round.map((trial) => trial.sequence.name)).size).toBe(1);
    });

    test("a fault of a whole site has the site for itself", () => {
        const siteWide = ({ sequence, at }: Trial) =>
            sequence.items.some((item) => item.kind === "step" && at(item)?.siteWide === true);
        for (const round of ROUNDS) if (round.some(siteWide)) expect(round).toHaveLength(1);
    });

    test("all passes together meet each fault at each step", () => {
        for (const name of ["planned", "disaster"]) {
            const own = allTrials().filter(({ id }) => new RegExp(`^site-\\d/${name}$`).test(id));
            const met = own.flatMap(({ sequence, at }) =>
                sequence.items.flatMap((item) => (item.kind === "step" ? [`${at(item)!.name} at ${item.title}`] : [])),
            );
            expect(own).toHaveLength(6);
            expect(new Set(met).size).toBe(met.length);
        }
        expect(shifts(6, 4)).toEqual([0, 4, 2, 1, 5, 3]);
        expect(shifts(6, 6)).toEqual([0, 1, 2, 3, 4, 5]);
    });

    test("pulumi is killed in every column", () => {
        const columns = allTrials().flatMap(({ sequence, at }) =>
            sequence.items.flatMap((item) => (item.kind === "step" && at(item)?.name === "kill" ? [item.column] : [])),
        );
        expect(new Set(columns)).toEqual(new Set(COLUMNS));
    });

    test("a sequence is cut at what befalls a whole site", () => {
        const [first] = ROUNDS.flat().filter((trial) => trial.sequence.name === "disaster");
        const parts = sections(first!.sequence.items);
        expect(parts.map(({ event, steps }) => [event?.title, steps.length])).toEqual([
            ["the application writes", 0],
            ["cluster1 is stopped under load", 1],
            ["cluster1 is started again, with its old application", 4],
        ]);
    });
});

describe("the matrix", () => {
    test("a row for each fault, a column for each step that was tried", () => {
        const results = { revision: "abc", versions: {}, trials: { a: result({}) } };
        expect(renderMatrix(results)).toContain("| SIGKILL | cluster1 secondary: completed after 4 kills |");
        expect(renderTrials(results)).toContain("| kill/planned | 100 | 90 | 8 | 2 | 30 | 1 min | held |");
    });

    test("a breach is in the row and in the summary", () => {
        const step = { ...result({}).steps[0]!, violations: ["both images were primary"] };
        const wrong = result({ ok: false, steps: [step], writes: NO_WRITES });
        const results = { revision: "abc", versions: {}, trials: { a: wrong } };
        expect(renderMatrix(results)).toContain("; **both images were primary** |");
        expect(renderTrials(results)).toContain("**breached**");
        expect(renderSummary(results)).toContain("cluster1 secondary: both images were primary");
    });
});

describe("results", () => {
    let dir: string;
    beforeEach(() => {
        dir = mkdtempSync(join(tmpdir(), "rbd-dr-results-"));
    });
    afterEach(() => rmSync(dir, { recursive: true, force: true }));

    test("what held is not run again; what was breached is", () => {
        const file = join(dir, "results.json");
        const fresh = { revision: "abc", versions: {} };
        const store = new ResultsStore(file, fresh);
        store.add([result({}), result({ id: "kill/teardown", ok: false })]);
        const again = new ResultsStore(file, fresh);
        expect([again.passed("kill/planned"), again.passed("kill/teardown"), again.passed("other")]).toEqual([
            true,
            false,
            false,
        ]);
        again.clear();
        expect(again.passed("kill/planned")).toBe(false);
    });
});

describe("the line to an API server", () => {
    let echo: Server;
    let proxy: ApiProxy;
    beforeEach(async () => {
        echo = createServer((socket) => socket.pipe(socket));
        echo.listen(0, "127.0.0.1");
        await once(echo, "listening");
        proxy = await ApiProxy.to(`https://127.0.0.1:${(echo.address() as AddressInfo).port}`);
    });
    afterEach(async () => {
        await proxy.close();
        echo.close();
    });

    const connect = async () => {
        const socket = createConnection(Number(new URL(proxy.url).port), "127.0.0.1");
        await once(socket, "connect");
        return socket;
    };

    test("carries what is sent, slowly where asked", async () => {
        const socket = await connect();
        proxy.set({ delayMs: 50 });
        const began = Date.now();
        socket.write("hello");
        const [data] = (await once(socket, "data")) as [Buffer];
        expect(data.toString()).toBe("hello");
        expect(Date.now() - began).toBeGreaterThanOrEqual(90);
        socket.destroy();
    });

    test("cut, it ends what is open, and comes back", async () => {
        const socket = await connect();
        socket.write("x");
        await once(socket, "data");
        proxy.set("cut");
        await once(socket, "close");
        proxy.set({ delayMs: 0 });
        const next = await connect();
        next.write("y");
        await once(next, "data");
        next.destroy();
    });
});
