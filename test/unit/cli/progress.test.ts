/** The task list as a terminal shows it. */
import { afterEach, expect, jest, test } from "@jest/globals";
import { EventBus } from "../../../cli/events.js";
import { showList } from "../../../cli/progress/list.js";

afterEach(() => void jest.restoreAllMocks());

/** What is written to standard output, without what moves the cursor. */
function terminal(): () => string {
    const chunks: string[] = [];
    jest.replaceProperty(process, "env", { ...process.env, LISTR_FORCE_TTY: "1" });
    jest.spyOn(process.stdout, "write").mockImplementation((chunk) => chunks.push(String(chunk)) > 0);
    // eslint-disable-next-line no-control-regex
    return () => chunks.join("").replace(/\u001b\[[\d;?]*[A-Za-z]/g, "");
}

test("says once how long a leg took", async () => {
    const shown = terminal();
    const bus = new EventBus();
    const list = showList(bus);
    const leg = { stack: "cluster1", action: "up", edits: [], why: "hands over", parallel: [], done: false } as const;
    bus.emit({ type: "plan", operation: "failover", legs: [leg], warnings: [] } as never);
    bus.emit({ type: "leg", leg: 0, stack: "cluster1", status: "started" });
    bus.emit({ type: "leg", leg: 0, stack: "cluster1", status: "done", seconds: 23 });
    await list.end();
    const lines = shown().split("\n");
    const last = lines.filter((line) => line.includes("hands over")).at(-1);
    expect(last).toMatch(/cluster1: hands over \(23 s\)\s*$/);
});
