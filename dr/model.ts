/**
 * The words of the program: what a site, a volume and a record are, what was seen of them, and what was decided.
 * Everything in `dr/` is a pure function over these types; `observe/` fills them in, `components/` builds from them.
 */
export * from "./model/intent.js";
export * from "./model/records.js";
export * from "./model/seen.js";
export * from "./model/outputs.js";
export * from "./model/decision.js";
