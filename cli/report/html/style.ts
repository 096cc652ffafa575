/** The report's style sheet. */
import { DARK, LIGHT, variables } from "./palette.js";

/** Below this width in CSS pixels the narrow plots are shown. */
const NARROW = 720;

/** CSS for screen, dark and light, phone and paper. It refers to nothing outside of the page. */
export const STYLE = `
:root { color-scheme: light dark; ${variables(LIGHT)} }
@media screen and (prefers-color-scheme: dark) { :root { ${variables(DARK)} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
    margin: 0; background: var(--page); color: var(--ink);
    font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
    font-variant-numeric: tabular-nums;
}
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 8px; top: 8px; padding: 8px 12px; background: var(--page); border: 2px solid var(--ink); z-index: 1; }
.wrap { max-width: 848px; margin: 0 auto; padding: 40px 24px 64px; }
a { color: var(--storage); text-underline-offset: 2px; }
a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--storage); outline-offset: 2px; }
.eyebrow { margin: 0; color: var(--muted); font-size: 14px; }
h1 { margin: 4px 0 0; font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; text-wrap: balance; }
h2 { margin: 0 0 8px; font-size: 20px; line-height: 1.3; font-weight: 650; }
h3 { margin: 32px 0 4px; font-size: 16px; font-weight: 650; }
p { margin: 8px 0; max-width: 68ch; }
section { margin-top: 56px; padding-top: 20px; border-top: 1px solid var(--rule); }
.verdict { margin: 28px 0 0; padding: 16px 20px 16px 18px; background: var(--panel); border-left: 4px solid var(--tone); }
.verdict p { margin: 0; font-size: 19px; line-height: 1.45; text-wrap: pretty; }
.verdict .outcome { font-size: 14px; font-weight: 650; color: var(--tone); margin-bottom: 4px; }
.passed { --tone: var(--good); }
.declared-loss, .unfinished { --tone: var(--warn); }
.failed { --tone: var(--bad); }
.key { display: grid; grid-template-columns: repeat(auto-fit, minmax(136px, 1fr)); gap: 20px 24px; margin: 28px 0 0; }
.key div { border-top: 1px solid var(--rule); padding-top: 8px; }
.key dt { font-size: 13px; line-height: 1.35; color: var(--muted); }
.key dd { margin: 2px 0 0; font-size: 24px; line-height: 1.25; font-weight: 600; }
.key dd small { display: block; font-size: 13px; font-weight: 400; color: var(--muted); line-height: 1.4; }
nav { margin-top: 28px; font-size: 14px; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: 3px 0; }
figure { margin: 16px 0 0; }
figcaption { margin-top: 8px; font-size: 14px; color: var(--muted); max-width: 76ch; }
.plot { display: block; max-width: 100%; height: auto; color: var(--ink); }
.plot.narrow { display: none; }
.legend .swatch { margin-right: 2px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 12px 0 0; padding: 0; list-style: none; font-size: 14px; }
.swatch { display: inline-block; width: 11px; height: 11px; margin-right: 6px; background: var(--patch); }
.swatch.storage { --patch: var(--storage); }
.swatch.application { --patch: var(--application); }
.swatch.engine { --patch: var(--engine); }
.swatch.wait { --patch: var(--page); border: 1.5px solid var(--wait); }
.swatch.bad { --patch: var(--bad); }
.scroll { margin-top: 24px; overflow-x: auto; }
table { border-collapse: collapse; min-width: 100%; font-size: 14px; line-height: 1.45; }
caption { padding-bottom: 6px; text-align: left; font-weight: 650; }
th, td { padding: 6px 16px 6px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-weight: 500; vertical-align: bottom; border-bottom-color: var(--muted); }
tbody th { font-weight: 500; min-width: 8.5em; }
.number + td:not(.number), .number + th:not(.number) { padding-left: 16px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 0 40px; }
.pair > * { min-width: 0; }
.number { text-align: right; white-space: nowrap; }
tr.sum th, tr.sum td { font-weight: 650; }
.nowrap { white-space: nowrap; }
.lost { color: var(--bad); font-weight: 650; }
.note { color: var(--muted); font-size: 14px; }
.plain { padding-left: 20px; max-width: 76ch; }
.plain li { margin: 4px 0; overflow-wrap: anywhere; }
pre {
    margin: 8px 0 0; padding: 12px 16px; background: var(--panel); font: 13px/1.6 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
    white-space: pre-wrap; overflow-wrap: anywhere;
}
code { font: 0.92em ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
h1, h2, h3, p, dd, td, th { overflow-wrap: break-word; }
h1, .verdict p { overflow-wrap: anywhere; }
footer { margin-top: 56px; padding-top: 16px; border-top: 1px solid var(--rule); font-size: 13px; color: var(--muted); }
@media screen and (max-width: ${NARROW}px) {
    .wrap { padding: 24px 16px 48px; }
    h1 { font-size: 25px; }
    .verdict { padding: 14px 14px 14px 12px; }
    .verdict p { font-size: 17px; }
    .verdict .outcome { font-size: 14px; }
    .key { grid-template-columns: 1fr 1fr; gap: 16px; }
    .key dd { font-size: 21px; }
    section { margin-top: 40px; }
    .plot.wide { display: none; }
    .plot.narrow { display: block; }
    th, td { padding-right: 12px; }
}
@page { size: A4; margin: 16mm 15mm; }
@media print {
    body { font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    .wrap { max-width: none; padding: 0; }
    .skip, nav { display: none; }
    section { margin-top: 26pt; }
    h2, h3, caption { break-after: avoid; }
    figure, .verdict, .key, .scroll, pre { break-inside: avoid; }
    .scroll { overflow: visible; margin-top: 14pt; }
    table { font-size: 9pt; }
    th, td { padding-top: 2.5pt; padding-bottom: 2.5pt; }
    .key dd { font-size: 16pt; }
    h1 { font-size: 20pt; }
    h2 { font-size: 14pt; }
    h3 { font-size: 11pt; margin-top: 18pt; }
    .verdict p { font-size: 13pt; }
    thead { display: table-header-group; }
    a { color: inherit; text-decoration: none; }
}
`;
