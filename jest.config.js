const common = {
    extensionsToTreatAsEsm: [".ts"],
    moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
    transform: { "^.+\\.ts$": ["ts-jest", { useESM: true, diagnostics: false }] },
    clearMocks: true,
    // Jest wraps what a test file leaves on `process`; execa's signal-exit lives there, and wrapped twice it recurses for ever.
    testEnvironmentOptions: { globalsCleanup: "off" },
};
/** @type {import('jest').Config} */
export default {
    projects: [
        ...["unit", "program", "engine", "disaster", "groups", "adopt", "conformance", "browser", "drill", "cli"].map(
            (name) => ({
                ...common,
                displayName: name,
                testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
            }),
        ),
        // minikube as far as it goes without a driver: the real CLI, a scripted one, and the real pulumi with both doubles.
        { ...common, displayName: "minikube-engine", testMatch: ["<rootDir>/test/engine-minikube/**/*.test.ts"] },
    ],
};
