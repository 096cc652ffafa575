/** What is wrong with a site, and with the two of them together. */
import type { SiteSeen } from "./model.js";
import type { Finding, SiteStatus } from "./schema.js";

/** Seconds after which a run that holds a stack is worth a word: the longest waits of the program are an hour. */
const LONG_RUN = 3600;

/** Judges a site. */
export function judgeSite(site: SiteStatus, seen: SiteSeen): Finding[] {
    return [
        ...reachFindings(site),
        ...decisionFindings(site),
        ...mirroringFindings(site),
        ...workloadFindings(site, seen),
        ...lockFindings(site),
    ];
}

/** Judges what the two sites are asked to be, group by group. */
export function judgeTogether(sites: readonly SiteStatus[]): Finding[] {
    if (sites.some((site) => site.asked.lostSite !== undefined || site.asked.teardown)) return [];
    const groups = new Set(sites.flatMap((site) => Object.keys(site.asked.groups)));
    const names = sites.map((site) => site.name).join(" and ");
    return [...groups].flatMap((group): Finding[] => {
        const what = groups.size === 1 ? "" : ` for ${group}`;
        const about = { level: "warning", volumes: [], next: [] } as const;
        switch (sites.filter((site) => site.asked.groups[group] === "primary").length) {
            case 2:
                return [
                    {
                        ...about,
                        volumes: [],
                        next: [],
                        code: "both-asked",
                        text: `${names} are both asked to be primary${what}`,
                    },
                ];
            case 0:
                return [
                    {
                        ...about,
                        volumes: [],
                        next: [],
                        code: "none-asked",
                        text: `neither ${names} is asked to be primary${what}`,
                    },
                ];
            default:
                return [];
        }
    });
}

function finding(site: SiteStatus, level: Finding["level"], code: string, text: string, next: string[] = []): Finding {
    return { level, code, site: site.name, volumes: [], text, next };
}

function reachFindings(site: SiteStatus): Finding[] {
    if (site.reach === "observed") return [];
    // Until it is known better, a site is what it was told to be last.
    const wasPrimary = Object.values((site.recorded ?? site.asked).groups).includes("primary");
    const heard = site.lastHeard === undefined ? "" : `; last heard of at ${site.lastHeard}`;
    return [
        finding(
            site,
            wasPrimary ? "critical" : "warning",
            "unreachable",
            `${site.name} does not answer (${site.why})${heard}`,
        ),
    ];
}

function decisionFindings(site: SiteStatus): Finding[] {
    return site.decisions.flatMap(({ kind, group, code, text, next }) => {
        const of = group === undefined ? site.name : `${site.name}, group ${group},`;
        if (kind === "steady") return [];
        // That a cluster does not answer has been said, with more to it.
        if (site.reach === "unreachable" && code === "OWN_UNREACHABLE") return [];
        if (kind === "refusal")
            return [finding(site, "warning", code!, `pulumi up of ${site.name} would refuse: ${text}`, next)];
        const command = `pulumi up -s ${site.name}`;
        return [finding(site, "warning", "not-carried-out", `${of} is not what its config asks: ${text}`, [command])];
    });
}

function mirroringFindings(site: SiteStatus): Finding[] {
    if (site.reach !== "observed") return [];
    const { mirroring } = site;
    if (mirroring === undefined)
        return [finding(site, "warning", "no-mirroring", `${site.name} reports no mirroring of its pool`)];
    const found: Finding[] = [];
    if (mirroring.peers === 0)
        found.push(finding(site, "warning", "no-peer", `the pool of ${site.name} has no mirroring peer`));
    if (mirroring.daemonHealth !== undefined && mirroring.daemonHealth !== "OK")
        found.push(
            finding(
                site,
                levelOf(mirroring.daemonHealth),
                "daemon-health",
                `rbd-mirror on ${site.name} is ${mirroring.daemonHealth}`,
            ),
        );
    return found;
}

/** Whether an `up` of the site would leave every volume as it is. */
export function isSteady(site: SiteStatus): boolean {
    return site.decisions.every((decision) => decision.kind === "steady");
}

function levelOf(health: string): Finding["level"] {
    return health === "ERROR" ? "critical" : "warning";
}

function workloadFindings(site: SiteStatus, seen: SiteSeen): Finding[] {
    if (site.reach !== "observed") return [];
    const { wanted, pods } = site.workload;
    if (wanted === "down" && pods > 0 && site.live !== "primary")
        return [
            finding(
                site,
                "warning",
                "workload-on-copy",
                `${pods} pod${pods === 1 ? "" : "s"} on ${site.name} mount volumes that are not primary there`,
            ),
        ];
    const some = seen.intent.volumes.length > 0 && seen.outputs.found === "outputs";
    if (wanted === "up" && pods === 0 && site.live === "primary" && some && isSteady(site))
        return [finding(site, "warning", "no-workload", `no pod on ${site.name} mounts any of the volumes`)];
    return [];
}

function lockFindings(site: SiteStatus): Finding[] {
    const { lock } = site;
    if (lock === undefined) return [];
    const since = lock.at === undefined ? "" : ` since ${lock.at}`;
    if (lock.state === "dead")
        return [
            finding(
                site,
                "warning",
                "lock-left",
                `stack ${site.name} is locked by ${lock.holder}${since}, which has ended`,
                [`pulumi cancel -s ${site.name}`],
            ),
        ];
    if ((lock.seconds ?? 0) > LONG_RUN)
        return [finding(site, "warning", "lock-long", `stack ${site.name} is locked by ${lock.holder}${since}`)];
    return [];
}
