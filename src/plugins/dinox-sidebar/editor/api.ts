/** Asks the runtime. jQuery, because Node-RED gives it the login's token and the root of the admin API. */
export class ApiError extends Error {
  constructor(
    /** HTTP status; 0: no answer. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly params: Record<string, number> = {},
  ) {
    super(message);
  }
}

export interface Asked<T> {
  answer: Promise<T>;
  abort(): void;
}

export function get<T>(path: string, query: Record<string, string | number | undefined> = {}): Asked<T> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return ask<T>({ url: text ? `${path}?${text}` : path, method: 'GET' });
}

export function post<T>(path: string, body: object): Promise<T> {
  return ask<T>({ url: path, method: 'POST', contentType: 'application/json', data: JSON.stringify(body) })
    .answer;
}

function ask<T>(options: JQuery.AjaxSettings): Asked<T> {
  const request = $.ajax({
    ...options,
    dataType: 'json',
    cache: true,
    headers: { Accept: 'application/json' },
  });
  const answer = new Promise<T>((resolve, reject) => {
    request.done((value: T) => resolve(value));
    request.fail((xhr) => {
      const { code, error, params } = (xhr.responseJSON ?? {}) as {
        code?: string;
        error?: string;
        params?: Record<string, number>;
      };
      reject(new ApiError(xhr.status, code ?? '', error ?? '', params));
    });
  });
  return { answer, abort: () => request.abort() };
}

/** Path of a route of one broker. */
export function brokerPath(id: string, rest: string): string {
  return `dinox/brokers/${encodeURIComponent(id)}/${rest}`;
}
