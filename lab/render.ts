/** The lab's status as text for a terminal. */
import chalk from "chalk";
import Table from "cli-table3";
import { type LabStatus, type ProcessStatus, type SiteStatus } from "./status.js";

const COLOURS: Readonly<Record<string, (text: string) => string>> = {
    running: chalk.green,
    frozen: chalk.cyan,
    degraded: chalk.yellow,
    dead: chalk.red,
    stopped: chalk.red,
};

/**
 * Renders a lab's status.
 * @param now the time that ages are counted to.
 */
export function renderStatus(status: LabStatus, now = new Date()): string {
    if (!status.exists) return `There is no lab "${status.lab}". Bring it up with \`npm run lab -- up\`.\n`;
    const without = status.without.length > 0 ? [`left out: ${status.without.join(", ")}`] : [];
    const exposed = status.exposed.map((one) => chalk.yellow(`reachable from other machines: ${one}`));
    return [...status.sites.map((site) => renderSite(site, now)), ...without, ...exposed].join("\n") + "\n";
}

function renderSite(site: SiteStatus, now: Date): string {
    const kubernetes = site.kubernetesReady ? "ready" : "not ready";
    const head = `${chalk.bold(site.site)} (${site.address}): ${colour(site.state)}, Kubernetes ${kubernetes}, Ceph ${site.ceph}`;
    const table = new Table({
        head: ["process", "pid", "state", "since", "listens on"],
        style: { head: [], border: [] },
    });
    table.push(...site.processes.map((one) => row(one, now)));
    return site.processes.length > 0 ? `${head}\n${table.toString()}` : head;
}

function row(one: ProcessStatus, now: Date): string[] {
    const since = one.since ? age(now.getTime() - Date.parse(one.since)) : "";
    return [one.name, one.state === "dead" ? "" : String(one.pid), colour(one.state), since, one.listens.join("\n")];
}

/** A duration in milliseconds as `12 s`, `5 min`, `3 h` or `2 d`. */
export function age(milliseconds: number): string {
    const seconds = Math.max(0, Math.round(milliseconds / 1000));
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
    return `${Math.floor(seconds / 86_400)} d`;
}

function colour(state: string): string {
    return (COLOURS[state] ?? String)(state);
}
