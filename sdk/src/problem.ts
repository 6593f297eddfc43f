import type { Problem as ProblemBody } from './generated/types.gen.js';

/** What a problem is about: branch on it. `unknown` stands for an answer that is no problem document. */
export type ProblemCode = ProblemBody['code'] | 'unknown';

/** What the API answered instead of what was asked for (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: ProblemCode;
  /** The fields that are not acceptable. */
  readonly errors: NonNullable<ProblemBody['errors']>;
  /** Path of the object that shows what came of the request. */
  readonly instance?: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** To be named when asking for help. */
  readonly requestId?: string;
  /** Seconds to wait, when the answer says so. */
  readonly retryAfter?: number;

  constructor(status: number, body: Partial<ProblemBody> = {}, retryAfter?: number) {
    super(body.detail ?? body.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = body.code ?? 'unknown';
    this.errors = body.errors ?? [];
    this.instance = body.instance ?? undefined;
    this.retryable = body.retryable ?? [502, 503, 504].includes(status);
    this.requestId = body.request_id;
    this.retryAfter = retryAfter;
  }

  /** Reads an answer, which stays readable; `body` is what was read already. */
  static async of(response: Response, body?: unknown): Promise<Problem> {
    const read = (body ?? (await response.clone().json().catch(() => undefined))) as Partial<ProblemBody> | undefined;
    const after = response.headers.get('retry-after');
    const seconds = after === null ? NaN : /^\d+$/.test(after) ? Number(after) : (Date.parse(after) - Date.now()) / 1000;
    return new Problem(response.status, read?.code ? read : {}, Number.isNaN(seconds) ? undefined : Math.max(0, seconds));
  }
}
