/** The by-hand script against a kubectl that answers from files: what it restores, and in which order it dares what. */
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa, execaSync } from "execa";

jest.setTimeout(60_000);

const SCRIPT = fileURLToPath(new URL("../../../bench/contenders/by-hand.sh", import.meta.url));

/** The script needs jq, as the bench says when it is missing. */
const withJq = execaSync("jq", ["--version"], { reject: false }).exitCode === 0 ? test : test.skip;

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "by-hand-"));
    // Notes every call; a `get` is answered from the file of its kind and site, anything else with success.
    writeFileSync(
        join(folder, "kubectl"),
        `#!/usr/bin/env bash
echo "$*" >>"${folder}/calls"
context=$2 verb=$5 kind=$6
[ "$verb" = get ] || exit 0
case "$*" in
    *"-o name") [ "$context" = a ] && echo pvc/v1; exit 0 ;;
    *) [ "$(wc -l <"${folder}/calls")" -gt 8 ] && [ -e "${folder}/$kind.after.json" ] && kind=$kind.after; cat "${folder}/$kind.json" ;;
esac
`,
    );
    chmodSync(join(folder, "kubectl"), 0o755);
    const items = (...list: object[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items: list });
    const put = (kind: string, text: string) => writeFileSync(join(folder, `${kind}.json`), text);
    put("pv", items(PV, { ...PV, metadata: { name: "pv-other" } }));
    put("pvc", items(PVC, { ...PVC, metadata: { ...PVC.metadata, name: "unreplicated" } }));
    put("volumereplication", items(vr("primary", "False")));
    put("volumereplication.after", items(vr("secondary", "False")));
    put("volumeattachment", items(attachment("va-1", "pv-1"), attachment("va-2", "pv-other")));
});
afterEach(() => rmSync(folder, { recursive: true }));

const PV = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "pv-1", uid: "1", resourceVersion: "7", finalizers: ["kubernetes.io/pv-protection"] },
    spec: {
        persistentVolumeReclaimPolicy: "Delete",
        claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "n", name: "v1", uid: "9" },
        csi: { volumeHandle: "h" },
    },
    status: { phase: "Bound" },
};
const PVC = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
        name: "v1",
        namespace: "n",
        uid: "9",
        annotations: { "pv.kubernetes.io/bind-completed": "yes" },
        finalizers: ["kubernetes.io/pvc-protection"],
    },
    spec: { volumeName: "pv-1", storageClassName: "c" },
    status: { phase: "Bound" },
};
const vr = (state: "primary" | "secondary", degraded: string) => ({
    apiVersion: "replication.storage.openshift.io/v1alpha1",
    kind: "VolumeReplication",
    metadata: { name: "v1", namespace: "n", generation: 2, uid: "3", finalizers: ["x"] },
    spec: { replicationState: state, autoResync: false, dataSource: { name: "v1" } },
    status: {
        state: state === "primary" ? "Primary" : "Secondary",
        observedGeneration: 2,
        conditions: [
            { type: "Completed", status: "True" },
            { type: "Degraded", status: degraded },
            { type: "Resyncing", status: "False" },
        ],
    },
});
const attachment = (name: string, pv: string) => ({
    metadata: { name },
    spec: { source: { persistentVolumeName: pv } },
});

function move() {
    const PATH = [folder, process.env["PATH"] ?? ""].join(delimiter);
    return execa(SCRIPT, ["a", "b", "n", join(folder, "backup")], { env: { PATH }, reject: false });
}
const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
const backup = (file: string) => JSON.parse(readFileSync(join(folder, "backup", file), "utf8")) as { items: object[] };

withJq("stops, waits, demotes, waits for the handover, and only then promotes and starts", async () => {
    expect((await move()).stderr).toBe("");
    const steps = [
        "--context b -n n apply --server-side -f .*/pv.json",
        "--context b -n n apply --server-side -f .*/pvc.json",
        "--context a -n n scale deployment --all --replicas=0",
        "--context a -n n wait pod --all --for=delete",
        "--context a -n n wait volumeattachment va-1 --for=delete",
        "--context a -n n patch .*secondary",
        "--context a -n n wait volumereplication --all --for=condition=Degraded=False",
        "--context b -n n apply --server-side --force-conflicts -f .*/vr.json",
        "--context b -n n wait volumereplication --all --for=jsonpath={.status.state}=Primary",
        "--context b -n n scale deployment --all --replicas=1",
    ];
    const places = steps.map((step) => calls().findIndex((call) => new RegExp(step).test(call)));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((x, y) => x - y));
});

withJq("restores what was replicated and nothing else, without what belongs to one cluster", async () => {
    await move();
    expect(backup("pv.json").items).toEqual([
        {
            apiVersion: "v1",
            kind: "PersistentVolume",
            metadata: { name: "pv-1" },
            spec: {
                persistentVolumeReclaimPolicy: "Retain",
                claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "n", name: "v1" },
                csi: { volumeHandle: "h" },
            },
        },
    ]);
    expect(backup("pvc.json").items).toEqual([
        {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { name: "v1", namespace: "n", labels: {} },
            spec: { volumeName: "pv-1", storageClassName: "c" },
        },
    ]);
    expect(backup("vr.json").items).toMatchObject([
        { metadata: { name: "v1" }, spec: { replicationState: "primary" } },
    ]);
});

withJq("what has not been handed over is not promoted", async () => {
    const late = { apiVersion: "v1", kind: "List", items: [vr("secondary", "True")] };
    writeFileSync(join(folder, "volumereplication.after.json"), JSON.stringify(late));
    const run = await move();
    expect(run.exitCode).not.toBe(0);
    expect(run.stderr).toContain("nothing is promoted");
    expect(calls().filter((call) => call.includes("--context b") && call.includes("vr.json"))).toEqual([]);
});
