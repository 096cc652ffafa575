import { describe, expect, test } from "@jest/globals";
import { formatBytes, parseQuantity } from "../../../dr/quantity.js";

describe("parseQuantity", () => {
    test.each([
        ["1Gi", 2 ** 30],
        ["64Mi", 64 * 2 ** 20],
        ["1.5Ki", 1536],
        ["500M", 500e6],
        ["1e9", 1e9],
        ["12E0", 12],
        ["100m", 1],
        [".5Gi", 2 ** 29],
        ["+2Ti", 2 * 2 ** 40],
        ["7", 7],
    ])("%s", (text, bytes) => expect(parseQuantity(text)).toBe(bytes));

    test.each(["", "Gi", "1GB", "1 Gi", "-1Gi", "1gi", "1e", "0x10", "1Gi ", "NaN"])("refuses %j by name", (text) => {
        expect(() => parseQuantity(text)).toThrow(JSON.stringify(text));
    });

    test("refuses what cannot be counted exactly", () => expect(() => parseQuantity("16Ei")).toThrow("16Ei"));
});

test("formatBytes reads back at the right scale", () => {
    expect(formatBytes(512)).toBe("512 B");
    expect(formatBytes(1.5 * 2 ** 20)).toBe("1.5 Mi");
    expect(formatBytes(2 ** 30)).toBe("1 Gi");
});
