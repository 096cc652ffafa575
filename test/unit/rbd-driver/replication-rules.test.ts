import { describe, expect, test } from "@jest/globals";
import type { GlobalStatus } from "../../../lab/rbd-driver/mirror-status.js";
import * as rules from "../../../lab/rbd-driver/replication-rules.js";
import { Code, RpcError } from "../../../lab/rbd-driver/rpc-error.js";

const primary = { state: "enabled", primary: true };
const secondary = { state: "enabled", primary: false };
const disabled = { state: "disabled", primary: false };
const site = (text: string, description = "") => {
    const [up, state] = text.split("+") as [string, string];
    return { up: up === "up", state, description };
};
const status = (local?: string, remote?: string, description = ""): GlobalStatus => ({
    ...(local && { local: site(local, description) }),
    remotes: remote ? [site(remote)] : [],
});
const refusal = (code: Code, text: string | RegExp) => (work: () => unknown) => {
    let thrown: unknown;
    try {
        work();
    } catch (error) {
        thrown = error;
    }
    expect(thrown).toBeInstanceOf(RpcError);
    expect((thrown as RpcError).code).toBe(code);
    expect((thrown as RpcError).message).toMatch(text);
};

describe("Promote and Demote", () => {
    test("need a mirrored image", () => {
        expect(() => rules.requireMirrored("vol", secondary)).not.toThrow();
        refusal(
            Code.INVALID_ARGUMENT,
            /^mirroring is not enabled on vol, image is in disabled Mode$/,
        )(() => rules.requireMirrored("vol", disabled));
    });
});

describe("Disable", () => {
    test("acts on a primary only", () => {
        expect(rules.disableStep("vol", primary)).toBe("disable");
        expect(rules.disableStep("vol", secondary)).toBe("status");
        expect(rules.disableStep("vol", disabled)).toBe("done");
    });

    test("is to be asked again while disabling", () => {
        refusal(
            Code.ABORTED,
            "vol is in disabling state",
        )(() => rules.disableStep("vol", { state: "disabling", primary: true }));
        refusal(
            Code.ABORTED,
            'image is in "disabling" state, expected state "disabled"',
        )(() => rules.requireDisabled({ state: "disabling", primary: true }));
    });

    test("a healthy secondary is left alone, every other is refused", () => {
        expect(() => rules.disableSecondary(status("up+replaying"))).not.toThrow();
        for (const local of ["up+unknown", "up+stopped", "up+error", "down+replaying", "down+unknown"]) {
            const [up, state] = local.split("+");
            refusal(
                Code.INVALID_ARGUMENT,
                `invalid arguments provided: secondary image status is up=${up === "up"} and state=${state}`,
            )(() => rules.disableSecondary(status(local)));
        }
        refusal(Code.INVALID_ARGUMENT, "failed to get local state")(() => rules.disableSecondary(status()));
    });
});

describe("Resync", () => {
    const created = { seconds: 10, nanos: 20 };
    const view = (parts: Partial<rules.ResyncView>): rules.ResyncView => ({
        status: status("up+unknown", "up+unknown"),
        created,
        force: false,
        ...parts,
    });

    test("is refused on a primary and on an image that is not mirrored", () => {
        refusal(Code.INVALID_ARGUMENT, "image is in primary state")(() => rules.requireResyncable(primary));
        refusal(Code.INVALID_ARGUMENT, "image mirroring is not enabled")(() => rules.requireResyncable(disabled));
    });

    test("is ready when both sites are demoted and synced, and only then", () => {
        expect(rules.resyncStep(view({}))).toEqual({ step: "answer", ready: true });
        const replaying = 'replaying, {"local_snapshot_timestamp":5}';
        expect(rules.resyncStep(view({ status: status("up+replaying", "up+stopped", replaying) }))).toEqual({
            step: "answer",
            ready: false,
        });
        for (const [local, remote] of [
            ["up+unknown", "down+unknown"],
            ["up+unknown", "up+stopped"],
            ["up+unknown", undefined],
            ["down+unknown", "up+unknown"],
            ["up+stopped", "up+unknown"],
            ["up+error", "up+stopped"],
        ] as const) {
            refusal(
                Code.INTERNAL,
                /^failed to get last sync info: no snapshot details: last sync time not found$/,
            )(() => rules.resyncStep(view({ status: status(local, remote, "remote image demoted") })));
        }
    });

    test("without a local report it cannot say anything, forced or not", () => {
        for (const force of [false, true]) {
            refusal(
                Code.UNKNOWN,
                "failed to get local status: failed to get local site status: RBD image not found",
            )(() => rules.resyncStep(view({ status: status(), force, noted: created })));
        }
    });

    test("forced: gives up the image that was demoted, even one that is ready", () => {
        expect(rules.resyncStep(view({ force: true, noted: created }))).toEqual({ step: "resync" });
        expect(
            rules.resyncStep(view({ force: true, noted: created, status: status("up+error", "up+stopped") })),
        ).toEqual({ step: "resync" });
    });

    test("forced: leaves alone an image that was recreated since, or never demoted", () => {
        expect(rules.resyncStep(view({ force: true }))).toEqual({ step: "answer", ready: true });
        expect(rules.resyncStep(view({ force: true, noted: { seconds: 10, nanos: 21 } }))).toEqual({
            step: "answer",
            ready: true,
        });
    });
});

describe("GetVolumeReplicationInfo", () => {
    test("is for the primary", () => {
        expect(() => rules.requirePrimary(primary)).not.toThrow();
        refusal(Code.INVALID_ARGUMENT, "image is not in primary state")(() => rules.requirePrimary(secondary));
        refusal(Code.INVALID_ARGUMENT, "image mirroring is not enabled")(() => rules.requirePrimary(disabled));
    });

    test("needs the peer's report", () => {
        refusal(
            Code.INTERNAL,
            /^failed to get remote status: rbd: ret=-2, No such file or directory$/,
        )(() => rules.lastSyncOfPeer({ remotes: [] }));
        refusal(
            Code.NOT_FOUND,
            "no snapshot details",
        )(() => rules.lastSyncOfPeer({ remotes: [site("up+error", "split-brain")] }));
        const replaying = site("up+replaying", 'replaying, {"local_snapshot_timestamp":5,"last_snapshot_bytes":7}');
        expect(rules.lastSyncOfPeer({ remotes: [replaying] })).toEqual({ time: 5, bytes: 7 });
    });
});
