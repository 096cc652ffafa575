import { expect, test } from "@jest/globals";
import { turnsOf } from "../../../gates/turns.js";

const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("a turn begins when all of the one before it are done", async () => {
    const turns = turnsOf(2);
    const through: string[] = [];
    const come = (name: string) => void turns.enter().then(() => through.push(name));
    for (const name of ["a", "b", "c"]) come(name);
    await settle();
    expect(through).toEqual(["a", "b"]);
    turns.leave();
    come("d");
    await settle();
    expect(through).toEqual(["a", "b"]);
    turns.leave();
    await settle();
    expect(through).toEqual(["a", "b", "c", "d"]);
});

test("whoever comes when nobody is there goes at once", async () => {
    const turns = turnsOf(2);
    await turns.enter();
    turns.leave();
    await turns.enter();
});
