import { CATALOGUE } from "../../actions/catalogue.ts";
import { sha256 } from "../../crypto/digest.ts";
import type { Api } from "../app.ts";
import { authorisedOperator } from "../authority.ts";
import type { ApiContext } from "../context.ts";
import { BEARER, PROBLEMS } from "../contract/answers.ts";
import { ConfigurationView } from "../contract/me.ts";
import { time } from "../request-view.ts";

/** What is in force, for operators: names and digests, no contents. */
export function configurationRoutes(app: Api, context: ApiContext): void {
  app.get("/v1/configuration", { schema }, async (req) => {
    await authorisedOperator(context, req);
    const { version, digest, keyId, configuration } = await context.configuration.inForce();
    return {
      version,
      digest,
      appliedAt: time(configuration.appliedAt),
      signedBy: keyId,
      policies: configuration.policies.map(({ file, text }) => ({ file, digest: sha256(text) })),
      targets: configuration.targets.map(({ name, kind, environment }) => ({ name, kind, environment })),
      actions: CATALOGUE.map((action) => action.type),
    };
  });
}

const schema = {
  summary: "Which configuration is in force?",
  tags: ["operators"],
  security: BEARER,
  response: { 200: ConfigurationView, ...PROBLEMS },
};
