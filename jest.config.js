const common = {
    extensionsToTreatAsEsm: [".ts"],
    moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
    transform: { "^.+\\.ts$": ["ts-jest", { useESM: true, diagnostics: false }] },
    clearMocks: true,
};
/** @type {import('jest').Config} */
export default {
    projects: ["unit", "program", "engine"].map((name) => ({
        ...common,
        displayName: name,
        testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
    })),
};
