/** `rbd-dr completion`: a script that completes the command line, made from the command definitions. */
import { Argument, type Command } from "commander";
import { runs } from "../context.js";
import { withExamples } from "../examples.js";
import { completionScript, SHELLS, type Shell } from "../completion.js";

/** Adds the command. */
export function addCompletion(program: Command): void {
    const command = program
        .command("completion")
        .description("print a script that completes rbd-dr's command line")
        .addArgument(new Argument("<shell>", "which shell").choices([...SHELLS]))
        .action(
            runs("completion", () =>
                Promise.resolve((context, _options, shell) => {
                    context.print(completionScript(program, shell as Shell));
                    return Promise.resolve();
                }),
            ),
        );
    withExamples(command, [
        { line: "source <(rbd-dr completion bash)", does: "completes in this bash; put it into ~/.bashrc to keep it" },
        { line: "rbd-dr completion zsh > ~/.zfunc/_rbd-dr", does: "for zsh, where fpath has ~/.zfunc" },
        { line: "rbd-dr completion fish > ~/.config/fish/completions/rbd-dr.fish", does: "for fish" },
    ]);
}
