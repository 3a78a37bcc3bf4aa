import { encodeSearchAttributeIndexedValueType } from "@temporalio/common/lib/search-attributes.js";
import type { NativeConnection } from "@temporalio/worker";
import { SEARCH_ATTRIBUTES } from "../core/search-attributes.ts";

/** Before the first workflow task: an unregistered attribute would fail a workflow's task for ever. */
export async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { operatorService } = connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTES).filter(({ name }) => !(name in (customAttributes ?? {})));
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(
    missing.map(({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type) ?? 0]),
  );
  try {
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Several workers start at once: whoever came first has added them.
    const again = await operatorService.listSearchAttributes({ namespace });
    if (missing.some(({ name }) => !(name in (again.customAttributes ?? {})))) throw error;
  }
}
