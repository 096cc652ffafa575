/** The annotated stack files in config/: every key is the program's own, and every value is accepted. */
import { describe, expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { parse } from "yaml";
import { parseConfig } from "../../../config.js";
import { minikubeConfig } from "../../../minikube/config.js";

const dir = new URL("../../../config/", import.meta.url);
const files = readdirSync(dir).filter((name) => name.endsWith(".yaml"));
const project = parse(readFileSync(new URL("../../../Pulumi.yaml", import.meta.url), "utf8")) as {
    config: Record<string, { type: string; default?: unknown }>;
};
/** A value as Pulumi hands it to the program. */
const text = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));
/** Platform that a driver's example is for. */
const platform = (driver: string): NodeJS.Platform => (["vfkit", "qemu2"].includes(driver) ? "darwin" : "linux");

test("there is one for clusters that exist, one for the lab, and one for each driver that the README names", () => {
    expect(files.sort()).toEqual([
        "existing.yaml",
        "lab.yaml",
        "minikube-docker.yaml",
        "minikube-kvm2.yaml",
        "minikube-qemu2.yaml",
        "minikube-vfkit.yaml",
    ]);
    const readme = readFileSync(new URL("README.md", dir), "utf8");
    for (const file of files) expect(readme).toContain(`(${file})`);
});

describe.each(files)("%s", (file) => {
    const { config } = parse(readFileSync(new URL(file, dir), "utf8")) as { config: Record<string, unknown> };

    test("has only keys of the program", () => {
        const known = new Set(Object.keys(project.config).map((key) => `rbd-dr:${key}`));
        expect(Object.keys(config).filter((key) => !known.has(key))).toEqual([]);
    });

    test("is a good config on top of the defaults", () => {
        const block = config["rbd-dr:minikube"] as { driver: string } | undefined;
        // What the platform at hand says of another platform's driver is seen below.
        const { "rbd-dr:minikube": _, ...rest } = config;
        const set = block === undefined || platform(block.driver) === "linux" ? config : rest;
        const defaults = Object.entries(project.config).flatMap(([key, entry]) =>
            entry.default === undefined ? [] : [[key, text(entry.default)] as const],
        );
        const own = Object.entries(set).map(([key, value]) => [key.replace("rbd-dr:", ""), text(value)] as const);
        const raw = { ...Object.fromEntries([...defaults, ...own]) };
        if (file === "lab.yaml") raw["externalCephAdminKey"] = "from the lab";
        const id = { project: "rbd-dr", organization: "organization", stack: "cluster1" };
        expect(parseConfig(raw, id).intent.peer).toBe("cluster2");
    });

    test("its minikube block is accepted", () => {
        const block = config["rbd-dr:minikube"] as { driver: string } | undefined;
        expect(block === undefined).toBe(config["rbd-dr:cluster"] === "existing");
        if (block !== undefined) {
            expect(file).toBe(`minikube-${block.driver}.yaml`);
            expect(minikubeConfig(platform(block.driver)).safeParse(block).error?.issues).toBeUndefined();
        }
    });
});
