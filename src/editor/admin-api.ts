import type { Text } from '../base/text';
import { readText } from './texts';

export type Params = Readonly<Record<string, string | number>>;

/** A request that the runtime refused or did not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** HTTP status; 0: no answer. */
    readonly status: number,
    /** Key of the reason; empty if there is none. */
    readonly code: string,
    /** Details in the runtime's words, if there are any. */
    message: string,
    /** Parameters of the reason. */
    readonly params: Params = {},
  ) {
    super(message);
  }

  /** True if the logged-in user may not do this. */
  get isForbidden(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** Time-out of a request in milliseconds; longer than the longest one that waits for news. */
const TIMEOUT = 120_000;

/**
 * Asks the runtime. Like all functions here, it rejects with an {@link ApiError}. `path` is relative, because Node-RED
 * has told jQuery the login's token and the root of the admin API.
 */
export function get<T>(
  path: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
  signal?: AbortSignal,
): Promise<T> {
  const wanted = Object.entries(query).filter(([, value]) => value !== undefined);
  return request<T>({ url: path, data: Object.fromEntries(wanted) }, signal);
}

export function post<T>(path: string, body: object): Promise<T> {
  return request<T>({
    url: path,
    method: 'POST',
    contentType: 'application/json',
    data: JSON.stringify(body),
  });
}

export const remove = (path: string): Promise<void> => request<void>({ url: path, method: 'DELETE' });

/** The answer of the runtime's `Routes` when it refuses. */
interface Refusal {
  code?: string;
  error?: string;
  params?: Params;
  text?: Text;
}

function request<T>(settings: JQuery.AjaxSettings, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const asked = $.ajax({ timeout: TIMEOUT, dataType: 'json', ...settings });
    signal?.addEventListener('abort', () => asked.abort(), { once: true });
    void asked.then(
      (answer: T) => resolve(answer),
      ({ status, responseJSON }: JQueryXHR) => {
        const { code = '', error = '', params, text } = (responseJSON ?? {}) as Refusal;
        reject(new ApiError(status, code, text ? readText(text) : error, params));
      },
    );
  });
}

/** Path of a route of one broker. */
export function brokerPath(id: string, rest: string): string {
  return `dinox/brokers/${encodeURIComponent(id)}/${rest}`;
}
