/**
 * The login at Node-RED's own `auth/token`. The token may do one thing, `dinox.read`. It lasts as long as the page
 * (`sessionStorage`), so that a borrowed phone forgets it, unless the person wants to stay logged in: an installed web
 * app forgets a session each time it is closed. Somebody who is logged in to the editor in this browser is logged in
 * here, too.
 */

const KEY = 'dinox-home-token';
const SCOPE = 'dinox.read';
/** Folder of the editor, seen from the page. */
export const EDITOR = '../../';

/** What Node-RED asks people for. `elsewhere`: a login of another service, which only the editor can lead to. */
export type LoginKind = 'none' | 'password' | 'elsewhere';

export class Session {
  private own: string | undefined = read('sessionStorage') ?? read('localStorage');
  private isOwnBad = false;
  private isEditorBad = false;

  /** The token to send; undefined: none is known, or none is accepted. */
  get token(): string | undefined {
    if (this.own !== undefined && !this.isOwnBad) return this.own;
    return this.isEditorBad ? undefined : editorToken();
  }

  /** The page has a login of its own, which it can end. */
  get isOwn(): boolean {
    return this.own !== undefined && !this.isOwnBad;
  }

  /** Node-RED does not accept the token. @returns true if there is another one to try */
  refused(token: string | undefined): boolean {
    if (token === undefined) return false;
    if (token === this.own) {
      this.forget();
      this.isOwnBad = true;
    } else this.isEditorBad = true;
    return this.token !== undefined;
  }

  async kind(): Promise<LoginKind> {
    const response = await fetch(`${EDITOR}auth/login`, { headers: { Accept: 'application/json' } });
    const { type } = (await response.json()) as { type?: string };
    return type === undefined ? 'none' : type === 'credentials' ? 'password' : 'elsewhere';
  }

  /** @returns the HTTP status; 200: logged in */
  async login(username: string, password: string, stay: boolean): Promise<number> {
    const response = await fetch(`${EDITOR}auth/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({
        client_id: 'node-red-editor',
        grant_type: 'password',
        scope: SCOPE,
        username,
        password,
      }),
    });
    if (!response.ok) return response.status;
    const { access_token: token } = (await response.json()) as { access_token?: unknown };
    if (typeof token !== 'string') return 500;
    this.own = token;
    this.isOwnBad = false;
    write(stay ? 'localStorage' : 'sessionStorage', token);
    return 200;
  }

  /** Ends the login here and at Node-RED. */
  async logout(): Promise<void> {
    const token = this.own;
    this.forget();
    this.own = undefined;
    // Whoever logs out wants to be out, whatever the editor is.
    this.isEditorBad = true;
    if (token === undefined) return;
    await fetch(`${EDITOR}auth/revoke`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({ token }),
    }).catch(() => {});
  }

  private forget(): void {
    for (const name of ['sessionStorage', 'localStorage'] as const) write(name, undefined);
  }
}

/** The editor keeps its token below a name that ends in its path. */
function editorToken(): string | undefined {
  try {
    const { pathname } = new URL(EDITOR, location.href);
    const kept = localStorage.getItem(`auth-tokens${pathname.slice(0, -1).replace(/\//g, '-')}`);
    const { access_token: token } = JSON.parse(kept ?? '{}') as { access_token?: unknown };
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}

type StorageName = 'localStorage' | 'sessionStorage';

function read(name: StorageName): string | undefined {
  try {
    return window[name].getItem(KEY) ?? undefined;
  } catch {
    // A browser may forbid it.
    return undefined;
  }
}

function write(name: StorageName, token: string | undefined): void {
  try {
    if (token === undefined) window[name].removeItem(KEY);
    else window[name].setItem(KEY, token);
  } catch {
    // Then it lasts as long as the page.
  }
}
