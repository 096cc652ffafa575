/** How the demo speaks: chapters, the commands as a user would type them, and what came of them. */
import chalk from "chalk";
import type { PulumiCli, PulumiResult } from "../program/pulumi-cli.js";

/** A line of a pulumi run that is worth a reader's time: a step that is done, a refusal, an error. */
const WORTH_SAYING = /^\s*[-+~>]+\s.*\b(created|updated|deleted|replaced|create|update|delete|replace)\b|waiting for /;

export class Narrator {
    private readonly started = Date.now();

    /** @param write where lines go; standard output by default */
    constructor(private readonly write: (line: string) => void = (line) => console.log(line)) {}

    chapter(title: string): void {
        this.write(`\n${chalk.bold.cyan(`■ ${title}`)} ${chalk.dim(`(${this.elapsed()})`)}`);
    }

    say(text: string): void {
        this.write(`  ${text}`);
    }

    good(text: string): void {
        this.write(`  ${chalk.green("✔")} ${text}`);
    }

    bad(text: string): void {
        this.write(`  ${chalk.red("✘")} ${text}`);
    }

    command(text: string): void {
        this.write(`  ${chalk.yellow("$")} ${chalk.bold(text)}`);
    }

    quote(text: string): void {
        for (const line of text.trim().split("\n")) this.write(`    ${chalk.dim("│")} ${line}`);
    }

    /** Seconds since the demo began, as `m:ss`. */
    elapsed(): string {
        const seconds = Math.round((Date.now() - this.started) / 1000);
        return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }

    /** Flips a key of a stack, as a user does. */
    async flip(cli: PulumiCli, stack: string, key: string, value: string): Promise<void> {
        this.command(`pulumi config set ${key} ${value} -s ${stack}`);
        await cli.setConfig(stack, key, value);
    }

    /** `pulumi up`, telling the steps of volumes and workloads as they are done. */
    async up(cli: PulumiCli, stack: string): Promise<PulumiResult> {
        this.command(`pulumi up -s ${stack} --yes --skip-preview`);
        const said = new Set<string>();
        const result = await cli.up(stack, {
            onLine: (line) => {
                const text = tidy(line);
                if (text === undefined || said.has(text)) return;
                said.add(text);
                this.quote(text);
            },
        });
        this.good(`done in ${result.seconds.toFixed(0)} s: ${counts(result.text)}`);
        return result;
    }

    /** `pulumi preview`: what would change, by name. */
    async preview(cli: PulumiCli, stack: string): Promise<void> {
        this.command(`pulumi preview -s ${stack}`);
        const steps = await cli.changes(stack);
        for (const step of steps)
            this.quote(`${SIGNS[step.op] ?? step.op} ${step.type.split(":").at(-1)} ${step.name}`);
        if (steps.length === 0) this.quote("no changes");
    }

    /** `pulumi preview` of something that costs: what would change, and every warning. Returns the preview's text. */
    async warned(cli: PulumiCli, stack: string): Promise<string> {
        this.command(`pulumi preview -s ${stack}`);
        const { text } = await cli.preview(stack);
        for (const warning of warningsOf(text)) this.quote(`${chalk.yellow("warning:")} ${warning}`);
        const said = new Set(text.split("\n").flatMap((line) => tidyStep(line) ?? []));
        for (const step of said) this.quote(step);
        return text;
    }

    /** A preview that must be refused; says the refusal. */
    async refused(cli: PulumiCli, stack: string): Promise<boolean> {
        this.command(`pulumi preview -s ${stack}`);
        const { exitCode, text } = await cli.preview(stack, { mayFail: true });
        const refusal = refusalOf(text);
        if (exitCode === 0 || refusal === undefined) {
            this.bad("this should have been refused, and was not");
            this.quote(text);
            return false;
        }
        this.quote(refusal);
        return true;
    }
}

const SIGNS: Readonly<Record<string, string>> = { create: "+", update: "~", delete: "-", replace: "±" };

/** The refusal in the text of a pulumi run, as the program wrote it. */
export function refusalOf(text: string): string | undefined {
    const lines = text.split("\n");
    const start = lines.findLastIndex((line) => /^\s*error: /.test(line));
    if (start < 0) return undefined;
    const rest = lines.slice(start);
    const end = rest.findIndex((line, i) => i > 0 && line.trim() === "");
    return rest
        .slice(0, end < 0 ? undefined : end)
        .map((line, i) => (i === 0 ? line.replace(/^\s*error: /, "") : line.trim()))
        .join("\n");
}

/** Warnings of Pulumi about its own plugins: true, and nothing that the story is about. */
const ABOUT_PLUGINS = /^(using pulumi-|resource plugin )/;

/** The program's warnings in the text of a pulumi run, each once. */
export function warningsOf(text: string): string[] {
    const all = [...text.matchAll(/^\s*warning: (.*)$/gm)].map((match) => match[1]!.trim());
    return [...new Set(all)].filter((warning) => !ABOUT_PLUGINS.test(warning));
}

/** A step of a preview that changes something, as `~ VolumeReplication NAME`. */
function tidyStep(line: string): string | undefined {
    const step =
        /(PersistentVolumeClaim|PersistentVolume|VolumeReplication|Deployment|ReplicatedVolume)\s+(\S+)\s+(create|update|delete|replace)\b/.exec(
            line,
        );
    return step === null ? undefined : `${SIGNS[step[3]!] ?? step[3]} ${step[1]} ${step[2]}`;
}

function tidy(line: string): string | undefined {
    if (!WORTH_SAYING.test(line)) return undefined;
    const volume =
        /(PersistentVolumeClaim|PersistentVolume|VolumeReplication|Deployment)\s+(\S+)\s+(created|updated|deleted)(.*)/.exec(
            line,
        );
    if (volume) return `${volume[3]} ${volume[1]} ${volume[2]}${volume[4]}`.trimEnd();
    return /waiting for .*/.exec(line)?.[0];
}

function counts(text: string): string {
    const section = text.slice(text.lastIndexOf("Resources:")).split("\n").slice(1);
    const lines = section.map((l) => l.trim()).filter((l) => /^[-+~±]*\s*\d+ /.test(l));
    return lines.join(", ") || "no changes";
}
