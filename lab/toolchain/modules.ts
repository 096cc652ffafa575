/** Sources of pinned Go modules: their zips carry manifests and .proto files besides the code. */
import { execa, ExecaError } from "execa";
import { moduleFolder } from "./tools.js";

/**
 * Folder with the source of a Go module that one of the toolchain's modules pins. It is downloaded, and verified against
 * go.sum, if it is not in Go's module cache yet.
 * @param module folder below lab/toolchain/, for example `rook`, `csi-addons`.
 * @param modulePath for example `github.com/rook/rook`.
 * @throws if the module is not pinned there or cannot be had, with Go's own words.
 */
export async function moduleDir(module: string, modulePath: string): Promise<string> {
    try {
        const { stdout } = await execa("go", ["mod", "download", "-json", modulePath], {
            cwd: moduleFolder(module),
            env: { GOFLAGS: "-mod=readonly" },
            timeout: 300_000,
        });
        const { Dir } = JSON.parse(stdout) as { Dir?: string };
        if (!Dir) throw new Error(`go mod download named no folder for ${modulePath}.`);
        return Dir;
    } catch (error) {
        if (!(error instanceof ExecaError)) throw error;
        throw new Error(
            `Cannot get the source of Go module ${modulePath} (lab/toolchain/${module}): ${error.stderr || error.shortMessage}`,
            { cause: error },
        );
    }
}
