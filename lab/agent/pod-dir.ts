/** Where a pod's processes live on the host. */
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { V1Pod } from "@kubernetes/client-node";
import { writePrivate } from "../../host/files.js";

/** Longest path that the kernel takes for a unix socket, with its ending zero. */
const SOCKET_PATH_MAX = 107;

/** Name of the file that says which pod a folder belongs to. */
const OWNER_FILE = "pod.json";

/** Folders of one pod. */
export interface PodDir {
    /** Pid files, logs, configuration: `run/<namespace>.<pod>`. */
    readonly dir: string;
    /** Unix sockets, in a folder with a short name. */
    readonly sockets: string;
}

/** Which pod a folder below `run/` was made for. */
export interface PodOwner {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
}

/** @param runDir the site's `run` folder */
export function podDir(runDir: string, pod: PodOwner): PodDir {
    const short = createHash("sha256").update(`${pod.namespace}/${pod.name}`).digest("hex").slice(0, 8);
    return { dir: join(runDir, `${pod.namespace}.${pod.name}`), sockets: join(runDir, "s", short) };
}

/** Namespace, name and uid of a pod. */
export function ownerOf(pod: V1Pod): PodOwner {
    const { namespace = "", name = "", uid = "" } = pod.metadata ?? {};
    return { namespace, name, uid };
}

/**
 * Makes a pod's folders (0700) and notes their owner.
 * @throws when the socket folder's path leaves no room for a socket's name
 */
export async function makePodDir(runDir: string, pod: PodOwner): Promise<PodDir> {
    const dirs = podDir(runDir, pod);
    const longest = join(dirs.sockets, "csi-provisioner.sock");
    if (Buffer.byteLength(longest) > SOCKET_PATH_MAX) {
        throw new Error(
            `the path ${longest} is too long for a unix socket (${Buffer.byteLength(longest)} bytes, at most ${SOCKET_PATH_MAX}); ` +
                "set XDG_CACHE_HOME to a shorter folder",
        );
    }
    await mkdir(dirs.dir, { recursive: true, mode: 0o700 });
    await mkdir(dirs.sockets, { recursive: true, mode: 0o700 });
    writePrivate(join(dirs.dir, OWNER_FILE), JSON.stringify(pod));
    return dirs;
}

/** Pods that the agent has run processes for and not yet cleaned up after, also those of an agent before this one. */
export async function knownPods(runDir: string): Promise<PodOwner[]> {
    const owners: PodOwner[] = [];
    for (const entry of await readdir(runDir, { withFileTypes: true }).catch(() => [])) {
        if (!entry.isDirectory()) continue;
        const text = await readFile(join(runDir, entry.name, OWNER_FILE), "utf8").catch(() => undefined);
        if (text === undefined) continue;
        try {
            owners.push(JSON.parse(text) as PodOwner);
        } catch {
            // Half a file can only be the work of a full disk: the folder is adopted again by the pod's next start.
        }
    }
    return owners;
}

/** Forgets a pod whose processes have ended: its keys, tokens and sockets go, its logs stay for whoever looks for a cause. */
export async function clearPodDir(runDir: string, pod: PodOwner): Promise<void> {
    const { dir, sockets } = podDir(runDir, pod);
    await rm(sockets, { recursive: true, force: true });
    for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
        if (entry.name.endsWith(".log") || entry.name === OWNER_FILE) continue;
        await rm(join(dir, entry.name), { recursive: true, force: true });
    }
    await rm(join(dir, OWNER_FILE), { force: true });
}

/** Writes a private file, but leaves it alone when it already says the same. @returns whether it wrote */
export async function writeIfChanged(file: string, content: string): Promise<boolean> {
    if ((await readFile(file, "utf8").catch(() => undefined)) === content) return false;
    writePrivate(file, content);
    return true;
}
