import { describe, expect, test } from "@jest/globals";
import { DARK, LIGHT, type Colour } from "../../../cli/report/html/palette.js";
import { html } from "../../../cli/report/html/html.js";
import { reportPage } from "../../../cli/report/html/page.js";
import { disasterRecord, plannedRecord } from "./records.js";

describe("the page", () => {
    test("refers to nothing outside of itself and has no script", () => {
        const page = reportPage(disasterRecord());
        expect(page).not.toMatch(/<script|javascript:|@import|url\(/i);
        const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1]!);
        expect(links.filter((link) => !link.startsWith("#") && link !== "data:,")).toEqual([]);
    });

    test("shows the numbers of the record", () => {
        const record = disasterRecord();
        const page = reportPage(record);
        for (const text of ["35.8 s", "586", "5,555", "PEER_UNREACHABLE", "pulumi up -s cluster2", "19.2.3 squid"])
            expect(page).toContain(text);
        for (const part of record.moves[0]!.outage!.parts) expect(page).toContain(part.seconds.toFixed(1));
    });

    test("a drill without moves, samples or versions has a page, too", () => {
        const nothing = { acknowledged: 0, found: 0, lost: 0, discarded: 0, bucketSeconds: 5, buckets: [] };
        const page = reportPage(plannedRecord({ moves: [], lag: [], versions: [], writes: nothing, commands: [] }));
        expect(page).toContain("has not moved");
    });
});

test("values are escaped in text and in attributes; control characters are shown", () => {
    const evil = `"><script>alert('x')</script>&\u0000`;
    expect(html`<p title="${evil}">${[evil, undefined, false, 3]}</p>`.toString()).toBe(
        `<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;\ufffd">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;\ufffd3</p>`,
    );
});

type Rgb = readonly [number, number, number];

const linear = (hex: string): Rgb =>
    [1, 3, 5].map((i) => {
        const value = parseInt(hex.slice(i, i + 2), 16) / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    }) as unknown as Rgb;

/** Contrast of WCAG 2. */
function contrast(a: string, b: string): number {
    const [low, high] = [a, b]
        .map(linear)
        .map(([r, g, bl]) => 0.2126 * r + 0.7152 * g + 0.0722 * bl)
        .sort((x, y) => x - y) as [number, number];
    return (high + 0.05) / (low + 0.05);
}

/** Machado, Oliveira and Fernandes 2009, severity 1. */
const VISION: Readonly<Record<string, readonly number[]>> = {
    protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
    tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

function lab([r, g, b]: Rgb): Rgb {
    const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
    const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
    const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function seenBy(m: readonly number[], [r, g, b]: Rgb): Rgb {
    return [0, 3, 6].map((i) => Math.max(0, m[i]! * r + m[i + 1]! * g + m[i + 2]! * b)) as unknown as Rgb;
}

describe.each([
    ["light", LIGHT],
    ["dark", DARK],
])("the %s colours", (_name, colours) => {
    test.each<Colour>(["ink", "muted", "storage", "good", "warn", "bad"])("%s can be read as text", (name) => {
        expect(contrast(colours[name], colours.page)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(colours[name], colours.panel)).toBeGreaterThanOrEqual(4.5);
    });

    test.each<Colour>(["storage", "application", "engine"])("numbers can be read on %s", (name) => {
        expect(contrast(colours.page, colours[name])).toBeGreaterThanOrEqual(4.5);
    });

    test.each<Colour>(["storage", "application", "engine", "wait", "bad"])("%s stands out as a mark", (name) => {
        expect(contrast(colours[name], colours.page)).toBeGreaterThanOrEqual(3);
    });

    test.each(Object.keys(VISION))("groups stay apart for %s eyes", (kind) => {
        const pairs: [Colour, Colour][] = [
            ["storage", "application"],
            ["storage", "engine"],
            ["application", "engine"],
            ["storage", "bad"],
        ];
        for (const [a, b] of pairs) {
            const [p, q] = [a, b].map((name) => lab(seenBy(VISION[kind]!, linear(colours[name])))) as [Rgb, Rgb];
            expect(Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])).toBeGreaterThan(15);
        }
    });
});
