/** A template tag that escapes: no value reaches a page as markup unless it was made as such. */

/** Markup that is safe to put into a page as it is. */
export class Markup {
    constructor(private readonly text: string) {}

    toString(): string {
        return this.text;
    }
}

/** What may stand in a template. Lists are joined; `undefined` and `false` leave nothing. */
export type Content = Markup | string | number | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
};

/** Markup from a template whose values are escaped. Attributes must be quoted in the template. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
    return new Markup(strings.reduce((text, part, i) => text + render(values[i - 1]) + part));
}

function render(value: Content): string {
    if (value === undefined || value === false) return "";
    if (value instanceof Markup) return value.toString();
    if (typeof value === "object") return value.map(render).join("");
    return printable(String(value)).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Control characters are no part of an HTML document; they are shown, as they may be what went wrong. */
function printable(text: string): string {
    // eslint-disable-next-line no-control-regex
    return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "\ufffd");
}
