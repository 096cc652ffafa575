import { expect, test } from "@jest/globals";
import { createServer } from "node:net";
import { isLoopback, listenersOf, parseAddress, readStat } from "../../../host/procfs.js";

test("addresses are read as the kernel writes them", () => {
    expect(parseAddress("0101007F")).toBe("127.0.1.1");
    expect(parseAddress("00000000")).toBe("0.0.0.0");
    expect(parseAddress("00000000000000000000000000000000")).toBe("::");
    expect(parseAddress("00000000000000000000000001000000")).toBe("::1");
    expect(parseAddress("0000000000000000FFFF00000100007F")).toBe("::ffff:127.0.0.1");
});

test.each([
    ["127.0.0.1", true],
    ["127.0.1.1", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["0.0.0.0", false],
    ["::", false],
    ["192.168.1.2", false],
])("%s is loopback: %s", (address, loopback) => {
    expect(isLoopback(address)).toBe(loopback);
});

test("a process's listeners are found, those of others not", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const found = listenersOf([process.pid, 1]);
    expect(found.get(process.pid)).toContainEqual({ address: "127.0.0.1", port });
    expect(found.get(1) ?? []).not.toContainEqual({ address: "127.0.0.1", port });
    server.close();
});

test("a process that is not there has no stat", () => {
    expect(readStat(4_194_305)).toBeUndefined();
    expect(readStat(process.pid)?.startTime).toBeGreaterThan(0);
});
