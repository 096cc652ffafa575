import { describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadManifests, parseManifest } from "../../../observe/manifests.js";

const TWO =
    "# a comment\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: a}\ndata: {k: v}\n";

describe("manifests", () => {
    test("are read document by document; empty ones are passed over", () => {
        expect(parseManifest(TWO, "x.yaml").map((o) => `${o.kind} ${o.metadata.name}`)).toEqual([
            "Namespace a",
            "ConfigMap b",
        ]);
    });

    test("that are not Kubernetes objects are refused with the file's name", () => {
        expect(() => parseManifest("hello: world", "x.yaml")).toThrow("x.yaml");
        expect(() => parseManifest("a: [", "x.yaml")).toThrow("x.yaml is not valid YAML");
    });

    test("come from a folder", async () => {
        const folder = mkdtempSync(join(tmpdir(), "manifests "));
        writeFileSync(join(folder, "x.yaml"), TWO);
        expect(await loadManifests(folder, ["x.yaml"], "rookManifests")).toHaveLength(2);
        rmSync(folder, { recursive: true });
    });

    test("come from a URL", async () => {
        const server = createServer((req, res) => {
            res.statusCode = req.url === "/v1/x.yaml" ? 200 : 404;
            res.end(TWO);
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
        expect(await loadManifests(base, ["x.yaml"], "rookManifests")).toHaveLength(2);
        server.close();
    });

    test("that cannot be read are an error naming key and address", async () => {
        await expect(loadManifests("/nowhere", ["crds.yaml"], "rookManifests")).rejects.toThrow(
            /rookManifests leads to \/nowhere\/crds.yaml.*Give a folder or URL/s,
        );
    });
});
