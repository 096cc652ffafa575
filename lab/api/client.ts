/** The lab's own programs talking to a site's API server: typed clients whose every request ends in time. */
import {
    AppsV1Api,
    CoreV1Api,
    CustomObjectsApi,
    KubeConfig,
    KubernetesObjectApi,
    PatchStrategy,
    ServerConfiguration,
    StorageV1Api,
    createConfiguration,
    setHeaderMiddleware,
    setHeaderOptions,
    type ConfigurationOptions,
    type KubernetesObject,
    type RequestContext,
    type ResponseContext,
} from "@kubernetes/client-node";

/** Clients of one API server. A frozen server fails requests after the timeout instead of holding them for ever. */
export interface Api {
    readonly kubeConfig: KubeConfig;
    readonly core: CoreV1Api;
    readonly apps: AppsV1Api;
    readonly storage: StorageV1Api;
    /** Rook's and csi-addons' custom resources. */
    readonly custom: CustomObjectsApi;
    /** Any built-in kind, by manifest. */
    readonly objects: KubernetesObjectApi;
}

/** The client library keeps the constructor of its object API open and its default namespace closed. */
class ObjectApi extends KubernetesObjectApi {
    override defaultNamespace = "default";
}

/**
 * Reads a kubeconfig and makes the clients; nothing is sent yet.
 * @param kubeconfig path of the kubeconfig file
 * @param context name of the context in it
 * @param timeoutMs how long one request may take, body included
 * @throws when the file cannot be read or has no such context
 */
export function connect(kubeconfig: string, context: string, timeoutMs = 15_000): Api {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromFile(kubeconfig);
    const names = kubeConfig.getContexts().map((known) => known.name);
    if (!names.includes(context)) {
        throw new Error(
            `kubeconfig ${kubeconfig} has no context "${context}" (it has: ${names.join(", ") || "none"}); pass one of those`,
        );
    }
    kubeConfig.setCurrentContext(context);
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster) throw new Error(`context "${context}" of ${kubeconfig} names a cluster that the file does not hold`);
    const configuration = createConfiguration({
        baseServer: new ServerConfiguration(cluster.server, {}),
        authMethods: { default: kubeConfig },
        middleware: [setHeaderMiddleware("User-Agent", "rbd-dr-lab")],
        promiseMiddleware: [
            {
                pre: async (request: RequestContext) => {
                    request.setSignal(AbortSignal.timeout(timeoutMs));
                    return request;
                },
                post: async (response: ResponseContext) => response,
            },
        ],
    });
    return {
        kubeConfig,
        core: new CoreV1Api(configuration),
        apps: new AppsV1Api(configuration),
        storage: new StorageV1Api(configuration),
        custom: new CustomObjectsApi(configuration),
        objects: new ObjectApi(configuration),
    };
}

/** Request options that send the body as an RFC 7386 merge patch. */
export const mergePatch: ConfigurationOptions = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** HTTP status of a failed request; undefined when the server was not reached or did not answer in time. */
export function httpStatus(error: unknown): number | undefined {
    const code = (error as { code?: unknown })?.code;
    const status = typeof code === "number" ? code : (error as { statusCode?: unknown })?.statusCode;
    return typeof status === "number" ? status : undefined;
}

/** One line that says what went wrong, without the request's headers and body that the library's errors carry. */
export function describeError(error: unknown): string {
    const status = httpStatus(error);
    if (status !== undefined) {
        const body = (error as { body?: unknown }).body;
        return `HTTP ${status}: ${messageOf(body) ?? (error as Error).message.split("\n")[0]}`;
    }
    const cause = (error as { cause?: unknown })?.cause;
    const text = error instanceof Error ? error.message : String(error);
    return cause instanceof Error && !text.includes(cause.message) ? `${text}: ${cause.message}` : text;
}

function messageOf(body: unknown): string | undefined {
    let value = body;
    if (typeof value === "string") {
        try {
            value = JSON.parse(value);
        } catch {
            return (value as string) || undefined;
        }
    }
    const message = (value as { message?: unknown })?.message;
    return typeof message === "string" ? message : undefined;
}

/** Runs a request and turns 404 into undefined. */
export async function found<T>(request: Promise<T>): Promise<T | undefined> {
    try {
        return await request;
    } catch (error) {
        if (httpStatus(error) === 404) return undefined;
        throw error;
    }
}

/**
 * Server-side apply: creates the object or changes just the fields that the manifest names.
 * @param fieldManager who owns those fields from then on
 */
export async function apply<T extends KubernetesObject>(api: Api, manifest: T, fieldManager: string): Promise<T> {
    return await api.objects.patch(manifest, undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply);
}
