import type { NodeAPI } from 'node-red';
import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { TooOften } from '../../base/rate-limit';
import { type Headers, refuseForeign } from './origin-guard';
import { Refusal } from './refusal';

/** The parts of Express that the routes use; Node-RED brings it. */
export interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly headers: Headers;
  /** The person logged in. */
  readonly user?: { readonly username?: string };
}

export interface Response {
  status(code: number): this;
  set(name: string, value: string): this;
  json(body: unknown): void;
  send(body: string): void;
  on(event: 'close', listener: () => void): void;
  readonly headersSent: boolean;
}

export type Handler = (request: Request, response: Response) => unknown;
type Next = (error?: unknown) => void;
type Middleware = (request: never, response: never, next: Next) => unknown;
type Permission = 'dinox.read' | 'dinox.write' | 'dinox.metrics' | 'flows.write';

/** Node-RED's admin application, below `httpAdminRoot`. */
export interface Admin {
  get(path: string, ...handlers: unknown[]): void;
  post(path: string, ...handlers: unknown[]): void;
  delete(path: string, ...handlers: unknown[]): void;
}

/**
 * Registers routes, each with the permission that it needs. Routes that change something answer only the editor's
 * own page. A handler's result is the answer; its error becomes `{code, params, error, text}`:
 * `error` is the text in English.
 */
export class Routes {
  constructor(
    private readonly admin: Admin,
    private readonly needsPermission: (permission: string) => Middleware,
  ) {}

  /** A GET for people who may look. */
  get(path: string, handler: Handler, permission: Permission = 'dinox.read'): void {
    this.admin.get(path, this.needsPermission(permission), this.answered(handler));
  }

  /** A question whose parameters are too long for an address; it changes nothing. */
  ask(path: string, handler: Handler): void {
    this.post(path, handler, 'dinox.read');
  }

  /** A POST for people who may change something. */
  post(path: string, handler: Handler, permission: Permission = 'dinox.write'): void {
    this.admin.post(path, this.needsPermission(permission), this.answered(handler, { hasBody: true }));
  }

  /** A POST for people who may deploy flows. */
  deploy(path: string, handler: Handler): void {
    this.post(path, handler, 'flows.write');
  }

  delete(path: string, handler: Handler, permission: Permission = 'dinox.write'): void {
    this.admin.delete(path, this.needsPermission(permission), this.answered(handler, { hasBody: false }));
  }

  private answered(handler: Handler, guard?: { hasBody: boolean }): Handler {
    return async (request, response) => {
      // Measurements from home are private: no cache on the way keeps them.
      response.set('Cache-Control', 'no-store');
      try {
        if (guard) refuseForeign(request.headers, guard.hasBody);
        const answer = await handler(request, response);
        if (!response.headersSent) response.json(answer ?? {});
      } catch (error) {
        if (response.headersSent) return;
        const { status, code, params, message, text } = refusalOf(error);
        if (params.seconds !== undefined) response.set('Retry-After', String(params.seconds));
        response.status(status).json({ code, params, error: message, text });
      }
    };
  }
}

/** Routes of a node or plugin. */
export function adminRoutes(RED: NodeAPI): Routes {
  return new Routes(RED.httpAdmin as unknown as Admin, (permission) => RED.auth.needsPermission(permission));
}

/** Requests that come too often get the status 429 (RFC 6585 §4). */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof TooOften) return new Refusal(429, 'often', error.text, { seconds: error.seconds });
  return new Refusal(500, 'failed', text('route.failed', { reason: textOf(error) }));
}

/** A whole number from a query or body, within a range; `fallback` if there is none. */
export function whole(value: unknown, min: number, max: number, fallback: number): number {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? Math.min(max, Math.max(min, Math.floor(number))) : fallback;
}

/** The body as an object; empty if it is none. */
export const requestBody = ({ body }: Pick<Request, 'body'>): Readonly<Record<string, unknown>> =>
  asObject(body);

/** An object as it is; empty for anything else. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
