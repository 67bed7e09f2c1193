/** Where a generation's servers live: this machine itself, or a folder with another Debian in it. */
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownFolder } from './process';

/**
 * A folder of one server. `outer` is its path for this process, `inner` the same folder as the server sees it;
 * they differ for a server that runs in a root folder of its own.
 */
export interface Place {
  readonly outer: string;
  readonly inner: string;
  /** Writes a file that only the server's user may read; returns its inner path. */
  write(name: string, text: string, mode?: number): string;
  /** Copies a file of this machine into the folder; returns its inner path. */
  copy(source: string, name: string): string;
  /** Makes a folder that the server's user may write to; returns its inner path. */
  folder(name: string): string;
  /** The command that runs `command` as the server's user, in its root folder, and dies with this process. */
  command(command: readonly string[]): string[];
}

interface Identity {
  readonly uid: number;
  readonly gid: number;
}

function identityOf(user: string, root: string): Identity {
  const line = readFileSync(join(root || '/', 'etc/passwd'), 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${user}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`no user ${user} in ${root || 'this machine'}`);
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * @param root '' for this machine, else the folder of the other Debian.
 * @param user the Debian user that the server runs as; without root it is the present one.
 */
export function makePlace(root: string, user: string): Place {
  const isRoot = process.getuid?.() === 0;
  const identity = isRoot ? identityOf(user, root) : undefined;
  const outer = ownFolder(join(root, '/tmp'));
  const inner = outer.slice(root.length);
  const own = (path: string) => {
    if (identity) chownSync(path, identity.uid, identity.gid);
  };
  own(outer);
  const finish = (name: string, mode: number) => {
    const path = join(outer, name);
    chmodSync(path, mode);
    own(path);
    return join(inner, name);
  };
  const parent = (name: string) => {
    const path = dirname(join(outer, name));
    mkdirSync(path, { recursive: true });
    own(path);
  };
  return {
    outer,
    inner,
    write(name, text, mode = 0o600) {
      parent(name);
      writeFileSync(join(outer, name), text);
      return finish(name, mode);
    },
    copy(source, name) {
      parent(name);
      copyFileSync(source, join(outer, name));
      return finish(name, 0o600);
    },
    folder(name) {
      mkdirSync(join(outer, name), { recursive: true });
      return finish(name, 0o755);
    },
    command(command) {
      const drop = identity ? [`--reuid=${identity.uid}`, `--regid=${identity.gid}`, '--init-groups'] : [];
      const wrapped = ['setpriv', ...drop, '--pdeathsig', 'KILL', '--', ...command];
      return root === '' ? wrapped : ['chroot', root, ...wrapped];
    },
  };
}
