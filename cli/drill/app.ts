/** The application that a drill watches: something that writes, is told what is safe, and whose writes can be read back. */
import type { AckedWrite } from "../report/record.js";

/** What one copy was found to hold. */
export interface Verified {
    readonly volume: string;
    readonly site: string;
    /** RFC 3339. */
    readonly at: string;
    /** Acknowledged writes that were looked for: the first so many in the order of acknowledgement. */
    readonly acknowledged: number;
    /** Numbers of those that are missing or damaged. */
    readonly lost: readonly number[];
}

/** An application whose writes are numbered. */
export interface DrillApp {
    /** What it is, for the report. */
    readonly description: string;
    /** `namespace/name` of the volumes that it writes. */
    readonly volumes: readonly string[];
    /** All writes that were acknowledged so far, on both sites, each volume's in the order of acknowledgement. */
    acknowledgements(): Promise<readonly AckedWrite[]>;
    /**
     * Reads every acknowledged write back from the copies on a site.
     *
     * @throws CliError where a copy cannot be read
     */
    verify(site: string): Promise<readonly Verified[]>;
    /** Lets go of connections. */
    close(): Promise<void>;
}
