/** An application of the user's own: acknowledgements from files, verification by a command. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { CliError } from "../errors.js";
import type { AckedWrite } from "../report/record.js";
import type { DrillApp, Verified } from "./app.js";
import { fillIn, runCommand } from "./command.js";
import type { DrillFile } from "./drill-file.js";

/** Seconds that reading one volume back may take. */
const VERIFY_TIMEOUT = 900;

const ackLine = z.looseObject({ seq: z.number().int().nonnegative(), at: z.iso.datetime(), site: z.string() });
const answer = z.looseObject({ acknowledged: z.number().int().nonnegative(), lost: z.array(z.number().int()) });

/**
 * The acknowledgements in a file's text: lines that are no acknowledgement, or not whole yet, are passed over.
 *
 * @param volume `namespace/name` that they are of
 */
export function parseAcks(text: string, volume: string): AckedWrite[] {
    return text
        .slice(0, text.lastIndexOf("\n") + 1)
        .split("\n")
        .flatMap((line) => {
            const ack = ackLine.safeParse(parseJson(line));
            return ack.success ? [{ volume, seq: ack.data.seq, site: ack.data.site, at: utc(ack.data.at) }] : [];
        });
}

/** Opens the application that a drill file describes. */
export function externalApp(file: DrillFile): DrillApp {
    const application = file.application!;
    return {
        description: application.description,
        volumes: application.volumes.map(({ claim }) => claim),
        acknowledgements: async () => {
            const all = await Promise.all(
                application.volumes.map(async ({ claim, acks }) => parseAcks(await readAcks(acks), claim)),
            );
            return all.flat();
        },
        verify: async (site) => {
            const results: Verified[] = [];
            for (const { claim } of application.volumes) {
                const argv = fillIn(application.verify, { site, volume: claim });
                // 1 is how a verifier says that something is missing.
                const options = { cwd: file.cwd, env: file.env, seconds: VERIFY_TIMEOUT, answers: [0, 1] };
                const said = answer.safeParse(parseJson(await runCommand(argv, options)));
                if (!said.success)
                    throw new CliError(
                        "unfinished",
                        `${argv.join(" ")} printed no {"acknowledged": N, "lost": [numbers]}: ${z.prettifyError(said.error)}`,
                    );
                const { acknowledged, lost } = said.data;
                results.push({ volume: claim, site, at: new Date().toISOString(), acknowledged, lost });
            }
            return results;
        },
        close: () => Promise.resolve(),
    };
}

async function readAcks(file: string): Promise<string> {
    try {
        return await readFile(file, "utf8");
    } catch (error) {
        // Nothing was written yet.
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
        throw new CliError("usage", `the acknowledgements in ${file} cannot be read: ${(error as Error).message}`);
    }
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

function utc(at: string): string {
    return new Date(at).toISOString();
}
