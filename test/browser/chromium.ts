/** A real browser for the tests: the distribution's Chromium, driven by Playwright. */
import { existsSync } from "node:fs";
import { execa } from "execa";
import { chromium, type Browser } from "playwright-core";

/** Where distributions put it. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const INSTALL = ["install", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core"];

/**
 * Starts Chromium without a window; installs it first where that can be done from here: as root, on a Debian family system.
 *
 * @throws Error with the command to type where there is none and it cannot be installed
 */
export async function launchChromium(): Promise<Browser> {
    const executablePath = found() ?? (await install());
    return chromium.launch({
        executablePath,
        args: [
            // Root may not use Chromium's sandbox; the page is our own.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    });
}

function found(): string | undefined {
    return PLACES.find((place) => existsSync(place));
}

async function install(): Promise<string> {
    const byHand = "Type: sudo apt-get install --no-install-recommends chromium fonts-dejavu-core";
    if (!existsSync("/usr/bin/apt-get") || process.getuid?.() !== 0)
        throw new Error(`The report is tested in a real browser, and there is no Chromium. ${byHand}`);
    process.stderr.write("Installing Debian's chromium for the browser tests (some 90 MB, about a minute)\n");
    const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, stdin: "ignore", timeout: 600_000 } as const;
    await execa("apt-get", ["update"], options);
    await execa("apt-get", INSTALL, options);
    const path = found();
    if (path === undefined) throw new Error(`apt-get reported success, but there is no Chromium. ${byHand}`);
    return path;
}
