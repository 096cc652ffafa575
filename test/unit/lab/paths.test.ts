import { afterEach, expect, test } from "@jest/globals";
import { homedir } from "node:os";
import { cacheHome, checkSiteName, labDir, labName, siteDir } from "../../../lab/paths.js";

const before = { ...process.env };
afterEach(() => {
    process.env = { ...before };
});

test("the cache follows XDG_CACHE_HOME, if it is absolute", () => {
    process.env.XDG_CACHE_HOME = "/var/tmp/cache";
    expect(cacheHome()).toBe("/var/tmp/cache/rbd-dr");
    process.env.XDG_CACHE_HOME = "relative";
    expect(cacheHome()).toBe(`${homedir()}/.cache/rbd-dr`);
    delete process.env.XDG_CACHE_HOME;
    expect(cacheHome()).toBe(`${homedir()}/.cache/rbd-dr`);
});

test("the lab's name comes from RBD_DR_LAB", () => {
    delete process.env.RBD_DR_LAB;
    expect(labName()).toBe("default");
    process.env.RBD_DR_LAB = "";
    expect(labName()).toBe("default");
    process.env.RBD_DR_LAB = "test-1";
    expect(labName()).toBe("test-1");
});

test.each(["../x", "a/b", "UPPER", "-x", "", " ", "x".repeat(21), "a b", "x;y"])("the name %j is refused", (name) => {
    expect(() => labDir(name)).toThrow(/is not allowed: use 1 to 20 lower-case letters/);
});

test("there are two sites and no other", () => {
    expect(siteDir("x", "cluster2")).toBe(`${labDir("x")}/cluster2`);
    expect(() => checkSiteName("cluster3")).toThrow(
        'There is no site "cluster3" in a lab: use one of cluster1, cluster2.',
    );
    expect(() => siteDir("x", "../other")).toThrow(/There is no site/);
});
