import type { ActionSchema } from "../actions/action.ts";
import { actionSchemaOf } from "../actions/catalogue.ts";
import type { Configuration } from "../config/configuration.ts";
import { type Target, targetOf } from "../config/configuration.ts";
import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Action } from "../core/request.ts";
import { canonicalJson } from "../crypto/canonical.ts";
import type { AgentIdentity } from "./auth/identity.ts";
import type { SubmitBody } from "./contract/submit.ts";
import { argumentsError } from "./validation.ts";

/** Parses what an agent wants into an action it may ask for; nothing after this looks at the body again. */
export function actionOf(
  body: SubmitBody,
  identity: AgentIdentity,
  configuration: Configuration,
): { action: Action; target: Target } {
  const schema = schemaFor(body.action, identity);
  const target = targetFor(body.target, schema, identity, configuration);
  const parsed = schema.arguments.safeParse(body.arguments);
  if (!parsed.success) throw argumentsError(parsed.error);
  const size = Buffer.byteLength(canonicalJson(parsed.data));
  if (size > LIMITS.argumentsBytes) {
    throw new CountersignError("ARGUMENTS_INVALID", `They take ${size} bytes; ${LIMITS.argumentsBytes} fit.`, {
      pointer: "/arguments",
    });
  }
  return { action: { type: schema.type, target: target.name, arguments: parsed.data }, target };
}

function schemaFor(type: string, identity: AgentIdentity): ActionSchema {
  const schema = actionSchemaOf(type);
  if (schema === null) throw new CountersignError("ACTION_UNKNOWN", "", { pointer: "/action" });
  if (!isListed(identity.settings?.actions, type)) {
    throw new CountersignError("FORBIDDEN", "This agent may not ask for this action.", { pointer: "/action" });
  }
  return schema;
}

function targetFor(name: string, schema: ActionSchema, identity: AgentIdentity, configuration: Configuration): Target {
  const target = targetOf(configuration, name);
  if (target === null || target.kind !== schema.targetKind) {
    throw new CountersignError("TARGET_UNKNOWN", "", { pointer: "/target" });
  }
  if (!isListed(identity.settings?.targets, name)) {
    throw new CountersignError("FORBIDDEN", "This agent may not ask for this target.", { pointer: "/target" });
  }
  return target;
}

/** An empty list means all; no list at all means that the configuration does not know the agent. */
function isListed(allowed: string[] | undefined, name: string): boolean {
  return allowed !== undefined && (allowed.length === 0 || allowed.includes(name));
}
