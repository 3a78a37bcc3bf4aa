import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { ApiContext } from "./context.ts";

/** OpenAPI 3.1 from the same schemas that check the calls; read it at /docs, or as /docs/json. */
export async function document(app: FastifyInstance, context: ApiContext): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Countersign", version: "0.1.0", description: DESCRIPTION, license: { name: "Apache-2.0" } },
      servers: [{ url: context.settings.publicUrl }],
      components: {
        securitySchemes: {
          bearer: {
            type: "http",
            scheme: "bearer",
            description: "An agent's key, a workload JWT or a person's token.",
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document)),
  });
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: POLICY, uiConfig: { docExpansion: "list" } });
}

/** The page's own files, the one style sheet it makes while it runs, and style attributes; nothing else. */
const POLICY =
  "default-src 'none'; script-src 'self'; img-src 'self' data:; style-src-attr 'unsafe-inline'; " +
  "style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; " +
  "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const DESCRIPTION =
  "Action-level approvals for AI agents. Every error is problem+json (RFC 9457) with a code; " +
  "`GET /v1/problems/{code}` explains it.";

type Document = ReturnType<typeof jsonSchemaTransformObject>;

/** Every named schema comes out twice, as input and as output; what nothing refers to only confuses. */
function withoutUnused(document: Document): Document {
  const components = "components" in document ? document.components : undefined;
  const schemas: { [name: string]: unknown } = { ...components?.schemas };
  for (let before = -1; before !== Object.keys(schemas).length; ) {
    before = Object.keys(schemas).length;
    const text = JSON.stringify({ ...document, components: { ...components, schemas } });
    for (const name of Object.keys(schemas)) {
      if (!text.includes(`"#/components/schemas/${name}"`)) delete schemas[name];
    }
  }
  return { ...document, components: { ...components, schemas } } as Document;
}
