/** The report as Prometheus reads it. */
import { afterAll, expect, test } from "@jest/globals";
import { mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { metricsText, writeMetrics } from "../../../../cli/status/metrics.js";
import { statusReport } from "../../../../cli/status/model.js";
import { UNREACHABLE } from "../../dr/world.js";
import { answering, copySide, NOW, pair, siteSeen } from "./pair.js";

const leftovers: string[] = [];
afterAll(() => Promise.all(leftovers.map((dir) => rm(dir, { recursive: true }))));

test("a healthy pair, as the whole text", async () => {
    expect(await metricsText(statusReport(pair()))).toMatchSnapshot();
});

test("what is not known of a silent site has no sample; a refusal has its code", async () => {
    const one = siteSeen("cluster1", "primary", UNREACHABLE);
    const two = siteSeen("cluster2", "primary", answering(copySide()));
    const text = await metricsText(statusReport(pair({ one, two })));
    expect(text).toContain('rbd_dr_site_up{site="cluster1"} 0');
    expect(text).not.toContain('rbd_dr_site_primary{site="cluster1"}');
    expect(text).toContain('rbd_dr_site_refusal{site="cluster2",code="PEER_UNREACHABLE"} 1');
    expect(text).toContain("rbd_dr_status 2");
});

test("every sample has HELP and TYPE, and every name the prefix", async () => {
    const lines = (await metricsText(statusReport(pair()))).trim().split("\n");
    const samples = lines.filter((line) => line !== "" && !line.startsWith("#"));
    for (const sample of samples) {
        const name = sample.split(/[{ ]/)[0]!;
        expect(name).toMatch(/^rbd_dr_/);
        expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^# HELP ${name} `)));
        expect(lines).toContain(`# TYPE ${name} gauge`);
    }
});

test("the file is written whole, readable for the collector, and nothing is left beside it", async () => {
    const dir = await mkdtemp(join(tmpdir(), "rbd-dr-metrics-"));
    leftovers.push(dir);
    const file = join(dir, "rbd_dr.prom");
    await writeMetrics(file, statusReport(pair()));
    await writeMetrics(file, statusReport(pair()));
    expect(await readdir(dir)).toEqual(["rbd_dr.prom"]);
    expect(await readFile(file, "utf8")).toContain(`rbd_dr_status_timestamp_seconds ${Date.parse(NOW) / 1000}`);
    expect((await stat(file)).mode & 0o777 & ~0o022).toBe(0o644);
});
