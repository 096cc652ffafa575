/**
 * Shell completion, generated from the command definitions: the scripts are static, so that a TAB costs nothing. The
 * libraries at hand call the program at every TAB, which takes a second here.
 */
import type { Argument, Command, Option } from "commander";

/** Shells that can be completed for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = (typeof SHELLS)[number];

/** A command as completion needs it. */
interface Completed {
    readonly name: string;
    readonly description: string;
    readonly options: readonly Option[];
    readonly choices: readonly string[];
}

/** The script for a shell. */
export function completionScript(program: Command, shell: Shell): string {
    const commands = program.commands.map((command) => ({
        name: command.name(),
        description: command.description(),
        options: [...command.options, ...program.options].filter((option) => !option.hidden),
        choices: command.registeredArguments.flatMap((argument: Argument) => argument.argChoices ?? []),
    }));
    return { bash, zsh, fish }[shell](program.name(), commands, program.options);
}

function bash(name: string, commands: readonly Completed[], common: readonly Option[]): string {
    const id = name.replaceAll("-", "_");
    const cases = commands.map(
        (c) => `        ${c.name}) words="${[...c.choices, ...c.options.flatMap(flags), "--help"].join(" ")}" ;;`,
    );
    return [
        `# bash completion for ${name}`,
        `_${id}() {`,
        `    local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" command="" word words`,
        `    for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
        `        case "$word" in ${commands.map((c) => c.name).join("|")}) command="$word"; break ;; esac`,
        `    done`,
        `    case "$previous" in ${folders(commands, common).join("|")}) COMPREPLY=($(compgen -d -- "$current")); return ;; esac`,
        `    case "$command" in`,
        ...cases,
        `        *) words="${[...commands.map((c) => c.name), ...common.flatMap(flags), "--help"].join(" ")}" ;;`,
        `    esac`,
        `    COMPREPLY=($(compgen -W "$words" -- "$current"))`,
        `}`,
        `complete -F _${id} ${name}`,
    ].join("\n");
}

function zsh(name: string, commands: readonly Completed[], common: readonly Option[]): string {
    const id = name.replaceAll("-", "_");
    return [
        `#compdef ${name}`,
        `_${id}() {`,
        `    local -a commands`,
        `    commands=(`,
        ...commands.map((c) => `        ${quoted(`${c.name}:${c.description}`)}`),
        `    )`,
        `    local context state line`,
        `    _arguments -C ${common.flatMap(zshOption).join(" ")} '1: :->command' '*:: :->rest'`,
        `    case "$state" in`,
        `        command) _describe command commands ;;`,
        `        rest)`,
        `            case "$line[1]" in`,
        ...commands.map((c) => {
            const choices = c.choices.length === 0 ? [] : [quoted(`1:argument:(${c.choices.join(" ")})`)];
            return `                ${c.name}) _arguments ${[...c.options.flatMap(zshOption), ...choices].join(" ")} ;;`;
        }),
        `            esac ;;`,
        `    esac`,
        `}`,
        `_${id} "$@"`,
    ].join("\n");
}

function fish(name: string, commands: readonly Completed[], common: readonly Option[]): string {
    const names = commands.map((c) => c.name).join(" ");
    const none = `not __fish_seen_subcommand_from ${names}`;
    return [
        `# fish completion for ${name}`,
        `complete -c ${name} -f`,
        ...common.map((option) => `complete -c ${name} ${fishOption(option)}`),
        ...commands.map((c) => `complete -c ${name} -n ${quoted(none)} -a ${c.name} -d ${quoted(c.description)}`),
        ...commands.flatMap((c) => {
            const here = `complete -c ${name} -n ${quoted(`__fish_seen_subcommand_from ${c.name}`)}`;
            return [
                ...c.options.filter((o) => !common.includes(o)).map((option) => `${here} ${fishOption(option)}`),
                ...(c.choices.length === 0 ? [] : [`${here} -a ${quoted(c.choices.join(" "))}`]),
            ];
        }),
    ].join("\n");
}

function flags(option: Option): string[] {
    return [option.short, option.long].filter((flag): flag is string => flag !== undefined);
}

/** Options whose value is a folder or a file. */
function folders(commands: readonly Completed[], common: readonly Option[]): string[] {
    const all = [...common, ...commands.flatMap((c) => c.options)].filter(takesPath);
    return [...new Set(all.flatMap(flags))];
}

function takesPath(option: Option): boolean {
    return /<(dir|file)>/.test(option.flags);
}

function zshOption(option: Option): string[] {
    const value = !option.required ? "" : takesPath(option) ? ":path:_files" : ":value:";
    return flags(option).map((flag) => quoted(`${flag}[${option.description.replaceAll("]", "\\]")}]${value}`));
}

function fishOption(option: Option): string {
    const short = option.short === undefined ? "" : ` -s ${option.short.slice(1)}`;
    const long = option.long === undefined ? "" : ` -l ${option.long.slice(2)}`;
    const value = !option.required ? "" : takesPath(option) ? " -r -F" : " -x";
    return `${short}${long}${value} -d ${quoted(option.description)}`.trim();
}

function quoted(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
}
