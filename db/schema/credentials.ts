import { pgTable, text } from "drizzle-orm/pg-core";
import type { PrincipalId } from "../../core/principal.ts";
import type { CredentialKind } from "../types.ts";
import { instant } from "./columns.ts";

/** API keys and personal tokens: a hash, never the text. */
export const credentials = pgTable("credentials", {
  id: text("id").primaryKey(),
  hash: text("hash").notNull().unique("credentials_hash_key"),
  kind: text("kind").$type<CredentialKind>().notNull(),
  principal: text("principal").$type<PrincipalId>().notNull(),
  scopes: text("scopes").array().notNull(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at"),
  revokedAt: instant("revoked_at"),
  lastUsedAt: instant("last_used_at"),
});
