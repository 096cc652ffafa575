/** The option by which a command is told of the application that it writes and reads as. */
import { Option } from "commander";

/** `--app <file>`; `rbd-dr-drill.yaml` where it is not given. */
export function appOption(): Option {
    return new Option("--app <file>", "the drill file that describes your application (default: rbd-dr-drill.yaml)");
}
