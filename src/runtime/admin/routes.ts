import { TooOften } from '../../base/rate-limit';
import { isForeign } from './request-guard';

/** What the routes use of Express, which Node-RED brings. */
export interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Whoever is logged in. */
  readonly user?: { readonly username?: string };
}

export interface Response {
  status(code: number): this;
  set(name: string, value: string): this;
  json(body: unknown): void;
  on(event: 'close', listener: () => void): void;
  readonly headersSent: boolean;
}

export type Handler = (request: Request, response: Response) => unknown;
type Next = (error?: unknown) => void;
type Middleware = (request: never, response: never, next: Next) => unknown;

/** Node-RED's admin application, below `httpAdminRoot`. */
export interface Admin {
  get(path: string, ...handlers: unknown[]): void;
  post(path: string, ...handlers: unknown[]): void;
}

/** An answer that is none: the status, and for people what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly status: number,
    /** Key below `error` in the locale files, or a text of its own. */
    readonly code: string,
    message = '',
    /** What the text names. */
    readonly params: Readonly<Record<string, number>> = {},
  ) {
    super(message);
  }
}

/** Registers routes with their permission; what a handler throws or rejects with becomes an answer. */
export class Routes {
  constructor(
    private readonly admin: Admin,
    private readonly needsPermission: (permission: string) => Middleware,
    private readonly translate: (key: string, params: Readonly<Record<string, number>>) => string,
  ) {}

  /** For who may look. */
  get(path: string, handler: Handler): void {
    this.admin.get(path, this.needsPermission('dinox.read'), this.answered(handler));
  }

  /** A question whose parameters are too long for an address; changes nothing. */
  ask(path: string, handler: Handler): void {
    this.admin.post(path, this.needsPermission('dinox.read'), this.answered(handler, true));
  }

  /** For who may change something. */
  post(path: string, handler: Handler): void {
    this.admin.post(path, this.needsPermission('dinox.write'), this.answered(handler, true));
  }

  /** For who may deploy flows. */
  deploy(path: string, handler: Handler): void {
    this.admin.post(path, this.needsPermission('flows.write'), this.answered(handler, true));
  }

  private answered(handler: Handler, guarded = false): Handler {
    return async (request, response) => {
      // What people measure at home is nobody else's: no cache on the way keeps it.
      response.set('Cache-Control', 'no-store');
      try {
        if (guarded) refuseForged(request.headers);
        const answer = await handler(request, response);
        if (!response.headersSent) response.json(answer ?? {});
      } catch (error) {
        if (response.headersSent) return;
        const { status, code, params, message } = refusalOf(error);
        if (params.seconds !== undefined) response.set('Retry-After', String(params.seconds));
        response
          .status(status)
          .json({ code, params, error: message || this.translate(`error.${code}`, params) });
      }
    };
  }
}

/**
 * Refuses what a page of somebody else makes a browser send. A browser sends JSON across origins only after asking,
 * which Node-RED does not allow; beside that, it says itself where a request comes from.
 */
export function refuseForged(headers: Request['headers']): void {
  const [type = ''] = String(headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') throw new Refusal(415, 'json');
  if (isForeign(headers)) throw new Refusal(403, 'origin');
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof TooOften) return new Refusal(429, 'often', '', { seconds: error.seconds });
  return new Refusal(500, 'failed', error instanceof Error ? error.message.slice(0, 500) : '');
}

/** A whole number out of a query or body, within a range; `fallback` where there is none. */
export function whole(value: unknown, min: number, max: number, fallback: number): number {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? Math.min(max, Math.max(min, Math.floor(number))) : fallback;
}

/** The body as an object; empty where it is none. */
export function bodyOf(request: Request): Readonly<Record<string, unknown>> {
  const { body } = request;
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? (body as Record<string, unknown>)
    : {};
}
