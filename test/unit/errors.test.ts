/** What ends the program with a message alone. */
import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { forPerson, orStop } from "../../errors.js";

test("a refusal has its message and no stack, which Node would colour for seconds", () => {
    const refusal = forPerson("PEER_IS_PRIMARY");
    expect(pulumi.RunError.isInstance(refusal)).toBe(true);
    expect(refusal.message).toBe("PEER_IS_PRIMARY");
    expect(refusal.stack).toBeUndefined();
});

test("a mistake in the config becomes such an error, a bug of ours stays what it is", async () => {
    const mistake = orStop(() => Promise.reject(new Error("replicationState is not set")));
    await expect(mistake).rejects.toMatchObject({ message: "replicationState is not set", stack: undefined });
    const bug = orStop(() => Promise.reject(new TypeError("of undefined")));
    await expect(bug).rejects.toBeInstanceOf(TypeError);
});
