/** Raw: images demoted and promoted with the rbd command alone (raw.sh); the applications are plain processes. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa, type ResultPromise } from "execa";
import pLimit from "p-limit";
import { pythonWithRbd } from "../../lab/agent/programs/python.js";
import { labDir, SITES, type SiteName } from "../../lab/index.js";
import { imageSeen } from "../../lab/program/images.js";
import { ackLogPath, WRITER } from "../../lab/writer/index.js";
import { measured } from "../usage.js";
import { benchVolumes, keyOf, type BenchVolume } from "../volumes.js";
import type { Arena, Contender } from "./contender.js";

const SCRIPT = fileURLToPath(new URL("./raw.sh", import.meta.url));
const POOL = "replicapool";

export function raw(arena: Arena): Contender {
    const [first, second] = SITES;
    const volumes = benchVolumes("raw", arena.volumes, arena.writers);
    const written = volumes.filter((v) => v.written);
    const folder = join(labDir(arena.lab), "raw");
    const list = join(folder, "images");
    const conf = (name: SiteName) => arena.site(name).ceph.conf;
    let writers: ResultPromise[] = [];
    const at = async (): Promise<SiteName> => {
        const image = await imageSeen(arena.site(first), imageOf(volumes[0]!));
        return image?.primary === false ? second : first;
    };
    return {
        name: "raw",
        volumes,
        at,
        async setUp() {
            await mkdir(folder, { recursive: true });
            await writeFile(list, volumes.map((v) => `${POOL}/${imageOf(v).image}\n`).join(""));
            const limit = pLimit(4);
            await Promise.all(volumes.map((v) => limit(() => mirrored(conf(first), v))));
        },
        async move(from, to) {
            // Stopping and starting the applications is a part of the outage, though not of the command's cost.
            await stopWriters();
            const usage = await measured({ file: SCRIPT, args: [conf(from), conf(to), list] });
            await startWriters(to);
            return usage;
        },
        applications: async (run) => (run ? startWriters(await at()) : stopWriters()),
        images: async () => new Map(volumes.map((v) => [keyOf(v), imageOf(v)])),
        stateBytes: async () => 0,
        close: stopWriters,
    };

    async function startWriters(on: SiteName): Promise<void> {
        const python = await pythonWithRbd();
        writers = written.map((v) =>
            execa(
                python,
                [
                    ...[WRITER, "--conf", conf(on), "--pool", POOL, "--image", imageOf(v).image],
                    ...["--log", ackLogPath(arena.lab, keyOf(v)), "--site", on],
                ],
                { stdin: "ignore", stdout: "ignore", reject: false },
            ),
        );
    }

    async function stopWriters(): Promise<void> {
        for (const writer of writers) writer.kill("SIGTERM");
        await Promise.all(writers);
        writers = [];
    }
}

function imageOf(volume: BenchVolume): { pool: string; image: string } {
    return { pool: POOL, image: `${volume.namespace}-${volume.name}` };
}

/** A mirrored image; one that is there already is left as it is. */
async function mirrored(conf: string, volume: BenchVolume): Promise<void> {
    const spec = `${POOL}/${imageOf(volume).image}`;
    const rbd = (args: string[], mayFail: number) =>
        execa("rbd", ["--conf", conf, ...args], { reject: false, timeout: 120_000 }).then((run) => {
            if (run.exitCode !== 0 && run.exitCode !== mayFail)
                throw new Error(`rbd ${args.join(" ")} ended with ${run.exitCode}: ${run.stderr}`);
        });
    const exists = 17;
    await rbd(["create", spec, "--size", volume.size.replace("i", ""), "--image-feature", "layering"], exists);
    await rbd(["mirror", "image", "enable", spec, "snapshot"], 22);
}
