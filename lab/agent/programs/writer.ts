/** The application of a pod: the writer that stands for whatever the pod does with a claim it mounts. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { privateDir } from "../../../host/files.js";
import type { ProcessSpec } from "../../process.js";
import type { SiteInfo } from "../../site.js";
import type { DesiredWriter } from "../desired.js";

const SCRIPT = fileURLToPath(new URL("../../writer/writer.py", import.meta.url));

/** Log of a volume's acknowledged blocks: outside both sites, and the same file wherever the volume is written. */
export function ackLog(site: SiteInfo, namespace: string, claim: string): string {
    return join(site.dir, "..", "acks", `${namespace}.${claim}.jsonl`);
}

/** Name of a claim's writer process. */
export function writerName(claim: string): string {
    return `writer-${claim}`;
}

/** Process of one claim's writer. @param dir the pod's folder */
export function writerProcess(site: SiteInfo, writer: DesiredWriter, dir: string, python: string): ProcessSpec {
    const log = ackLog(site, writer.namespace, writer.claim);
    privateDir(join(log, ".."));
    return {
        name: writerName(writer.claim),
        command: python,
        args: [
            ...[SCRIPT, "--conf", site.ceph.conf, "--pool", writer.pool, "--image", writer.image],
            ...["--log", log, "--site", site.site],
        ],
        dir,
    };
}
