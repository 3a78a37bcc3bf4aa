/** The part of it that tests use; the package brings no types. */
declare module "oidc-provider" {
  import type { RequestListener } from "node:http";

  export default class Provider {
    constructor(
      issuer: string,
      options: {
        clients: { client_id: string; client_secret: string; redirect_uris: string[] }[];
        claims: { [scope: string]: string[] };
        pkce: { required: () => boolean };
        findAccount: (context: unknown, id: string) => { accountId: string; claims: () => { sub: string } };
      },
    );
    callback(): RequestListener;
  }
}
