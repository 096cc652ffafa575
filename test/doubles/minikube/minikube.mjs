/**
 * A scripted minikube for tests: keeps profiles in MINIKUBE_HOME as the real one does, and answers with its streams, forms
 * and exit codes (version 1.38.1). It starts no machine.
 *
 * `$MINIKUBE_HOME/script.json` tells what goes wrong: `{"start": {"stream": "start-failed", "exit": 80, "times": 1}}`,
 * `{"ssh": {"exit": 1, "say": "curl: (7) ..."}}`, `{"start": {"hang": true}}`, `{"version": "1.20.0"}`.
 * `$MINIKUBE_HOME/calls.jsonl` has the arguments of every call.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setInterval } from "node:timers";
import { fileURLToPath } from "node:url";

const root = process.env.MINIKUBE_HOME;
if (!root) throw new Error("The scripted minikube needs MINIKUBE_HOME: it must not touch anybody's own.");
const home = join(root, ".minikube");
const args = process.argv.slice(2);
const flags = Object.fromEntries(
    args
        .filter((a) => a.startsWith("--") && a !== "--")
        .map((a) => [a.slice(2).split("=")[0], a.split("=").slice(1).join("=")]),
);
mkdirSync(root, { recursive: true });
appendFileSync(join(root, "calls.jsonl"), `${JSON.stringify(args)}\n`);

const configFile = (profile) => join(home, "profiles", profile, "config.json");
const machineFile = (profile) => join(home, "machines", profile, "state");
const print = (text) => process.stdout.write(text);
const event = (type, data) =>
    print(
        `${JSON.stringify({ specversion: "1.0", id: "0", source: "https://minikube.sigs.k8s.io/", type: `io.k8s.sigs.minikube.${type}`, datacontenttype: "application/json", data })}\n`,
    );

function replay(name) {
    const file = join(dirname(fileURLToPath(import.meta.url)), "streams", `${name}.jsonl`);
    print(readFileSync(file, "utf8").replaceAll("cluster1", flags.profile));
}

/** Takes the next mishap of a verb from the script, and counts it down. */
function mishap(verb) {
    const file = join(root, "script.json");
    if (!existsSync(file)) return undefined;
    const script = JSON.parse(readFileSync(file, "utf8"));
    const found = script[verb];
    if (found === undefined || found.times === 0) return undefined;
    if (typeof found.times === "number") {
        found.times -= 1;
        writeFileSync(file, JSON.stringify(script));
    }
    return found;
}

function profiles() {
    const dir = join(home, "profiles");
    const names = existsSync(dir) ? readdirSync(dir) : [];
    return names
        .filter((name) => existsSync(configFile(name)))
        .map((name) => JSON.parse(readFileSync(configFile(name), "utf8")));
}

function writeProfile(profile, ip) {
    const old = existsSync(configFile(profile)) ? JSON.parse(readFileSync(configFile(profile), "utf8")) : undefined;
    const mib = (text) => Number.parseInt(text, 10);
    // As the real one: on a cluster that exists, only the version follows the flags.
    const config = old ?? {
        Name: profile,
        Driver: flags.driver,
        CPUs: Number(flags.cpus),
        Memory: mib(flags.memory),
        DiskSize: mib(flags["disk-size"]),
        ExtraDisks: Number(flags["extra-disks"] ?? 0),
        Network: flags.network ?? "",
        KubernetesConfig: { ContainerRuntime: flags["container-runtime"] },
        Nodes: Array.from({ length: Number(flags.nodes) }, (_, i) => ({ IP: ip, Port: 8443, ControlPlane: i === 0 })),
    };
    config.Nodes.forEach((node) => (node.IP = ip));
    config.KubernetesConfig.KubernetesVersion = flags["kubernetes-version"];
    mkdirSync(dirname(configFile(profile)), { recursive: true });
    writeFileSync(configFile(profile), JSON.stringify(config));
}

function notFound() {
    const said = [
        `Profile "${flags.profile}" not found. Run "minikube profile list" to view all profiles.`,
        `To start a cluster, run: "minikube start -p ${flags.profile}"`,
    ];
    if (flags.output === "json") said.forEach((message) => event("info", { message }));
    else print(said.map((line) => `* ${line}\n`).join(""));
    process.exit(85);
}

const verbs = {
    version: () =>
        print(`${JSON.stringify({ commit: "", minikubeVersion: `v${mishap("version")?.is ?? "1.38.1"}` })}\n`),
    profile: () =>
        print(
            JSON.stringify({
                invalid: [],
                valid: profiles().map((c) => ({
                    Name: c.Name,
                    Status: "Skipped",
                    Config: c,
                    Active: false,
                    ActiveKubeContext: false,
                })),
            }),
        ),
    status: () => {
        if (!existsSync(configFile(flags.profile))) notFound();
        if (!existsSync(machineFile(flags.profile))) {
            print("null");
            process.exit(7);
        }
        const state = readFileSync(machineFile(flags.profile), "utf8");
        const up = state === "Running";
        print(
            JSON.stringify({
                Name: flags.profile,
                Host: state,
                Kubelet: state,
                APIServer: state,
                Kubeconfig: up ? "Configured" : "Stopped",
                Worker: false,
            }),
        );
        process.exit(up ? 0 : 7);
    },
    start: () => {
        const bad = mishap("start");
        if (bad?.hang) {
            event("step", { currentstep: "9", totalsteps: "19", name: "Creating VM", message: "Creating kvm2 VM" });
            setInterval(() => {}, 1000);
            return;
        }
        mkdirSync(join(home, "profiles", flags.profile), { recursive: true });
        if (bad) {
            replay(bad.stream);
            writeProfile(flags.profile, "");
            process.exit(bad.exit);
        }
        if (args.includes("--dry-run"))
            return event("step", {
                currentstep: "1",
                totalsteps: "19",
                name: "Selecting Driver",
                message: "dry-run validation complete!",
            });
        replay("start");
        writeProfile(flags.profile, `192.168.39.${10 + profiles().length}`);
        mkdirSync(dirname(machineFile(flags.profile)), { recursive: true });
        writeFileSync(machineFile(flags.profile), "Running");
    },
    stop: () => {
        if (!existsSync(configFile(flags.profile))) notFound();
        writeFileSync(machineFile(flags.profile), "Stopped");
        event("step", { currentstep: "2", totalsteps: "2", name: "Done", message: "1 node stopped." });
    },
    delete: () => {
        const bad = mishap("delete");
        if (bad) {
            event("error", { message: "Failed to delete profile(s): error getting client" });
            process.exit(bad.exit);
        }
        if (!existsSync(configFile(flags.profile)))
            event("error", { message: `"${flags.profile}" profile does not exist, trying anyways.` });
        rmSync(join(home, "profiles", flags.profile), { recursive: true, force: true });
        rmSync(join(home, "machines", flags.profile), { recursive: true, force: true });
        event("info", { message: `Removed all traces of the "${flags.profile}" cluster.` });
    },
    ip: () => {
        if (!existsSync(configFile(flags.profile))) notFound();
        print(`${JSON.parse(readFileSync(configFile(flags.profile), "utf8")).Nodes[0].IP}\n`);
    },
    ssh: () => {
        const bad = mishap("ssh");
        if (!bad) return;
        process.stderr.write(`${bad.say}\n`);
        process.exit(bad.exit);
    },
};

const verb = verbs[args[0]];
if (!verb) {
    process.stderr.write(`Error: unknown command "${args[0]}"\n`);
    process.exit(14);
}
verb();
