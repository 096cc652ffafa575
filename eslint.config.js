import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["node_modules/", "coverage/", "artifacts/", "reports/"] },
    js.configs.recommended,
    ...tseslint.configs.recommended,
    {
        rules: {
            "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
            "@typescript-eslint/consistent-type-imports": "error",
            eqeqeq: "error",
        },
    },
    {
        files: ["**/*.mjs", "**/*.js"],
        languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } },
    },
    {
        // The functional core decides; it never reads the world (docs/adr/0002).
        files: ["dr/**/*.ts"],
        rules: {
            "no-restricted-imports": [
                "error",
                {
                    patterns: [
                        "@pulumi/*",
                        "@kubernetes/*",
                        "execa",
                        "node:*",
                        "../observe/*",
                        "../components/*",
                        "../lab/*",
                    ],
                },
            ],
        },
    },
    {
        // The program never knows that it is in the lab.
        files: ["*.ts", "components/**/*.ts", "observe/**/*.ts", "minikube/**/*.ts", "cli/**/*.ts"],
        rules: { "no-restricted-imports": ["error", { patterns: ["**/lab/*", "../lab/**", "./lab/**"] }] },
    },
    prettier,
);
