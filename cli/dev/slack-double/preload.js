// Preloaded into the Slack double, a Bun program that would listen on every interface, and whose page runs the
// lines of a plain text together where Slack keeps them.
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
