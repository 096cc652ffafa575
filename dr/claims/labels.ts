/** Kubernetes' label selectors, evaluated here: claims are listed once, and records are matched that are on no cluster. */
import type { AdoptSpec, LabelSelector } from "./types.js";

/** Whether labels fulfil a selector, as the API server decides it. */
export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
    const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
    return equal && (selector.matchExpressions ?? []).every((expression) => holds(expression, labels));
}

function holds(
    { key, operator, values = [] }: NonNullable<LabelSelector["matchExpressions"]>[number],
    labels: Readonly<Record<string, string>>,
): boolean {
    const value = labels[key];
    switch (operator) {
        case "In":
            return value !== undefined && values.includes(value);
        case "NotIn":
            return value === undefined || !values.includes(value);
        case "Exists":
            return value !== undefined;
        case "DoesNotExist":
            return value === undefined;
    }
}

/** Whether an entry of config matches a claim. */
export function matchesClaim(
    spec: AdoptSpec,
    claim: { readonly key: string; readonly labels: Readonly<Record<string, string>> },
): boolean {
    if ("name" in spec) return claim.key === `${spec.namespace}/${spec.name}`;
    const namespace = claim.key.slice(0, claim.key.indexOf("/"));
    if (spec.namespaces !== undefined && !spec.namespaces.includes(namespace)) return false;
    return matchesLabels(spec.selector, claim.labels);
}

/** An entry in words, as `app=shop in shop, blog`. */
export function describeAdopt(spec: AdoptSpec): string {
    if ("name" in spec) return `${spec.namespace}/${spec.name}`;
    const where = spec.namespaces === undefined ? "every namespace" : spec.namespaces.join(", ");
    return `${describeSelector(spec.selector)} in ${where}`;
}

/** A selector as kubectl writes it; `all` for the empty one. */
export function describeSelector(selector: LabelSelector): string {
    const terms = [
        ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
        ...(selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
            if (operator === "Exists") return key;
            if (operator === "DoesNotExist") return `!${key}`;
            return `${key} ${operator === "In" ? "in" : "notin"} (${values.join(",")})`;
        }),
    ];
    return terms.length === 0 ? "all" : terms.join(",");
}
