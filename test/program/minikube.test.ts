import { describe, expect, test } from "@jest/globals";
import { MinikubeCluster, type MinikubeClusterArgs } from "../../components/minikube-cluster.js";
import { minikubeConfig, minikubeSettings } from "../../minikube/config.js";
import { record, type Registered } from "./harness.js";

const settings = minikubeSettings(minikubeConfig("linux").parse({}), "cluster1", "cluster2", "/home/a b/kube config");

/** The Command that a MinikubeCluster registers. */
async function command(changes: Partial<MinikubeClusterArgs> = {}): Promise<Registered> {
    const args = { settings, protect: true, holdsPrimary: false, ...changes };
    const all = await record(() => new MinikubeCluster("cluster", args), true);
    expect(all.map((r) => r.type)).toEqual(["rbd-dr:minikube:MinikubeCluster", "command:local:Command"]);
    return all[1]!;
}

describe("MinikubeCluster", () => {
    test("no setting is in the command: only the environment and the trigger depend on them", async () => {
        const { environment: before, ...constant } = (await command()).inputs;
        const other = {
            ...settings,
            cpus: 8,
            memory: 8192,
            network: "other",
            kubeconfig: "/elsewhere",
            peerProfile: "x1",
        };
        const { environment: after, ...alsoConstant } = (await command({ settings: other })).inputs;
        expect(alsoConstant).toEqual(constant);
        expect(constant).toEqual({
            interpreter: ["node", "--import", "tsx", "minikube/cli.ts"],
            create: "create",
            update: "update",
            delete: "delete",
            triggers: [1],
            logging: "stderr",
            addPreviousOutputInEnv: false,
        });
        expect(before).toMatchObject({
            RBD_DR_MINIKUBE_CPUS: "4",
            RBD_DR_MINIKUBE_KUBECONFIG: "/home/a b/kube config",
        });
        expect(after).toMatchObject({ RBD_DR_MINIKUBE_CPUS: "8", RBD_DR_MINIKUBE_KUBECONFIG: "/elsewhere" });
    });

    test("only the generation replaces", async () => {
        expect((await command({ settings: { ...settings, generation: 3 } })).inputs["triggers"]).toEqual([3]);
    });

    test.each([
        [true, false, true],
        [true, true, true],
        [false, true, true],
        [false, false, false],
    ])("volumes protected %s, primary here %s: cluster protected %s", async (protect, holdsPrimary, expected) => {
        expect((await command({ protect, holdsPrimary })).protect).toBe(expected);
    });
});
