/** The Python that the writer needs: one that has librbd's binding, which belongs to the distribution's own Python. */
import { execa } from "execa";

const CANDIDATES = ["/usr/bin/python3", "python3"];
let chosen: Promise<string> | undefined;

/**
 * A python3 that can import `rbd`; looked for once.
 * @throws when there is none, naming the package to install
 */
export function pythonWithRbd(): Promise<string> {
    chosen ??= find().catch((error: unknown) => {
        chosen = undefined;
        throw error;
    });
    return chosen;
}

async function find(): Promise<string> {
    for (const python of CANDIDATES) {
        const result = await execa(python, ["-c", "import rados, rbd"], { reject: false, timeout: 20_000 });
        if (result.exitCode === 0) return python;
    }
    throw new Error(
        `no python3 that can import rbd (tried ${CANDIDATES.join(", ")}); install it: apt-get install python3-rbd`,
    );
}
