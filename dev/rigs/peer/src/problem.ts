/** An error as the API tells it (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail?: string,
    readonly pointer?: string,
  ) {
    super(code);
  }

  body(requestId: string): object {
    return {
      type: `https://content-catalyst.example/problems/${this.code}`,
      status: this.status,
      code: this.code,
      detail: this.detail,
      request_id: requestId,
      ...(this.pointer ? { errors: [{ pointer: this.pointer, message: this.detail }] } : {}),
    };
  }
}

export const notFound = () => new Problem(404, "not_found", "No such object.");
