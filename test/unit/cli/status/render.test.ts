/** The page as a person reads it: the whole text, at two widths. */
import { describe, expect, test } from "@jest/globals";
import { statusReport } from "../../../../cli/status/model.js";
import { renderStatus } from "../../../../cli/status/render.js";
import { image, SPLIT, UNREACHABLE } from "../../dr/world.js";
import { answering, before, copySide, pair, primarySide, siteSeen } from "./pair.js";

const healthy = statusReport(pair());
const broken = statusReport(
    pair({
        one: siteSeen("cluster1", "primary", UNREACHABLE, { unreachableSince: before(90) }),
        two: siteSeen("cluster2", "primary", answering(copySide(1000, { image: image("secondary", SPLIT) })), {
            lock: { holder: "kim@ops1 (pid 4711)", at: before(5400), state: "dead" },
        }),
    }),
);
const many = (() => {
    const keys = Array.from({ length: 12 }, (_, i) => `shop/volume-${String(i).padStart(2, "0")}`);
    const volumes = keys.map((key) => ({ name: key.slice(5), namespace: "shop", size: "1Gi" }));
    const one = keys.map((key) => ({ ...primarySide(), key }));
    const two = keys.map((key, i) => ({ ...copySide(i === 7 ? 700 : 100), key }));
    const intent = { volumes };
    return statusReport(
        pair({
            one: siteSeen(
                "cluster1",
                "primary",
                answering(...one.map((v) => ({ ...v, vr: undefined, image: v.image }))),
                { intent },
            ),
            two: siteSeen("cluster2", "secondary", answering(...two), { intent }),
        }),
    );
})();

describe.each([80, 140])("at %i columns", (columns) => {
    test.each([
        ["a healthy pair", healthy],
        ["a primary that is silent, a copy in split brain, a lock that was left", broken],
    ])("%s", (_, report) => {
        const page = renderStatus(report, { columns, color: false });
        expect(page).toMatchSnapshot();
        // eslint-disable-next-line no-control-regex
        expect(page).not.toMatch(/\u001b/);
    });

    test("no line of the sites' table is wider than the terminal", () => {
        const table = renderStatus(broken, { columns, color: false }).split("\n\n")[1]!;
        for (const line of table.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
    });
});

test("where there are more volumes than rows, those with findings are shown and the others counted", () => {
    const page = renderStatus(many, { columns: 100, color: false, rows: 3 });
    expect(page).toMatch(/shop\/volume-07/);
    expect(page).toMatch(/and 9 more/);
});

test("colours only where they are wanted", () => {
    expect(renderStatus(broken, { columns: 100, color: true })).toContain("\u001b[31m");
});
