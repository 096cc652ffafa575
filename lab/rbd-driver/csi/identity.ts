import type { Driver } from "../driver.js";
import { VENDOR_VERSION } from "../driver.js";
import type { Handlers } from "../server.js";

/**
 * CSI identity. Unlike ceph-csi it does not advertise topology: the lab's node has no CSINode to take a topology key
 * from, and a volume of this driver can be reached from everywhere.
 */
export function csiIdentity({ options }: Driver): Handlers {
    return {
        GetPluginInfo: async () => ({ name: options.name, vendor_version: VENDOR_VERSION }),
        GetPluginCapabilities: async () => ({
            capabilities: [{ service: { type: "CONTROLLER_SERVICE" } }, { volume_expansion: { type: "ONLINE" } }],
        }),
        Probe: async () => ({ ready: { value: true } }),
    };
}
