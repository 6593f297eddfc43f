import { type Client, createClient, createConfig } from './generated/client/index.js';
import { keyed } from './generated/keyed.gen.js';
import { Operations } from './generated/sdk.gen.js';
import { Problem } from './problem.js';
import { type SendOptions, sender } from './send.js';

export interface CatalystOptions extends SendOptions {
  /** Where the API is: `https://app.example.com`, without `/api`. */
  url: string;
}

/** The API. Every operation is a method; what is answered stands in `data`, and a {@link Problem} is thrown. */
export class Catalyst extends Operations {
  readonly #send: (request: Request) => Promise<Response>;

  constructor(options: CatalystOptions) {
    const send = sender(options);
    super({ client: clientOf(options.url, send) });
    this.#send = send;
  }

  /** Generates, and tells how far it is: `for await (const event of (await api.generateContentStream(…)).stream)`. */
  override async generateContentStream(options: Parameters<Operations['generateContentStream']>[0]) {
    let failure: unknown;
    const { stream } = await super.generateContentStream({
      ...options,
      sseMaxRetryAttempts: 1,
      onSseError: (error) => (failure = error),
      fetch: async (input) => {
        const response = await this.#send(input as Request);
        if (!response.ok) throw await Problem.of(response);
        return response;
      },
    });
    return { stream: complete(stream, () => failure) };
  }
}

function clientOf(url: string, send: (request: Request) => Promise<Response>): Client {
  const client = createClient(createConfig({ baseUrl: url.replace(/\/+$/, ''), throwOnError: true, fetch: send as typeof fetch }));
  client.interceptors.request.use((request, { url: path }) => {
    if (keyed.has(`${request.method} ${path}`) && !request.headers.has('idempotency-key')) {
      request.headers.set('idempotency-key', crypto.randomUUID());
    }
    return request;
  });
  client.interceptors.error.use((error, response) => (response && !response.ok ? Problem.of(response, error) : error));
  return client;
}

/** Fails when the stream did, and when it ends before it said how the generation ended. */
async function* complete<E extends { type: string }>(events: AsyncIterable<E>, failure: () => unknown) {
  let last: string | undefined;
  for await (const event of events) {
    last = event.type;
    yield event;
  }
  if (failure()) throw failure();
  if (last !== 'content' && last !== 'problem') throw new Error('The stream ended before the generation did.');
}

/** Headers of a change that is refused when somebody changed the object since: `updateMe({ headers: ifMatch(seen), … })`. */
export function ifMatch(seen: { response: Response }): { 'If-Match': string } {
  const tag = seen.response.headers.get('etag');
  if (tag === null) throw new TypeError('The answer has no ETag.');
  return { 'If-Match': tag };
}

/** Every item of a list: `for await (const video of paginate((cursor) => api.listVideos({ query: { cursor } })))`. */
export async function* paginate<T>(page: (cursor?: string) => Promise<{ data: { items: T[]; next_cursor?: string | null } }>): AsyncGenerator<T, void> {
  let cursor: string | undefined;
  do {
    const { data } = await page(cursor);
    yield* data.items;
    cursor = data.next_cursor ?? undefined;
  } while (cursor);
}
