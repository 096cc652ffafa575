/** Container -> program: everything that a container of the lab can really run as. */
import type { Program } from "./program.js";
import { csiAddonsManager, csiAddonsSidecar } from "./programs/csi-addons.js";
import { csiProvisioner, rbdDriver } from "./programs/csi.js";
import { rbdMirror } from "./programs/rbd-mirror.js";
import { rookOperator } from "./programs/rook.js";

/** The known containers; the writers of mounted claims come on top (docs/architecture.md). */
export const PROGRAMS: readonly Program[] = [
    rookOperator,
    rbdDriver,
    csiProvisioner,
    csiAddonsSidecar,
    csiAddonsManager,
    rbdMirror,
];
