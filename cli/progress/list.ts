/** Events as a task list on a terminal: each leg with what it does and waits for, while it does. */
import { Listr, type DefaultRenderer, type ListrTask, type ListrTaskWrapper, type SimpleRenderer } from "listr2";
import { formatSeconds } from "../../dr/time.js";
import type { CliEvent, EventBus } from "../events.js";
import { plainLine, syncText } from "./plain.js";
import type { Progress } from "./index.js";

type LegEvent = Extract<CliEvent, { type: "leg" }>;
type Plan = Extract<CliEvent, { type: "plan" }>;
type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** Lines below a leg that is at work. */
const LINES = 4;

/** Shows events as a list, from the first leg on; what comes before or is of no leg is printed as lines. */
export function showList(bus: EventBus): Progress {
    let plan: Plan | undefined;
    let list: RunningList | undefined;
    const off = bus.on((event) => {
        if (event.type === "plan") plan = event;
        else if (event.type === "leg" && plan !== undefined) (list ??= new RunningList(plan)).leg(event);
        else if (list !== undefined && "leg" in event && event.leg !== undefined) list.detail(event.leg, event);
        else if (list === undefined) {
            const line = plainLine(event);
            if (line !== undefined) process.stdout.write(`${line}\n`);
        }
    });
    return {
        end: async () => {
            off();
            await list?.end();
        },
    };
}

/** What happens in one leg. */
class LegState {
    /** Lines that describe what is at work, newest last. */
    readonly working = new Map<string, string>();
    readonly warnings: string[] = [];
    task?: Task;
    settle!: (event: LegEvent) => void;
    /** Resolves when the leg has ended, one way or another. */
    readonly ended = new Promise<LegEvent>((resolve) => (this.settle = resolve));

    show(): void {
        if (this.task !== undefined) this.task.output = [...this.working.values()].slice(-LINES).join("\n");
    }
}

class RunningList {
    private readonly legs: readonly LegState[];
    private readonly run: Promise<void>;

    constructor(plan: Plan) {
        this.legs = plan.legs.map(() => new LegState());
        const list = new Listr(
            groupsOf(plan).map((group) => this.groupTask(plan, group)),
            {
                concurrent: false,
                exitOnError: true,
                // Without the list's own timer: how long a leg took is told by its event, here as in all other forms.
                rendererOptions: { collapseSubtasks: false, formatOutput: "truncate" },
            },
        );
        // How a leg ended is told by its event and by the command's own error.
        this.run = list.run().then(
            () => undefined,
            () => undefined,
        );
    }

    leg(event: LegEvent): void {
        if (event.status !== "started") this.legs[event.leg]?.settle(event);
    }

    detail(index: number, event: CliEvent): void {
        const leg = this.legs[index];
        if (leg === undefined) return;
        if (event.type === "resource") {
            const what = `${event.kind} ${event.name}`;
            leg.working.delete(what);
            if (event.status === "started") leg.working.set(what, `${event.op} ${what}`);
        } else if (event.type === "waiting") {
            leg.working.delete(event.for);
            leg.working.set(event.for, `${event.for}: ${event.seen.split("\n")[0]}`);
        } else if (event.type === "sync") {
            leg.working.delete(event.volume);
            leg.working.set(event.volume, `${event.volume}: ${syncText(event)}`);
        } else if (event.type === "message" && event.severity === "warning") leg.warnings.push(event.text);
        leg.show();
    }

    /** Waits for the list to be drawn to its end; legs that were never begun are let go. */
    async end(): Promise<void> {
        for (const [leg, state] of this.legs.entries())
            state.settle({ type: "leg", at: "", leg, stack: "", status: "interrupted" });
        await this.run;
        for (const { warnings } of this.legs) for (const text of warnings) process.stdout.write(`warning: ${text}\n`);
    }

    private groupTask(plan: Plan, group: readonly number[]): ListrTask {
        if (group.length === 1) return this.legTask(plan, group[0]!);
        return {
            title: "at the same time",
            task: (_, task) =>
                task.newListr(
                    group.map((index) => this.legTask(plan, index)),
                    { concurrent: true },
                ),
        };
    }

    private legTask(plan: Plan, index: number): ListrTask {
        const { stack, why } = plan.legs[index]!;
        const state = this.legs[index]!;
        const title = `${stack}: ${why}`;
        return {
            title,
            task: async (_, task) => {
                state.task = task as unknown as Task;
                state.show();
                const { status, summary, seconds } = await state.ended;
                if (status === "already-done") return task.skip(`${title} (done already)`);
                if (status !== "done") throw new Error(summary ?? status);
                task.title = `${title}${seconds === undefined ? "" : ` (${formatSeconds(seconds)})`}`;
            },
            rendererOptions: { outputBar: LINES },
        };
    }
}

/** Legs that run at the same time stand together. */
function groupsOf({ legs }: Plan): number[][] {
    const groups: number[][] = [];
    legs.forEach(({ parallel }, i) => {
        const last = groups.at(-1);
        if (last !== undefined && parallel.some((other) => last.includes(other))) last.push(i);
        else groups.push([i]);
    });
    return groups;
}
