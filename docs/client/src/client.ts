/** One client for one server: queries and mutations by urql, subscriptions by server-sent events. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { Client, type CombinedError, fetchExchange } from '@urql/core';
import { print } from 'graphql';
import { createClient as createStreamClient } from 'graphql-sse';
import type { RefusalFragment } from './generated.js';

/** What a mutation answers besides the thing itself: why nothing was kept. */
interface Payload {
  userErrors: RefusalFragment[];
}

/** The server could not or would not execute the operation. `code` is stable, `requestId` finds it in the server's log. */
export class Failure extends Error {
  readonly code: string;
  readonly requestId: string | undefined;

  constructor(error: CombinedError) {
    const first = error.graphQLErrors[0];
    super(first?.message ?? error.message);
    this.code = String(first?.extensions['code'] ?? 'NETWORK');
    this.requestId = first?.extensions['requestId'] as string | undefined;
  }
}

/** The input was refused by a rule: one reason for each part of it, for a form to show beside its fields. */
export class Refused extends Error {
  constructor(readonly reasons: RefusalFragment[]) {
    super(reasons.map((reason) => `${reason.path.join('.')}: ${reason.code} (${reason.message})`).join('\n'));
  }
}

export interface Settings {
  /** The address of `/graphql`. */
  url: string;
  /** An access token, for those who have signed in. */
  token?: string | undefined;
  /** The language of texts and messages: fi, sv or en. */
  language: string;
}

export class Monituottaja {
  readonly #client: Client;
  readonly #streams: ReturnType<typeof createStreamClient>;

  constructor({ url, token, language }: Settings) {
    const headers: Record<string, string> = { 'accept-language': language };
    if (token) headers['authorization'] = `Bearer ${token}`;
    this.#client = new Client({ url, exchanges: [fetchExchange], preferGetMethod: false, fetchOptions: { headers } });
    this.#streams = createStreamClient({ url, headers });
  }

  /** Asks; throws a {@link Failure} when there is no answer. */
  async query<Result, Variables extends object>(
    document: TypedDocumentNode<Result, Variables>,
    variables: Variables,
  ): Promise<Result> {
    const { data, error } = await this.#client.query(document, variables).toPromise();
    if (error || !data) throw new Failure(error!);
    return data;
  }

  /** Changes; throws {@link Refused} when a rule said no. `pick` names the payload in the result. */
  async mutate<Result, Variables extends object, Answer extends Payload>(
    document: TypedDocumentNode<Result, Variables>,
    variables: Variables,
    pick: (result: Result) => Answer,
  ): Promise<Answer> {
    const { data, error } = await this.#client.mutation(document, variables).toPromise();
    if (error || !data) throw new Failure(error!);
    const payload = pick(data);
    if (payload.userErrors.length > 0) throw new Refused(payload.userErrors);
    return payload;
  }

  /** Follows a subscription. The stream is opened at the first `next()`; leaving the loop closes it. */
  subscribe<Result, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Result, Variables>,
    variables: Variables,
  ): AsyncIterableIterator<Result> {
    const results = this.#streams.iterate<Result>({ query: print(document), variables });
    return (async function* () {
      for await (const { data, errors } of results) {
        if (errors?.[0]) throw new Error(errors[0].message);
        if (data) yield data;
      }
    })();
  }

  /** Ends what is still open. */
  close(): void {
    this.#streams.dispose();
  }
}
