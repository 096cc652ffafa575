/** Rook's operator, played by the lab's stand-in. */
import { fileURLToPath } from "node:url";
import { tsxProgram, type Program } from "../program.js";
import { containerEnv } from "../pods.js";

const SCRIPT = fileURLToPath(new URL("../../rook/main.ts", import.meta.url));

export const rookOperator: Program = {
    group: "rook",
    app: "rook-ceph-operator",
    container: "rook-ceph-operator",
    async prepare({ site, pod, container, dirs }) {
        const { kubeconfig, context } = site.kubernetes;
        const args = ["--kubeconfig", kubeconfig, "--context", context, "--work-dir", dirs.dir];
        return {
            spec: {
                name: container.name,
                ...tsxProgram(SCRIPT, args),
                env: containerEnv(pod, container),
                dir: dirs.dir,
            },
        };
    },
};
