/** From what the site's objects ask for to the tasks of each pod's worker. */
import type {
    V1ConfigMap,
    V1PersistentVolume,
    V1PersistentVolumeClaim,
    V1Pod,
    V1VolumeAttachment,
} from "@kubernetes/client-node";
import type { Api } from "../api/client.js";
import type { SiteInfo } from "../site.js";
import { attach } from "./attachments.js";
import { desiredContainers, desiredWriters, type DesiredContainer, type DesiredWriter } from "./desired.js";
import { ownerOf, type PodDir } from "./pod-dir.js";
import type { PodTasks, Task } from "./pod-worker.js";
import { keyOf } from "./pods.js";
import type { Program, ProgramContext } from "./program.js";
import { pythonWithRbd } from "./programs/python.js";
import { writerName, writerProcess } from "./programs/writer.js";

/** The site's objects as last seen. */
export interface SiteObjects {
    readonly pods: readonly V1Pod[];
    readonly claims: readonly V1PersistentVolumeClaim[];
    readonly volumes: readonly V1PersistentVolume[];
    readonly attachments: readonly V1VolumeAttachment[];
    configMap(namespace: string, name: string): V1ConfigMap | undefined;
}

/** What the tasks are built with. */
export interface TaskContext {
    readonly site: SiteInfo;
    readonly api: Api;
    readonly programs: readonly Program[];
    /** Groups left out. */
    readonly without: ReadonlySet<string>;
    readonly log: (message: string) => void;
}

/** Tasks by pod (`namespace/name`), and the VolumeAttachments that mounted claims ask for. */
export interface SiteTasks {
    readonly pods: ReadonlyMap<string, PodTasks>;
    readonly attachments: ReadonlySet<string>;
}

/** All that should run on the site. */
export function siteTasks(objects: SiteObjects, context: TaskContext): SiteTasks {
    const pods = new Map<string, { owner: PodTasks["owner"]; tasks: Task[] }>();
    const add = (pod: V1Pod, task: Task) => {
        const entry = pods.get(keyOf(pod)) ?? { owner: ownerOf(pod), tasks: [] };
        entry.tasks.push(task);
        pods.set(keyOf(pod), entry);
    };
    for (const desired of desiredContainers(objects.pods, context.programs, context.without)) {
        add(desired.pod, containerTask(desired, objects, context));
    }
    const writers = desiredWriters(objects.pods, objects.claims, objects.volumes);
    for (const writer of writers) add(writer.pod, writerTask(writer, objects, context));
    return { pods, attachments: new Set(writers.map((writer) => writer.attachment)) };
}

function containerTask(desired: DesiredContainer<Program>, objects: SiteObjects, context: TaskContext): Task {
    const { pod, container, program } = desired;
    const at = (dirs: PodDir): ProgramContext => ({
        site: context.site,
        api: context.api,
        pod,
        container,
        dirs,
        pods: objects.pods,
        configMap: objects.configMap,
    });
    return {
        name: container.name,
        needs: program.needs,
        prepare: (dirs) => program.prepare(at(dirs)),
        refresh: program.refresh && ((dirs) => program.refresh?.(at(dirs)) ?? Promise.resolve()),
    };
}

/** The volume is attached before it is written, whoever writes it: with the writer left out, only that remains. */
function writerTask(writer: DesiredWriter, objects: SiteObjects, context: TaskContext): Task {
    const seen = objects.attachments.find((known) => known.metadata?.name === writer.attachment);
    const attached = async () => {
        if (await attach(context.api, writer, seen)) context.log(`${writer.volume}: attached as ${writer.attachment}`);
    };
    return {
        name: writerName(writer.claim),
        attachment: writer.attachment,
        async prepare({ dir }) {
            await attached();
            if (context.without.has("writer")) return { wait: "a writer other than the lab's (--without writer)" };
            return { spec: writerProcess(context.site, writer, dir, await pythonWithRbd()) };
        },
        refresh: attached,
    };
}
