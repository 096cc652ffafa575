/** Lists of any length, in few requests. */
import { ApiException } from "@kubernetes/client-node";
import { describe, expect, test } from "@jest/globals";
import type { Cluster } from "../../../observe/cluster.js";
import { inNamespaces, listSite, pages } from "../../../observe/lists.js";

/** A list of numbers that is served in pages, as the API server does. */
function numbers(count: number, forgetAt = Infinity) {
    const requests: { limit?: number; _continue?: string }[] = [];
    const request = (page: { limit?: number; _continue?: string }) => {
        requests.push(page);
        const from = Number(page._continue ?? 0);
        if (from >= forgetAt) return Promise.reject(new ApiException(410, "Gone", {}, {}));
        const to = Math.min(count, from + (page.limit ?? count));
        const items = Array.from({ length: to - from }, (_, i) => from + i);
        return Promise.resolve({ items, metadata: { _continue: to < count ? String(to) : "" } });
    };
    return { requests, request };
}

describe("pages", () => {
    test("are put together in order, each object once", async () => {
        const { requests, request } = numbers(1234);
        expect(await pages(request, "numbers")).toEqual(Array.from({ length: 1234 }, (_, i) => i));
        expect(requests).toHaveLength(3);
    });

    test("where the server has forgotten how far it was, the list is asked for in one piece", async () => {
        const { requests, request } = numbers(1234, 500);
        expect(await pages(request, "numbers")).toHaveLength(1234);
        expect(requests.at(-1)).toEqual({});
    });

    test("an error of the first page is the caller's", async () => {
        const { request } = numbers(10, 0);
        await expect(pages(request, "numbers")).rejects.toThrow("410");
    });

    test("a server that never answers costs one time limit", async () => {
        await expect(pages<number>(() => new Promise(() => undefined), "PVs", 0.05)).rejects.toThrow(
            "PVs: no answer within 0.05 s",
        );
    });
});

test("few namespaces are listed one by one, many all at once", async () => {
    const asked: string[] = [];
    const how = {
        all: () => (asked.push("all"), Promise.resolve({ items: [0] })),
        one: (namespace: string) => (asked.push(namespace), Promise.resolve({ items: [1] })),
    };
    expect(await inNamespaces(["a", "b", "a"], "pods", undefined, how)).toEqual([1, 1]);
    expect(asked).toEqual(["a", "b"]);
    asked.length = 0;
    const many = Array.from({ length: 50 }, (_, i) => `namespace-${i}`);
    expect(await inNamespaces(many, "pods", undefined, how)).toEqual([0]);
    expect(asked).toEqual(["all"]);
});

/** A cluster without objects that counts its requests, and knows no VolumeReplication. */
function counting(): { cluster: Cluster; requests: string[] } {
    const requests: string[] = [];
    const api = new Proxy(
        {},
        {
            get: (_, method: string) => () => {
                requests.push(method);
                return method === "listClusterCustomObject"
                    ? Promise.reject(new ApiException(404, "Not Found", {}, {}))
                    : Promise.resolve({ items: [] });
            },
        },
    );
    return { cluster: { core: api, storage: api, custom: api } as unknown as Cluster, requests };
}

test("the number of requests does not grow with the volumes; a cluster without csi-addons has no VRs", async () => {
    const { cluster, requests } = counting();
    expect(await listSite(cluster, ["default"])).toEqual({
        claims: [],
        volumes: [],
        attachments: [],
        pods: [],
        replications: [],
    });
    expect(requests).toHaveLength(5);
});
