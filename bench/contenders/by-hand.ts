/** By hand: the seed's procedure as a careful script of kubectl (by-hand.sh). */
import { readdir, stat } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { labDir, SITES, type SiteName } from "../../lab/index.js";
import { toolPath } from "../../lab/toolchain/index.js";
import { apply, kubectl } from "../../lab/program/kubectl.js";
import { application, claim, namespace, replication } from "../manifests.js";
import { measured } from "../usage.js";
import { benchVolumes, imagesOf } from "../volumes.js";
import type { Arena, Contender } from "./contender.js";

const SCRIPT = fileURLToPath(new URL("./by-hand.sh", import.meta.url));
const NAMESPACE = "by-hand";
/** Both are in the namespaces of the program's own volumes too, and have its default names. */
const STORAGE_CLASS = "rook-ceph-block";
const REPLICATION_CLASS = "rbd-volumereplicationclass";

export function byHand(arena: Arena): Contender {
    const { site } = arena;
    const [first] = SITES;
    const backup = join(labDir(arena.lab), "by-hand");
    const volumes = benchVolumes(NAMESPACE, arena.volumes, arena.writers);
    const written = volumes.filter((v) => v.written);
    const at = async (): Promise<SiteName> => {
        const states = await Promise.all(SITES.map((name) => statesOn(site(name))));
        return SITES.find((_, i) => states[i]!.includes("primary")) ?? first;
    };
    return {
        name: "by-hand",
        volumes,
        at,
        async setUp() {
            const jq = await execa("jq", ["--version"], { reject: false });
            if (jq.exitCode !== 0) throw new Error("The by-hand script needs jq: apt-get install jq");
            for (const name of SITES) await apply(site(name), [namespace(NAMESPACE), ...written.map(application)]);
            await apply(
                site(first),
                volumes.flatMap((v) => [claim(v, STORAGE_CLASS), replication(v, REPLICATION_CLASS)]),
            );
            await waitFor("pvc", "jsonpath={.status.phase}=Bound");
            await waitFor("volumereplication", "jsonpath={.status.state}=Primary");
        },
        async move(from, to) {
            const context = (name: SiteName) => site(name).kubernetes.context;
            return measured({
                file: SCRIPT,
                args: [context(from), context(to), NAMESPACE, backup],
                env: {
                    KUBECONFIG: site(from).kubernetes.kubeconfig,
                    PATH: [dirname(toolPath("kubectl")), process.env.PATH ?? ""].join(delimiter),
                },
            });
        },
        async applications(run) {
            const args = ["-n", NAMESPACE, "scale", "deployment", "--all", `--replicas=${run ? 1 : 0}`];
            await kubectl(site(await at()), args);
        },
        images: async () => imagesOf(site(await at()), NAMESPACE),
        stateBytes: () => bytesBelow(backup),
        close: () => Promise.resolve(),
    };

    async function waitFor(kind: string, condition: string): Promise<void> {
        await kubectl(site(first), ["-n", NAMESPACE, "wait", kind, "--all", `--for=${condition}`, "--timeout=15m"]);
    }
}

/** Asked states of the VRs on a site. */
async function statesOn(site: Parameters<typeof kubectl>[0]): Promise<string> {
    const path = "jsonpath={.items[*].spec.replicationState}";
    return kubectl(site, ["-n", NAMESPACE, "get", "volumereplication", "-o", path]);
}

/** Bytes of the files of a folder. */
export async function bytesBelow(folder: string): Promise<number> {
    const names = await readdir(folder);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
}
