/// <reference path="./red.d.ts" />

/** What the runtime refused: the HTTP status (0: no answer), and why. */
export interface Refused {
  status: number;
  code: string;
  params?: Record<string, string | number> | undefined;
  /** The whole story, where there is one. */
  text: string;
}

/** Asks the runtime. jQuery, because Node-RED gives it the login's token and the root of the admin API. */
export function post<T>(path: string, body: object): Promise<T> {
  return asked<T>({ url: path, method: 'POST', contentType: 'application/json', data: JSON.stringify(body) });
}

export const get = <T>(path: string): Promise<T> => asked<T>({ url: path, cache: false });

function asked<T>(settings: JQuery.AjaxSettings): Promise<T> {
  return new Promise((resolve, reject) => {
    void $.ajax({ ...settings, dataType: 'json' }).then(
      (answer: T) => resolve(answer),
      ({ status, responseJSON }: JQueryXHR) => {
        const { code, error, params } = (responseJSON ?? {}) as Partial<Refused> & { error?: string };
        reject({ status, code: code ?? error ?? '', params, text: error ?? '' } satisfies Refused);
      },
    );
  });
}

/** Words that dialogs share: those of `dinox-broker`, which every one of them needs. */
export function shared(key: string, params?: Record<string, unknown>): string {
  return RED.nodes.getType('dinox-broker')?._?.(`dinox-broker.${key}`, params) ?? key;
}
