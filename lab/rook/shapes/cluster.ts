/** An external CephCluster: where its connection comes from, and what its status says. */
import type { V1ConfigMap, V1Secret } from "@kubernetes/client-node";
import type { CephClusterStatus, CephHealth } from "../types.js";
import { withClusterCondition } from "./conditions.js";

/** Secret and ConfigMap through which users hand an external cluster to Rook. */
export const MON_SECRET = "rook-ceph-mon";
export const MON_ENDPOINTS = "rook-ceph-mon-endpoints";

/** All that it takes to run ceph's and rbd's commands. */
export interface Connection {
    readonly namespace: string;
    readonly fsid: string;
    /** For example `client.admin`. */
    readonly user: string;
    readonly key: string;
    /** Mon addresses, for example `127.0.1.1:3300`. */
    readonly monitors: readonly string[];
}

/**
 * The connection, or what is missing for it; Rook, too, waits until the user has provided both.
 * @param secret Secret `rook-ceph-mon`
 * @param endpoints ConfigMap `rook-ceph-mon-endpoints`
 */
export function connectionOf(
    namespace: string,
    secret: V1Secret | undefined,
    endpoints: V1ConfigMap | undefined,
): Connection | { readonly missing: string } {
    if (!secret) return { missing: `Secret ${namespace}/${MON_SECRET}` };
    if (!endpoints) return { missing: `ConfigMap ${namespace}/${MON_ENDPOINTS}` };
    const value = (key: string) => Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8");
    const named = value("ceph-username") !== "";
    const user = named ? value("ceph-username") : "client.admin";
    const key = named ? value("ceph-secret") : value("admin-secret");
    if (value("fsid") === "") return { missing: `key fsid of Secret ${namespace}/${MON_SECRET}` };
    if (key === "") return { missing: `key ceph-secret or admin-secret of Secret ${namespace}/${MON_SECRET}` };
    const monitors = parseEndpoints(endpoints.data?.["data"] ?? "");
    if (monitors.length === 0) return { missing: `key data of ConfigMap ${namespace}/${MON_ENDPOINTS}` };
    return { namespace, fsid: value("fsid"), user, key, monitors };
}

/** `a=127.0.1.1:3300,b=...` -> the addresses. */
export function parseEndpoints(text: string): string[] {
    return text.split(",").flatMap((endpoint) => endpoint.split("=")[1]?.trim() || []);
}

/** What `ceph status --format json` says, as far as it is used. */
export interface CephStatusReport {
    readonly fsid: string;
    readonly health: {
        readonly status: string;
        readonly checks?: Readonly<
            Record<string, { readonly severity: string; readonly summary: { readonly message: string } }>
        >;
    };
    readonly pgmap?: { readonly bytes_total?: number; readonly bytes_used?: number; readonly bytes_avail?: number };
}

/** Status while the connection is looked for. */
export function connecting(status: CephClusterStatus, now: string): CephClusterStatus {
    const condition = {
        type: "Connecting",
        status: "True",
        reason: "ClusterConnecting",
        message: "Attempting to connect to an external Ceph cluster",
    } as const;
    return withClusterCondition(status, condition, now, false);
}

/** Status of a cluster that answers. @param versions what `ceph versions` says */
export function connected(
    status: CephClusterStatus,
    report: CephStatusReport,
    versions: unknown,
    now: string,
): CephClusterStatus {
    const condition = {
        type: "Connected",
        status: "True",
        reason: "ClusterConnected",
        message: "Cluster connected successfully",
    } as const;
    return withClusterCondition(
        { ...status, ceph: { ...healthOf(status.ceph, report, now), versions } },
        condition,
        now,
        true,
    );
}

/** Status of a cluster that does not answer. @param error what the command said */
export function disconnected(status: CephClusterStatus, error: string, now: string): CephClusterStatus {
    const report: CephStatusReport = {
        fsid: status.ceph?.fsid ?? "",
        health: { status: "HEALTH_ERR", checks: { error: { severity: "Urgent", summary: { message: error } } } },
    };
    const condition = {
        type: "Connected",
        status: "False",
        reason: "ClusterConnected",
        message: "Failed to configure external ceph cluster",
    } as const;
    return withClusterCondition({ ...status, ceph: healthOf(status.ceph, report, now) }, condition, now, true);
}

/** `status.ceph`: what is seen now, and when it last changed. */
export function healthOf(before: CephHealth | undefined, report: CephStatusReport, now: string): CephHealth {
    const checks = Object.entries(report.health.checks ?? {});
    const changed = before !== undefined && before.health !== report.health.status;
    const total = report.pgmap?.bytes_total ?? 0;
    return {
        health: report.health.status,
        fsid: report.fsid,
        lastChecked: now,
        ...(before?.previousHealth || changed
            ? { previousHealth: changed ? before.health : before?.previousHealth }
            : {}),
        ...(before?.lastChanged || changed ? { lastChanged: changed ? now : before?.lastChanged } : {}),
        ...(checks.length > 0
            ? {
                  details: Object.fromEntries(
                      checks.map(([name, { severity, summary }]) => [name, { severity, message: summary.message }]),
                  ),
              }
            : {}),
        ...(total > 0
            ? {
                  capacity: {
                      bytesTotal: total,
                      bytesUsed: report.pgmap?.bytes_used ?? 0,
                      bytesAvailable: report.pgmap?.bytes_avail ?? 0,
                      lastUpdated: now,
                  },
              }
            : before?.capacity
              ? { capacity: before.capacity }
              : {}),
    };
}
