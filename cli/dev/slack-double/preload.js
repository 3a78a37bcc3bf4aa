// Preloaded into the Slack double, a Bun program that would listen on every interface, whose page runs the lines of
// a plain text together where Slack keeps them, and whose home has buttons that say they are of a message.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

const LINES = "<style>.bk-text, .bk-field, .bk-context-text, .bk-hint { white-space: pre-line; }</style>";

const serve = Bun.serve;
Bun.serve = (options) => {
  const answer = async (request, server) => {
    const response = await options.fetch(request, server);
    if (!response?.headers.get("content-type")?.startsWith("text/html")) return response;
    const page = await response.text();
    return new Response(page.replace("</head>", `${LINES}</head>`), { headers: { "content-type": "text/html" } });
  };
  return serve.call(Bun, { ...options, fetch: answer, hostname: "127.0.0.1" });
};

const send = globalThis.fetch;
globalThis.fetch = (url, init) => send(url, fromHome(init) ?? init);

/** Slack names the view, and neither a message nor a conversation. */
function fromHome(init) {
  if (typeof init?.body !== "string" || !init.body.startsWith("payload=")) return null;
  const payload = JSON.parse(new URLSearchParams(init.body).get("payload"));
  if (payload.type !== "block_actions" || payload.message !== undefined) return null;
  const { channel: _channel, response_url: _url, ...rest } = payload;
  const said = { ...rest, container: { type: "view", view_id: "V0HOME" } };
  const body = new URLSearchParams({ payload: JSON.stringify(said) }).toString();
  return { ...init, body, headers: { ...init.headers, "X-Slack-Signature": signature(init, payload, body) } };
}

function signature({ headers }, { api_app_id }, body) {
  const { apps } = JSON.parse(readFileSync(process.argv[process.argv.indexOf("--config") + 1], "utf8"));
  const { signingSecret } = apps.find((app) => app.appId === api_app_id);
  const signed = `v0:${headers["X-Slack-Request-Timestamp"]}:${body}`;
  return `v0=${createHmac("sha256", signingSecret).update(signed).digest("hex")}`;
}
