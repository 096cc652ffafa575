/**
 * A stand-in for the plugin of @pulumi/command 1.2, which tests cannot download: `command:local:Command` over Pulumi's
 * provider protocol, with the real one's rules (commandController.go): a preview runs nothing and leaves outputs unknown,
 * update falls back to create, delete runs what the state recorded, a change of `triggers` replaces, there is no read.
 */
import { randomBytes } from "node:crypto";
import * as grpc from "@grpc/grpc-js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { KNOWN_INPUTS, runCommand, type CommandInputs, type CommandOutputs } from "./run-command.js";

/** How the protocol writes a value that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Struct = InstanceType<typeof struct.Struct>;
type State = CommandInputs & Partial<CommandOutputs>;

const plain = (s: Struct | undefined) => (s?.toJavaScript() ?? {}) as Record<string, unknown>;
const pack = (value: object) => struct.Struct.fromJavaScript(value as Record<string, never>);
const cancelled = new AbortController();

/** Turns an async function into a handler of the protocol. */
function handler<Request, Response>(work: (request: Request) => Promise<Response> | Response) {
    return (call: { request: Request }, callback: (error: unknown, response?: Response) => void) => {
        Promise.resolve(call.request)
            .then(work)
            .then(
                (response) => callback(null, response),
                (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
            );
    };
}

const engineAddress = process.argv[2];
const engine =
    engineAddress === undefined
        ? undefined
        : new engineRpc.EngineClient(engineAddress, grpc.credentials.createInsecure());

/** Shows a line in the resource's status column. */
function logFor(urn: string): (line: string) => void {
    return (line) => {
        const request = new engineMessages.LogRequest();
        request.setSeverity(engineMessages.LogSeverity.INFO);
        request.setMessage(line);
        request.setUrn(urn);
        request.setEphemeral(true);
        engine?.log(request, () => {});
    };
}

const previousOf = (state: State): CommandOutputs | undefined =>
    state.stdout === undefined ? undefined : { stdout: state.stdout, stderr: state.stderr ?? "" };

function changedKeys(olds: Record<string, unknown>, news: Record<string, unknown>): string[] {
    return KNOWN_INPUTS.filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
}

const service = {
    getPluginInfo: handler(() => {
        const info = new plugin.PluginInfo();
        info.setVersion("1.2.1");
        return info;
    }),
    getSchema: handler(() => {
        const response = new messages.GetSchemaResponse();
        response.setSchema("{}");
        return response;
    }),
    checkConfig: handler((request: InstanceType<typeof messages.CheckRequest>) => {
        const response = new messages.CheckResponse();
        response.setInputs(request.getNews());
        return response;
    }),
    diffConfig: handler(() => new messages.DiffResponse()),
    configure: handler(() => {
        const response = new messages.ConfigureResponse();
        response.setSupportspreview(true);
        return response;
    }),
    check: handler((request: InstanceType<typeof messages.CheckRequest>) => {
        const news = plain(request.getNews());
        const response = new messages.CheckResponse();
        response.setInputs(request.getNews());
        for (const key of Object.keys(news).filter((k) => !KNOWN_INPUTS.includes(k))) {
            const failure = new messages.CheckFailure();
            failure.setProperty(key);
            failure.setReason("the test double of @pulumi/command does not know this input");
            response.addFailures(failure);
        }
        return response;
    }),
    diff: handler((request: InstanceType<typeof messages.DiffRequest>) => {
        const keys = changedKeys(plain(request.getOldInputs()), plain(request.getNews()));
        const response = new messages.DiffResponse();
        const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
        response.setChanges(keys.length > 0 ? DIFF_SOME : DIFF_NONE);
        response.setDiffsList(keys);
        response.setReplacesList(keys.filter((key) => key === "triggers"));
        return response;
    }),
    create: handler(async (request: InstanceType<typeof messages.CreateRequest>) => {
        const inputs = plain(request.getProperties()) as CommandInputs;
        const response = new messages.CreateResponse();
        if (request.getPreview()) {
            response.setProperties(pack({ ...inputs, stdout: UNKNOWN, stderr: UNKNOWN }));
            return response;
        }
        const outputs =
            inputs.create === undefined
                ? { stdout: "", stderr: "" }
                : await runCommand(inputs.create, inputs, undefined, logFor(request.getUrn()), cancelled.signal);
        response.setId(`${request.getUrn().split("::").at(-1)}${randomBytes(4).toString("hex")}`);
        response.setProperties(pack({ ...inputs, ...outputs }));
        return response;
    }),
    update: handler(async (request: InstanceType<typeof messages.UpdateRequest>) => {
        const inputs = plain(request.getNews()) as CommandInputs;
        const olds = plain(request.getOlds()) as State;
        const response = new messages.UpdateResponse();
        if (request.getPreview()) {
            response.setProperties(pack({ ...inputs, stdout: UNKNOWN, stderr: UNKNOWN }));
            return response;
        }
        const command = inputs.update ?? inputs.create;
        const outputs =
            command === undefined
                ? previousOf(olds)
                : await runCommand(command, inputs, previousOf(olds), logFor(request.getUrn()), cancelled.signal);
        response.setProperties(pack({ ...inputs, ...outputs }));
        return response;
    }),
    read: handler((request: InstanceType<typeof messages.ReadRequest>) => {
        const response = new messages.ReadResponse();
        response.setId(request.getId());
        response.setProperties(request.getProperties());
        response.setInputs(request.getInputs());
        return response;
    }),
    delete: handler(async (request: InstanceType<typeof messages.DeleteRequest>) => {
        const state = plain(request.getProperties()) as State;
        if (state.delete !== undefined)
            await runCommand(state.delete, state, previousOf(state), logFor(request.getUrn()), cancelled.signal);
        return new empty.Empty();
    }),
    cancel: handler(() => {
        cancelled.abort();
        return new empty.Empty();
    }),
};

const server = new grpc.Server();
server.addService(
    providerRpc.ResourceProviderService as unknown as grpc.ServiceDefinition,
    service as unknown as grpc.UntypedServiceImplementation,
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    // The engine reads the port from the first line.
    console.log(String(port));
});
