/** The distribution's packages that the lab needs: Ceph's daemons and their Python bindings. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { execa, ExecaError } from "execa";

/** A package, and a file by which it is told that it is installed. */
interface Package {
    readonly name: string;
    readonly file: string;
}

/** Debian's and Ubuntu's packages. */
export const PACKAGES: readonly Package[] = [
    { name: "ceph-mon", file: "/usr/bin/ceph-mon" },
    { name: "ceph-mgr", file: "/usr/bin/ceph-mgr" },
    { name: "ceph-osd", file: "/usr/bin/ceph-osd" },
    { name: "ceph-common", file: "/usr/bin/rbd" },
    { name: "rbd-mirror", file: "/usr/bin/rbd-mirror" },
    { name: "python3-rbd", file: "/usr/lib/python3/dist-packages/rbd" },
];

/** What is known of the machine. */
export interface Machine {
    /** Names of the packages that are missing. */
    readonly missing: readonly string[];
    /** Whether apt-get can install them. */
    readonly debian: boolean;
    readonly root: boolean;
}

/** What to do about missing packages. */
export type PackagePlan =
    | { readonly kind: "complete" }
    | { readonly kind: "install"; readonly names: readonly string[] }
    | { readonly kind: "ask"; readonly message: string };

/** Decides what to do about missing packages: installs as root on a Debian family system, else names the command. */
export function planPackages({ missing, debian, root }: Machine): PackagePlan {
    if (missing.length === 0) return { kind: "complete" };
    if (debian && root) return { kind: "install", names: missing };
    const names = missing.join(" ");
    const command = debian
        ? `Type: sudo apt-get install --no-install-recommends ${names}`
        : `On Debian or Ubuntu these are the packages' names; install what your distribution calls them, so that the daemons lie in /usr/bin.`;
    return { kind: "ask", message: `The lab runs real Ceph daemons; missing: ${names}. ${command}` };
}

/**
 * Makes sure that the packages are there.
 * @param say called with a line of text before anything is installed.
 * @throws if they are missing and cannot be installed from here, with the command to type.
 */
export async function ensurePackages(say: (line: string) => void): Promise<void> {
    const plan = planPackages({
        missing: missingPackages(),
        debian: existsSync("/usr/bin/apt-get"),
        root: process.getuid?.() === 0,
    });
    if (plan.kind === "complete") return;
    if (plan.kind === "ask") throw new Error(plan.message);
    say(`Installing Debian packages (some 250 MB with what they need, one to three minutes): ${plan.names.join(" ")}`);
    await aptGet(["update"]);
    await aptGet(["install", "--yes", "--no-install-recommends", ...plan.names]);
    const left = missingPackages();
    if (left.length > 0)
        throw new Error(`apt-get reported success, but these are still not usable: ${left.join(", ")}.`);
    say("The packages are installed. Their services are not used: the lab starts daemons of its own.");
}

function missingPackages(): string[] {
    return PACKAGES.filter((wanted) => !installed(wanted)).map(({ name }) => name);
}

/** The binding's file name carries Python's version: its beginning has to do. */
function installed({ file }: Package): boolean {
    const folder = dirname(file);
    return (
        existsSync(folder) &&
        readdirSync(folder).some((name) => name === basename(file) || name.startsWith(`${basename(file)}.`))
    );
}

async function aptGet(args: readonly string[]): Promise<void> {
    try {
        await execa("apt-get", args, {
            env: { DEBIAN_FRONTEND: "noninteractive" },
            stdin: "ignore",
            timeout: 900_000,
            all: true,
        });
    } catch (error) {
        if (!(error instanceof ExecaError)) throw error;
        const tail = String(error.all ?? error.shortMessage)
            .split("\n")
            .slice(-15)
            .join("\n");
        throw new Error(`apt-get ${args.join(" ")} failed:\n${tail}`, { cause: error });
    }
}
