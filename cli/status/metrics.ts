/** The report as Prometheus metrics, for the textfile collector of node_exporter. */
import { rename, writeFile } from "node:fs/promises";
import { Gauge, Registry } from "prom-client";
import { LEVELS, type StatusReport } from "./schema.js";

/** The metrics as text. */
export async function metricsText(report: StatusReport): Promise<string> {
    const registry = new Registry();
    const gauge = (name: string, help: string, labels: string[] = []) =>
        new Gauge({ name: `rbd_dr_${name}`, help, labelNames: labels, registers: [registry] });

    gauge("status", "Gravest finding: 0 healthy, 1 warning, 2 critical.").set(LEVELS.indexOf(report.level));
    gauge("status_timestamp_seconds", "When the sites were looked at.").set(Date.parse(report.at) / 1000);
    gauge("scheduling_interval_seconds", "Interval of the mirror snapshots.").set(report.intervalSeconds);
    const findings = gauge("findings", "How many findings there are of a level.", ["level"]);
    for (const level of ["warning", "critical"] as const)
        findings.set({ level }, report.findings.filter((f) => f.level === level).length);
    siteMetrics(report, gauge);
    volumeMetrics(report, gauge);
    return registry.metrics();
}

type MakeGauge = (name: string, help: string, labels?: string[]) => Gauge;

function siteMetrics({ sites }: StatusReport, gauge: MakeGauge): void {
    const up = gauge("site_up", "Whether the site's cluster answered.", ["site"]);
    const asked = gauge("site_asked_primary", "Whether the stack's config asks for primary, by group.", [
        "site",
        "group",
    ]);
    const primary = gauge("site_primary", "Whether all volumes on the site are primary.", ["site"]);
    const refused = gauge("site_refusal", "1 where an up would be refused, by its code.", ["site", "code"]);
    const due = gauge("site_change_due", "Whether an up would move a volume.", ["site"]);
    const daemon = gauge("site_mirror_daemon_ok", "Whether rbd-mirror is in good health.", ["site"]);
    const peers = gauge("site_mirror_peers", "Peers of the mirrored pool.", ["site"]);
    const pods = gauge("site_pods", "Pods that mount a volume.", ["site"]);
    const lock = gauge("site_lock_seconds", "How long the stack has been locked; absent while it is free.", ["site"]);
    for (const s of sites) {
        const site = { site: s.name };
        const seen = s.reach === "observed";
        up.set(site, Number(seen));
        for (const [group, state] of Object.entries(s.asked.groups))
            asked.set({ ...site, group }, Number(state === "primary"));
        due.set(site, Number(s.decisions.some((d) => d.kind === "change")));
        for (const { code } of s.decisions) if (code !== undefined) refused.set({ ...site, code }, 1);
        if (s.lock?.seconds !== undefined) lock.set(site, s.lock.seconds);
        if (!seen) continue;
        primary.set(site, Number(s.live === "primary"));
        pods.set(site, s.workload.pods);
        if (s.mirroring === undefined) continue;
        peers.set(site, s.mirroring.peers);
        if (s.mirroring.daemonHealth !== undefined) daemon.set(site, Number(s.mirroring.daemonHealth === "OK"));
    }
}

function volumeMetrics({ volumes, sites }: StatusReport, gauge: MakeGauge): void {
    const status = gauge("volume_status", "0 healthy, 1 warning, 2 critical.", ["volume"]);
    const sync = gauge("volume_last_sync_timestamp_seconds", "Newest snapshot that the other site is known to hold.", [
        "volume",
    ]);
    const rpo = gauge("volume_rpo_seconds", "Age of that snapshot: what a disaster now would cost at most.", [
        "volume",
    ]);
    const primary = gauge("volume_primary", "Whether the volume is primary on the site.", ["volume", "site"]);
    const state = gauge("volume_image_state", "1 for the state of the volume's image on the site, as rbd has it.", [
        "volume",
        "site",
        "state",
    ]);
    for (const v of volumes) {
        const volume = { volume: v.key };
        status.set(volume, LEVELS.indexOf(v.level));
        if (v.lastSync !== undefined) sync.set(volume, Date.parse(v.lastSync) / 1000);
        if (v.rpoSeconds !== undefined) rpo.set(volume, v.rpoSeconds);
        for (const { name } of sites) {
            const here = v.sites[name];
            if (here === undefined) continue;
            primary.set({ ...volume, site: name }, Number(v.primary.includes(name)));
            if (here.image?.state !== undefined) state.set({ ...volume, site: name, state: here.image.state }, 1);
        }
    }
}

/** Writes the metrics by renaming: the collector never reads half a file. Readable by all, since it runs as another user. */
export async function writeMetrics(file: string, report: StatusReport): Promise<void> {
    const temporary = `${file}.${process.pid}.tmp`;
    await writeFile(temporary, await metricsText(report), { mode: 0o644 });
    await rename(temporary, file);
}
