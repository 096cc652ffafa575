import { describe, expect, test } from "@jest/globals";
import { describeAdopt, matchesClaim, matchesLabels } from "../../../../dr/claims/labels.js";
import type { AdoptSpec, LabelSelector } from "../../../../dr/claims/types.js";

const expression = (
    key: string,
    operator: "In" | "NotIn" | "Exists" | "DoesNotExist",
    ...values: string[]
): LabelSelector => ({
    matchExpressions: [{ key, operator, values }],
});

describe("a selector", () => {
    const labels = { app: "shop", tier: "db" };
    test.each<[string, LabelSelector, boolean]>([
        ["the empty one", {}, true],
        ["an equal label", { matchLabels: { app: "shop" } }, true],
        ["one label of two", { matchLabels: { app: "shop", tier: "web" } }, false],
        ["In", expression("tier", "In", "web", "db"), true],
        ["In, another value", expression("tier", "In", "web"), false],
        ["In, no such label", expression("zone", "In", "a"), false],
        ["NotIn", expression("tier", "NotIn", "web"), true],
        ["NotIn, the value", expression("tier", "NotIn", "db"), false],
        ["NotIn matches where the label is not there, as in Kubernetes", expression("zone", "NotIn", "a"), true],
        ["Exists", expression("tier", "Exists"), true],
        ["Exists, no such label", expression("zone", "Exists"), false],
        ["DoesNotExist", expression("zone", "DoesNotExist"), true],
        ["DoesNotExist, there", expression("tier", "DoesNotExist"), false],
        ["labels and expressions together", { ...expression("zone", "Exists"), matchLabels: { app: "shop" } }, false],
    ])("%s", (_, selector, expected) => {
        expect(matchesLabels(selector, labels)).toBe(expected);
    });
});

describe("an entry", () => {
    const claim = { key: "shop/data-db-0", labels: { app: "shop" } };
    test.each<[AdoptSpec, boolean, string]>([
        [{ name: "data-db-0", namespace: "shop" }, true, "shop/data-db-0"],
        [{ name: "data-db-0", namespace: "blog" }, false, "blog/data-db-0"],
        [{ selector: { matchLabels: { app: "shop" } } }, true, "app=shop in every namespace"],
        [{ selector: {}, namespaces: ["shop", "blog"] }, true, "all in shop, blog"],
        [{ selector: {}, namespaces: ["blog"] }, false, "all in blog"],
        [{ selector: expression("app", "In", "a", "b") }, false, "app in (a,b) in every namespace"],
    ])("%j", (spec, matches, text) => {
        expect(matchesClaim(spec, claim)).toBe(matches);
        expect(describeAdopt(spec)).toBe(text);
    });
});
