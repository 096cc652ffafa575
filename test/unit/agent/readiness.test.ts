import { expect, test } from "@jest/globals";
import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { wronglyUnready } from "../../../lab/agent/readiness.js";

function pod(name: string, ready: string, containers = "True", phase = "Running"): V1Pod {
    return {
        metadata: { name },
        spec: { nodeName: "node-1", containers: [] },
        status: {
            phase,
            conditions: [
                { type: "Ready", status: ready },
                { type: "ContainersReady", status: containers },
            ],
        },
    };
}

function node(status: string): V1Node {
    return { metadata: { name: "node-1" }, status: { conditions: [{ type: "Ready", status }] } } as V1Node;
}

test("pods marked unready with their node are put right once the node is ready, and only those", () => {
    const pods = [
        pod("left", "False"),
        pod("fine", "True"),
        pod("starting", "False", "False"),
        pod("done", "False", "True", "Succeeded"),
    ];
    expect(wronglyUnready(pods, [node("True")]).map(({ metadata }) => metadata?.name)).toEqual(["left"]);
    expect(wronglyUnready(pods, [node("Unknown")])).toEqual([]);
    expect(wronglyUnready(pods, [])).toEqual([]);
});
