/** Pieces that the report's sections are made of. */
import { html, type Content, type Markup } from "./html.js";
import type { Size } from "./plots/draw.js";

/** A section with its heading; `id` is what the contents link to. */
export function section(id: string, title: string, ...content: readonly Content[]): Markup {
    return html`<section id="${id}" aria-labelledby="${id}-title">
        <h2 id="${id}-title">${title}</h2>
        ${content}
    </section>`;
}

/** A plot with what it shows in words, which is also what a screen reader says of it. */
export function figure(plot: (size: Size) => Markup, label: string, caption: Content): Markup {
    return html`<figure>
        <div role="img" aria-label="${label}">${plot("wide")}${plot("narrow")}</div>
        <figcaption>${caption}</figcaption>
    </figure>`;
}

/** A column of a table. */
export interface Column<Row> {
    readonly head: string;
    readonly cell: (row: Row) => Content;
    /** Numbers are set right. */
    readonly numeric?: boolean;
    /** The column that names the row. */
    readonly heading?: boolean;
}

/**
 * A table. It scrolls by itself where the page is too narrow, by keyboard too.
 *
 * @param sum cells of a last row that sums up
 */
export function table<Row>(
    caption: string,
    columns: readonly Column<Row>[],
    rows: readonly Row[],
    sum?: readonly string[],
): Markup {
    const head = columns.map((c) => html`<th scope="col" ${numeric(c)}>${c.head}</th>`);
    const body = rows.map(
        (row) =>
            html`<tr>
                ${columns.map((c) => cell(c, c.cell(row)))}
            </tr>`,
    );
    const foot =
        sum &&
        html`<tr class="sum">
            ${columns.map((c, i) => cell(c, sum[i]))}
        </tr>`;
    return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
        <table>
            <caption>
                ${caption}
            </caption>
            <thead>
                <tr>
                    ${head}
                </tr>
            </thead>
            <tbody>
                ${body}${foot}
            </tbody>
        </table>
    </div>`;
}

function cell<Row>(column: Column<Row>, content: Content): Markup {
    return column.heading
        ? html`<th scope="row" ${numeric(column)}>${content}</th>`
        : html`<td${numeric(column)}>${content}</td>`;
}

function numeric<Row>(column: Column<Row>): Markup | undefined {
    return column.numeric ? html` class="number"` : undefined;
}

/** What colours or shapes stand for. */
export function legend(entries: readonly { mark: Markup; text: string }[]): Markup {
    return html`<ul class="legend">
        ${entries.map(({ mark, text }) => html`<li>${mark} ${text}</li>`)}
    </ul>`;
}

/** A patch of a group's colour. */
export function swatch(group: string): Markup {
    return html`<span class="swatch ${group}" aria-hidden="true"></span>`;
}
