/** A private Prosody: on this machine's loopback only, with two accounts, in a temporary folder that goes with it. */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatServer, ServerOptions } from './server';

const READY_WITHIN_MS = 10_000;
const POLL_MS = 50;

/**
 * Runs the server for as long as its own input is open, and deletes its folder behind it. The input ends with the
 * process that started it, even by `kill -9`. Its arguments are the folder and the program.
 */
const KEEPER = `
trap : INT TERM HUP
exec 3<&0
"$2" -F --config "$1/prosody.cfg.lua" </dev/null >"$1/log" 2>&1 3<&- &
server=$!
{ read -r line <&3; kill -9 $server 2>/dev/null; } &
while kill -0 $server 2>/dev/null; do wait $server; done
rm -rf "$1"
kill $! 2>/dev/null
`;

/** The path of the program; undefined where there is none. */
export function findProsody(path = ''): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'prosody'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** @throws Error if it does not listen within ten seconds; nothing of it is left then. */
export async function startProsody(program: string, options: ServerOptions): Promise<ChatServer> {
  const folder = mkdtempSync(join(tmpdir(), 'dinox-start-prosody-'));
  try {
    const port = await freePort();
    writeFiles(folder, port, options);
    // Ctrl-C reaches all of the terminal's group: a server that ended before Node-RED would be a lost connection.
    const child = spawn('/bin/sh', ['-c', KEEPER, 'keeper', folder, program], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, HOME: folder },
    });
    let ended = false;
    const end = new Promise<void>((resolve) => {
      const settle = () => {
        ended = true;
        resolve();
      };
      child.once('exit', settle);
      child.once('error', settle);
    });
    child.stdin.on('error', () => {});
    const close = (): Promise<void> => {
      child.stdin.end();
      return end;
    };
    const until = performance.now() + READY_WITHIN_MS;
    while (!(await accepts(port))) {
      const said = lastLine(join(folder, 'log'));
      if (ended || performance.now() > until) {
        await close();
        throw new Error(said || `nothing listened within ${READY_WITHIN_MS / 1_000} s`);
      }
      await sleep(POLL_MS);
    }
    return { port, close };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function writeFiles(folder: string, port: number, { domain, certificate, accounts }: ServerOptions): void {
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return JSON.stringify(path);
  };
  const data = join(folder, 'data');
  const own = join(data, domain);
  for (const kind of ['accounts', 'roster']) mkdirSync(join(own, kind), { recursive: true });
  // Prosody's own storage: it hashes the password at the first login.
  for (const [local, password] of accounts) {
    const account = `return { ["password"] = ${JSON.stringify(password)}; };\n`;
    writeFileSync(join(own, 'accounts', `${local}.dat`), account, { mode: 0o600 });
    const others = [...accounts.keys()].filter((one) => one !== local);
    const contacts = others.map((one) => `["${one}@${domain}"] = { subscription = "both"; groups = {}; };`);
    const roster = `return { [false] = { version = 1; pending = {}; }; ${contacts.join(' ')} };\n`;
    writeFileSync(join(own, 'roster', `${local}.dat`), roster, { mode: 0o600 });
  }
  const isRoot = process.getuid?.() === 0;
  write(
    'prosody.cfg.lua',
    `interfaces = { "127.0.0.1" }
c2s_ports = { }
c2s_direct_tls_ports = { ${port} }
s2s_ports = { }
http_ports = { }
https_ports = { }
${isRoot ? 'run_as_root = true' : ''}
modules_enabled = {
  "disco"; "roster"; "saslauth"; "tls"; "carbons"; "smacks"; "ping"; "time"; "version"; "mam"; "csi_simple"; "blocklist"
}
modules_disabled = { "s2s"; "offline" }
authentication = "internal_hashed"
data_path = ${JSON.stringify(data)}
pidfile = ${JSON.stringify(join(folder, 'prosody.pid'))}
ssl = { certificate = ${write('cert.pem', certificate.cert)}; key = ${write('key.pem', certificate.key)} }
log = { warn = "*console" }
VirtualHost ${JSON.stringify(domain)}
`,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve());
  });
  const port = (server.address() as AddressInfo).port;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** The last line of a log, short enough for a terminal. */
function lastLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)?.slice(0, 200) ?? '';
  } catch {
    return '';
  }
}
