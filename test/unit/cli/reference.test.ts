/** docs/cli.md, help and completion follow from the command definitions. */
import { expect, test } from "@jest/globals";
import { execa } from "execa";
import { readFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { completionScript, SHELLS } from "../../../cli/completion.js";
import { EventBus, eventSchema, type CliEvent } from "../../../cli/events.js";
import { examplesOf } from "../../../cli/examples.js";
import { makeProgram } from "../../../cli/program.js";
import { plainLine } from "../../../cli/progress/plain.js";
import { cliReference } from "../../../cli/reference/markdown.js";

test("docs/cli.md is current: npm run docs:cli writes it", async () => {
    const options = await resolveConfig("docs/cli.md");
    const wanted = await format(cliReference(makeProgram()), { ...options, parser: "markdown" });
    expect(readFileSync("docs/cli.md", "utf8")).toBe(wanted);
});

test("every command has examples, and each names a command and options that there are", () => {
    const program = makeProgram();
    for (const command of program.commands) {
        const examples = examplesOf(command);
        expect([command.name(), examples.length > 0]).toEqual([command.name(), true]);
        const known = [...program.options, ...command.options].flatMap((o) => [o.short, o.long]);
        for (const { line } of examples) {
            const words = line.slice(line.indexOf("rbd-dr ")).split(/[\s)]+/);
            expect(words).toContain(command.name());
            for (const word of words.filter((w) => /^--?\w/.test(w))) expect(known).toContain(word);
        }
    }
});

test.each(SHELLS)("completion for %s knows every command and option", (shell) => {
    const program = makeProgram();
    const script = completionScript(program, shell);
    for (const command of program.commands) {
        expect(script).toContain(command.name());
        for (const option of command.options) expect(script).toContain(option.long!.slice(2));
    }
});

test("bash reads the completion and completes a command", async () => {
    const script = completionScript(makeProgram(), "bash");
    const { stdout } = await execa("bash", ["--norc"], {
        input: `${script}\nCOMP_WORDS=(rbd-dr failo)\nCOMP_CWORD=1\n_rbd_dr\necho "\${COMPREPLY[@]}"\nCOMP_WORDS=(rbd-dr failover --di)\nCOMP_CWORD=2\n_rbd_dr\necho "\${COMPREPLY[@]}"\n`,
    });
    expect(stdout.split("\n")).toEqual(["failover", "--disaster"]);
});

test("what the bus hands on is what the schema says, stamped with the time", () => {
    const bus = new EventBus(() => new Date("2026-03-01T12:00:00.000Z"));
    const seen: CliEvent[] = [];
    const off = bus.on((event) => seen.push(event));
    bus.emit({ type: "leg", leg: 0, stack: "cluster1", status: "done", seconds: 61 });
    bus.emit({ type: "message", severity: "warning", stack: "cluster1", text: "a\nb" });
    bus.emit({
        type: "sync",
        stack: "cluster1",
        volume: "default/a",
        state: "up+syncing",
        percent: 40,
        bytesLeft: 2 ** 20,
        caughtUp: false,
    });
    off();
    bus.emit({ type: "message", severity: "info", text: "nobody listens" });
    expect(seen.map((event) => eventSchema.safeParse(event).success)).toEqual([true, true, true]);
    expect(eventSchema.safeParse({ ...seen[0], status: "perhaps" }).success).toBe(false);
    expect(seen.map(plainLine)).toEqual([
        "12:00:00 cluster1: done (1 min 1 s)",
        "12:00:00 cluster1: warning: a\n12:00:00 b",
        "12:00:00 cluster1: default/a: up+syncing, 40% copied, 1 Mi left",
    ]);
});
