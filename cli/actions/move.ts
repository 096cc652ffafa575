/** What `rbd-dr failover`, `failback` and `resync` do. */
import type { Move, MoveFlags } from "../commands/moves.js";
import type { OperationFlags } from "../commands/operation.js";
import type { Action } from "../context.js";
import type { Request } from "../sequence/model.js";
import { operate } from "./operate.js";
import { requestOf } from "./request.js";

/** The action of a move. */
export function moveAction(move: Move): Action<OperationFlags & MoveFlags> {
    return async (context, flags) => {
        const asks = flags.yes !== true && (context.interactive || flags.dryRun === true);
        const request = await requestOf(context, move, flags, asks);
        return operate(context, request, flags, lineOf(request));
    };
}

/** An operation as a command line. */
function lineOf(request: Request): string {
    const group = "group" in request && request.group !== undefined ? ` --group ${request.group}` : "";
    switch (request.operation) {
        case "disaster":
            return `rbd-dr failover --to ${request.to} --disaster --lost ${request.lost}${group}`;
        case "resync":
            return `rbd-dr resync --site ${request.site}${group}`;
        case "failover":
        case "failback":
            return `rbd-dr ${request.operation} --to ${request.to}${group}`;
        default:
            return `rbd-dr ${request.operation}`;
    }
}
