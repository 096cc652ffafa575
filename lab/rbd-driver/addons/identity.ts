import type { Driver } from "../driver.js";
import { VENDOR_VERSION } from "../driver.js";
import type { Handlers } from "../server.js";

/** csi-addons identity: says that volumes can be replicated. */
export function addonsIdentity({ options }: Driver): Handlers {
    return {
        GetIdentity: async () => ({ name: options.name, vendor_version: VENDOR_VERSION }),
        GetCapabilities: async () => ({
            capabilities: [
                { service: { type: "CONTROLLER_SERVICE" } },
                { volume_replication: { type: "VOLUME_REPLICATION" } },
            ],
        }),
        Probe: async () => ({ ready: { value: true } }),
    };
}
