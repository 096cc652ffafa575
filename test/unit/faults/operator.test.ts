import { describe, expect, test } from "@jest/globals";
import { describeRefusal } from "../../../dr/describe.js";
import { PulumiCli, type PulumiResult } from "../../../lab/program/pulumi-cli.js";
import { describeOutcome, doAsTold, readOutcome } from "../../faults/operator.js";

const LOCKED = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///state/.pulumi/locks/x.json: created by root@host (pid 7) at 2026-11-24T06:00:00Z`;

class RecordingCli extends PulumiCli {
    readonly calls: string[][] = [];
    constructor() {
        super("/", {});
    }
    override run(args: readonly string[]): Promise<PulumiResult> {
        this.calls.push([...args]);
        return Promise.resolve({ exitCode: 0, text: "", stdout: "", seconds: 0 });
    }
}

describe("what a run says", () => {
    test("a lock is taken off as the error tells", async () => {
        const outcome = readOutcome({ exitCode: 255, text: LOCKED });
        expect(outcome).toMatchObject({ kind: "locked", told: ["pulumi cancel"] });
        const cli = new RecordingCli();
        expect(await doAsTold(cli, "cluster1", outcome)).toEqual(["pulumi cancel -s cluster1"]);
        expect(cli.calls).toEqual([["cancel", "-s", "cluster1", "--yes"]]);
    });

    test("a lock without a word of what to type is an error", async () => {
        const outcome = readOutcome({ exitCode: 255, text: "error: the stack is currently locked by 1 lock(s)" });
        await expect(doAsTold(new RecordingCli(), "cluster1", outcome)).rejects.toThrow("does not tell");
    });

    test("a refusal gives its code and the commands it tells", async () => {
        const text = describeRefusal({
            kind: "refusal",
            code: "PEER_PRIMARY",
            reason: "cluster1 is primary",
            seen: ["cluster1: primary"],
            next: ["pulumi config set replicationState secondary -s cluster1 && pulumi up -s cluster1"],
        });
        const outcome = readOutcome({ exitCode: 1, text: `error: ${text}\n\nResources:` });
        expect(describeOutcome(outcome)).toBe("refused PEER_PRIMARY");
        expect(outcome.told).toEqual([
            "pulumi config set replicationState secondary -s cluster1 && pulumi up -s cluster1",
        ]);
        expect(await doAsTold(new RecordingCli(), "cluster1", outcome)).toEqual([]);
    });

    test("a refusal tells which of Rook's daemons to restart, and on which site", () => {
        const text = describeRefusal({
            kind: "refusal",
            code: "OWN_MIRROR_DOWN",
            reason: "rbd-mirror does not run",
            seen: [],
            next: [
                "kubectl -n rook-ceph rollout restart deployment/rook-ceph-rbd-mirror-a, on cluster2",
                "if it cannot log in: kubectl -n rook-ceph rollout restart deployment/rook-ceph-operator, on cluster2: Rook imports",
            ],
        });
        expect(readOutcome({ exitCode: 1, text: `error: ${text}` }).restarts).toEqual([
            { deployment: "rook-ceph-rbd-mirror-a", site: "cluster2" },
            { deployment: "rook-ceph-operator", site: "cluster2" },
        ]);
        expect(readOutcome({ exitCode: 255, text: LOCKED }).restarts).toEqual([]);
    });

    test("a failure is told by the first error that says something", () => {
        const text = "  error: update failed\n  error: Waited 75 s for it; seen last: nothing\n";
        expect(describeOutcome(readOutcome({ exitCode: 255, text }))).toBe(
            "failed: Waited 75 s for it; seen last: nothing",
        );
        expect(readOutcome({ exitCode: 0, text: "error: " }).kind).toBe("completed");
        const nested = '  error: 1 error occurred:\n    \t* the server reported that "a/b" conflicts\n';
        expect(readOutcome({ exitCode: 1, text: nested }).text).toBe('the server reported that "a/b" conflicts');
        const urn = "urn:pulumi:c::p::t$kubernetes:x:VolumeReplication::data-vr";
        expect(readOutcome({ exitCode: 1, text: `error: update of "${urn}" failed: EOF` }).text).toBe(
            "update of data-vr failed: EOF",
        );
    });
});
