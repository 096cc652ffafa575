/** The annotated stack files in config/: every key is the program's own, and every value is accepted. */
import { describe, expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { parse } from "yaml";
import { minikubeConfig } from "../../../minikube/config.js";

const dir = new URL("../../../config/", import.meta.url);
const files = readdirSync(dir).filter((name) => name.endsWith(".yaml"));
const project = parse(readFileSync(new URL("../../../Pulumi.yaml", import.meta.url), "utf8")) as {
    config: Record<string, { type: string }>;
};
/** Platform that a driver's example is for. */
const platform = (driver: string): NodeJS.Platform => (["vfkit", "qemu2"].includes(driver) ? "darwin" : "linux");

test("there is one for clusters that exist, and one for each driver that the README names", () => {
    expect(files.sort()).toEqual([
        "existing.yaml",
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
        const known = new Set([...Object.keys(project.config), "minikube"].map((key) => `rbd-dr:${key}`));
        expect(Object.keys(config).filter((key) => !known.has(key))).toEqual([]);
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
