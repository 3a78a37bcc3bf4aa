// Preloaded into the Slack double, which is a Bun program and would listen on every interface.
const serve = Bun.serve;
Bun.serve = (options) => serve.call(Bun, { ...options, hostname: "127.0.0.1" });
