/** docs/cli.md, made from the command definitions, the exit codes and the schema of the events. */
import type { Command, Option } from "commander";
import { z } from "zod";
import { eventSchema } from "../events.js";
import { examplesOf } from "../examples.js";
import { EXIT, EXIT_MEANINGS, type ExitName } from "../exit-codes.js";

/** The page, not yet formatted. */
export function cliReference(program: Command): string {
    return [
        `# ${program.name()}`,
        "<!-- Made by `npm run docs:cli` from the command definitions in cli/. Do not edit. -->",
        `${program.description()} It runs the same program as \`pulumi up\`, by the same stack files, and does nothing that \`pulumi config set\` and \`pulumi up\` could not: \`--print-commands\` shows them.`,
        "From a checkout: `npm run rbd-dr -- COMMAND`, or `node cli/bin.mjs COMMAND`, or `npm link` once and then `rbd-dr COMMAND`.",
        "```text\nrbd-dr [options] COMMAND\n```",
        options(program.options),
        ...program.commands.map(commandSection),
        "## Interrupted",
        "Ctrl-C once asks pulumi to end the step at hand and begin no other; once more ends it now. However a run ended, by Ctrl-C, SIGKILL or a power cut, **the same command goes on from what is there**: it ends what the dead run left running on this machine, clears its lock, finds the steps that are done, and does the rest. A lock whose holder is alive, or on another machine, is never cleared: the command says who holds it, and since when.",
        "## Exit codes",
        table(
            ["code", "name", "meaning"],
            (Object.keys(EXIT) as ExitName[]).map((name) => [String(EXIT[name]), name, EXIT_MEANINGS[name]]),
        ),
        "## Events",
        "With `--json`, standard output has one JSON object a line. The last one is a `result`. Fields in _italics_ may be absent.",
        ...eventTypes().map(eventSection),
    ].join("\n\n");
}

function commandSection(command: Command): string {
    const examples = examplesOf(command).map(({ line, does }) => `$ ${line}\n      ${does}`);
    return [
        `## ${command.name()}`,
        `${capital(command.description())}.`,
        `\`\`\`text\nrbd-dr ${command.name()} ${command.usage()}\n\`\`\``,
        ...(command.registeredArguments.length === 0
            ? []
            : [
                  table(
                      ["argument", "meaning"],
                      command.registeredArguments.map((argument) => [
                          code(argument.name()),
                          `${argument.description}${argument.argChoices === undefined ? "" : `: ${argument.argChoices.join(", ")}`}`,
                      ]),
                  ),
              ]),
        ...(command.options.length === 0 ? [] : [options(command.options)]),
        ...(examples.length === 0 ? [] : [`\`\`\`console\n${examples.join("\n")}\n\`\`\``]),
    ].join("\n\n");
}

function options(all: readonly Option[]): string {
    return table(
        ["option", "meaning"],
        all
            .filter((option) => !option.hidden)
            .map((option) => [
                code(option.flags),
                `${option.description}${option.defaultValue === undefined ? "" : ` (default: ${code(String(option.defaultValue))})`}`,
            ]),
    );
}

/** A JSON schema, as far as it is read here. */
interface JsonSchema {
    readonly description?: string;
    readonly type?: string;
    readonly const?: unknown;
    readonly enum?: readonly string[];
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
    readonly items?: JsonSchema;
    readonly oneOf?: readonly JsonSchema[];
    readonly anyOf?: readonly JsonSchema[];
}

function eventTypes(): readonly JsonSchema[] {
    const schema = z.toJSONSchema(eventSchema) as JsonSchema;
    return schema.oneOf ?? schema.anyOf ?? [];
}

function eventSection({ properties = {}, required = [] }: JsonSchema): string {
    const rows = fieldRows(properties, required).filter(([name]) => name !== code("type"));
    return [`### ${code(String(properties["type"]!.const))}`, table(["field", "type", "meaning"], rows)].join("\n\n");
}

function fieldRows(
    properties: Readonly<Record<string, JsonSchema>>,
    required: readonly string[],
    prefix = "",
): string[][] {
    return Object.entries(properties).flatMap(([name, schema]) => {
        const path = code(`${prefix}${name}`);
        const inner = schema.items?.properties === undefined ? undefined : schema.items;
        const row = [required.includes(name) ? path : `_${path}_`, typeName(schema), schema.description ?? ""];
        return [
            row,
            ...(inner === undefined ? [] : fieldRows(inner.properties!, inner.required ?? [], `${prefix}${name}[].`)),
        ];
    });
}

function typeName({ type, enum: values, items }: JsonSchema): string {
    if (values !== undefined) return values.map(code).join(", ");
    if (type === "array") return `list of ${items?.type === "object" ? "objects" : typeName(items ?? {})}`;
    return type ?? "any";
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
    return `\`${text}\``;
}

function capital(text: string): string {
    return text.charAt(0).toUpperCase() + text.slice(1);
}
