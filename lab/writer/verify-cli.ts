/** `verify-cli.ts SITE VOLUME`: reads a volume's blocks back, for programs that know nothing of a lab (`rbd-dr drill`). */
import { imageOf } from "../program/images.js";
import { labName, SITES } from "../paths.js";
import { readSite } from "../site.js";
import { ackLogPath, verify } from "./index.js";

const [site, volume] = process.argv.slice(2);
const known = SITES.find((name) => name === site);
if (known === undefined || volume === undefined) {
    process.stderr.write(`usage: verify-cli.ts SITE VOLUME; SITE is ${SITES.join(" or ")}, VOLUME is namespace/name\n`);
    process.exit(2);
}
try {
    const info = readSite(labName(), known);
    const verdict = await verify(info, await imageOf(info, volume), ackLogPath(labName(), volume));
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
    process.exitCode = verdict.lost.length > 0 ? 1 : 0;
} catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 2;
}
