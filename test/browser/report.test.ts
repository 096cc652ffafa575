/** The report in a real browser: it asks nobody for anything, complains of nothing, and can be read by everybody. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { reportPage } from "../../cli/report/html/page.js";
import type { DrillRecord } from "../../cli/report/record.js";
import { at, disasterRecord, plannedRecord } from "../unit/report/records.js";
import { launchChromium } from "./chromium.js";

/** Kept, so that a person can look at what was tested; not in git. */
const SHOTS = join(import.meta.dirname, "../../artifacts/screenshots");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const EVIL = `<img src=x onerror=alert(1)>"'&\u0007`;

/** Names and texts as somebody who means harm would choose them, longer than any page is wide. */
function hostileRecord(): DrillRecord {
    const long = "a-very-long-name-without-any-place-to-break-it-".repeat(3);
    const record = plannedRecord({ sites: { home: `home${EVIL}`, other: long }, volumes: [`default/${EVIL}`, long] });
    return {
        ...record,
        warnings: [{ at: at(3), site: EVIL, text: `${EVIL} ${long}` }],
        refusals: [{ at: at(4), site: long, code: EVIL, reason: EVIL, next: [EVIL, long] }],
        commands: [{ move: "failover", command: `${EVIL} ${long}` }],
        versions: [{ component: EVIL, version: long }],
        fault: { what: EVIL, site: long, command: [EVIL, long], at: at(5) },
    };
}

const RECORDS: Readonly<Record<string, DrillRecord>> = {
    planned: plannedRecord(),
    disaster: disasterRecord(),
    many: plannedRecord({ volumes: Array.from({ length: 12 }, (_, i) => `shop/data-${i}`) }),
    hostile: hostileRecord(),
};

const SCREENS: Readonly<Record<string, BrowserContextOptions>> = {
    light: { colorScheme: "light", viewport: { width: 1100, height: 900 } },
    dark: { colorScheme: "dark", viewport: { width: 1100, height: 900 } },
    phone: { colorScheme: "light", viewport: { width: 360, height: 740 }, isMobile: true },
};

let browser: Browser;
let folder: string;

beforeAll(async () => {
    browser = await launchChromium();
    folder = mkdtempSync(join(tmpdir(), "rbd-dr-report-"));
    mkdirSync(SHOTS, { recursive: true });
}, 660_000);

afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
});

/** Opens a report as a file, as a person would, and keeps count of what it says and asks for. */
async function open(name: string, screen: BrowserContextOptions): Promise<{ page: Page; noise: string[] }> {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, reportPage(RECORDS[name]!));
    const context = await browser.newContext(screen);
    const page = await context.newPage();
    const noise: string[] = [];
    const own = pathToFileURL(file).href;
    await context.route("**/*", (route) => {
        if (route.request().url() === own) return route.continue();
        noise.push(`request ${route.request().url()}`);
        return route.abort();
    });
    page.on("console", (message) => noise.push(`console ${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => noise.push(`error ${error.message}`));
    page.on("dialog", (dialog) => {
        noise.push(`dialog ${dialog.message()}`);
        void dialog.dismiss();
    });
    await page.goto(own);
    return { page, noise };
}

/** axe's violations. The page's own policy forbids scripts, so axe is put in from the debugger, past the policy. */
async function violations(page: Page): Promise<string[]> {
    await page.evaluate(AXE);
    const found = await page.evaluate(
        `axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target).join(" ")))`,
    );
    return found as string[];
}

/** Every kind of page in every kind of light would only be slow: names and numbers of volumes do not change colours. */
const VIEWS = [
    ...Object.keys(SCREENS).flatMap((screen) => [["planned", screen] as const, ["disaster", screen] as const]),
    ...["many", "hostile"].flatMap((name) => [[name, "light"] as const, [name, "phone"] as const]),
];

test.each(VIEWS)(
    "the %s report, %s: no request, no complaint, no barrier, no sideways scrolling",
    async (name, screen) => {
        const { page, noise } = await open(name, SCREENS[screen]!);
        expect(await violations(page)).toEqual([]);
        const overflow = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        expect(overflow).toBeLessThanOrEqual(0);
        await page.screenshot({ path: join(SHOTS, `${name}-${screen}.png`), fullPage: true });
        expect(noise).toEqual([]);
        await page.context().close();
    },
    60_000,
);

test("every figure is there, each with a label, a caption, and one picture for the page's width", async () => {
    for (const [screen, size] of [
        ["light", "wide"],
        ["phone", "narrow"],
    ] as const) {
        const { page } = await open("disaster", SCREENS[screen]!);
        // Outage, three moves, writes, lag, trend.
        expect(await page.locator("figure").count()).toBe(7);
        expect(await page.locator(`figure [role=img][aria-label] svg.${size}:visible`).count()).toBe(7);
        expect(await page.locator("figure svg:visible").count()).toBe(7);
        expect(await page.locator("figure figcaption:visible").count()).toBe(7);
        for (const box of await page.locator("figure svg:visible").all())
            expect((await box.boundingBox())!.height).toBeGreaterThan(60);
        const headings = await page.evaluate(`[...document.querySelectorAll("h1, h2, h3")].map((h) => h.tagName)`);
        expect(headings).toEqual(["H1", "H2", "H2", "H3", "H3", "H3", "H2", "H2", "H2", "H2", "H2", "H3", "H3", "H2"]);
        await page.context().close();
    }
}, 60_000);

test("marks and letters of plots are where they can be seen, in light and in dark", async () => {
    for (const [name, screen] of [
        ["disaster", "light"],
        ["disaster", "dark"],
        ["disaster", "phone"],
        ["hostile", "phone"],
    ] as const) {
        const { page } = await open(name, SCREENS[screen]!);
        const lost = await page.evaluate(`[...document.querySelectorAll("svg text")].filter((text) => {
            const svg = text.closest("svg").getBoundingClientRect();
            const box = text.getBoundingClientRect();
            return box.width > 0 && (box.left < svg.left - 1 || box.right > svg.right + 1);
        }).map((text) => text.textContent)`);
        expect(lost).toEqual([]);
        const colours = await page.evaluate(`[...document.querySelectorAll("svg [fill]")]
            .map((mark) => getComputedStyle(mark).fill).filter((fill) => fill === "rgb(0, 0, 0)")`);
        // Black is what a browser paints where a variable is not known.
        expect(colours).toEqual([]);
        await page.context().close();
    }
}, 60_000);

test("the keyboard reaches the skip link first, then the contents", async () => {
    const { page } = await open("planned", SCREENS.light!);
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the report");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    await page.context().close();
}, 60_000);

test("it prints: light on white, all of it, also from a dark screen", async () => {
    const { page } = await open("disaster", SCREENS.dark!);
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect(await page.locator("figure svg.wide:visible").count()).toBe(7);
    expect(await page.locator("nav:visible").count()).toBe(0);
    const file = join(SHOTS, "disaster.pdf");
    await page.pdf({ path: file, preferCSSPageSize: true, printBackground: true });
    expect(readFileSync(file).subarray(0, 5).toString()).toBe("%PDF-");
    expect(statSync(file).size).toBeGreaterThan(20_000);
    await page.context().close();
}, 60_000);
