import { html as template } from "htm/preact";
import type { ComponentChildren, VNode } from "preact";
import { renderToString } from "preact-render-to-string";

export type Markup = ComponentChildren;

/** Every value put into a template is escaped by construction; there is no way to write raw markup. */
export const html: (strings: TemplateStringsArray, ...values: unknown[]) => VNode = template;

export function render(page: VNode): string {
  return `<!doctype html>\n${renderToString(page)}`;
}
