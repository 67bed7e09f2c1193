/** Free TCP ports on loopback, never handed out twice, also not to a test process running beside this one. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const CLAIMS = '/tmp/dinox-test-claims';
/** Below Linux's ephemeral range (32768 and up), so that no outgoing connection sits on a port handed out here. */
const FIRST = 20_000;
const COUNT = 12_000;

const claimed = new Set<string>();
let next = Math.floor(Math.random() * COUNT);

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Takes a name for this process until it exits; false where a living process holds it already. */
export function claim(name: string): boolean {
  mkdirSync(CLAIMS, { recursive: true, mode: 0o1777 });
  const file = join(CLAIMS, name);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      claimed.add(file);
      return true;
    } catch {
      try {
        const owner = Number(readFileSync(file, 'utf8'));
        if (owner > 0 && alive(owner)) return false;
        rmSync(file, { force: true });
      } catch {
        return false;
      }
    }
  }
  return false;
}

/** Gives back a name taken with {@link claim}. */
export function release(name: string): void {
  const file = join(CLAIMS, name);
  if (claimed.delete(file)) rmSync(file, { force: true });
}

process.on('exit', () => {
  for (const file of claimed) rmSync(file, { force: true });
});

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRNOTAVAIL'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port that is free on every address of this machine and that no other test process was given. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < COUNT; attempt++) {
    const port = FIRST + (next++ % COUNT);
    if (!claim(`port-${port}`)) continue;
    if ((await canListen(port, '0.0.0.0')) && (await canListen(port, '::'))) return port;
    release(`port-${port}`);
  }
  throw new Error(`no free port between ${FIRST} and ${FIRST + COUNT - 1}`);
}

export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}
