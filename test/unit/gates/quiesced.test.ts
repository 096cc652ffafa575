/** The gate before a demotion asks the guard, and its refusal is what the operator sees. */
import { expect, test } from "@jest/globals";
import { waitQuiesced } from "../../../gates/quiesced.js";
import type { VolumeSnapshot } from "../../../dr/model.js";
import { ask, KEY, seen, volume, vr } from "../dr/world.js";

const primary = volume({ vr: vr("primary", "TFF") });
const input = ask("secondary", { own: seen(primary), peer: seen(volume({ vr: vr("secondary", "TTT") })) });

/** Looks that see one thing after the other; the last one for ever. */
function looks(...what: readonly VolumeSnapshot[]): () => Promise<VolumeSnapshot> {
    let i = 0;
    return () => Promise.resolve(what[Math.min(i++, what.length - 1)]!);
}

test("it is content once the pod and its attachment are gone", async () => {
    const look = looks({ ...primary, pods: ["app-1"] }, { ...primary, attachments: ["csi-1"] }, primary);
    await expect(waitQuiesced(input, KEY, look, 60)).resolves.toBeUndefined();
});

test("time is up: the guard's refusal names who uses it, how long was waited, and what to type", async () => {
    const look = looks({ ...primary, pods: ["app-1"], attachments: ["csi-1"] });
    const failed = waitQuiesced(input, KEY, look, 0);
    await expect(failed).rejects.toThrow(/VOLUME_IN_USE/);
    for (const word of [
        "waited 0 s",
        "pod app-1 mounts it",
        "VolumeAttachment csi-1 is left",
        "kubectl describe pvc",
        "pulumi up -s cluster1",
    ])
        await expect(failed).rejects.toThrow(word);
});

test("a cluster that does not answer is said to be that, and not to be out of use", async () => {
    const failed = waitQuiesced(input, KEY, () => Promise.reject(new Error("no route")), 0);
    await expect(failed).rejects.toThrow(/default\/.* to be out of use; seen last: cannot look: no route/);
});
