/** The Node-RED user directory of the demo: the package linked in, and a flow that people may change. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/**
 * Makes the directory ready. The flow is written anew at each start, as the package goes on, unless somebody
 * changed it: then it is theirs.
 *
 * @param credentials of the flow's nodes, by their ids
 * @returns `secret`, which encrypts the credentials that somebody may type into the demo
 */
export function prepareUserDir(userDir, root, template, credentials) {
  const link = join(userDir, 'node_modules', '@dinox', 'node-red-dinox');
  mkdirSync(join(link, '..'), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(root, link, 'junction');

  const flows = join(userDir, 'flows.json');
  const written = join(userDir, '.flows.as-written.json');
  const isTheirs = existsSync(flows) && read(flows) !== read(written);
  if (!isTheirs) {
    const text = readFileSync(template, 'utf8');
    writeFileSync(flows, text);
    writeFileSync(written, text);
  }

  const secretFile = join(userDir, '.secret');
  if (!existsSync(secretFile)) writeFileSync(secretFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  const secret = readFileSync(secretFile, 'utf8');
  if (!isTheirs) {
    const text = JSON.stringify(encrypt(credentials, secret));
    writeFileSync(join(userDir, 'flows_cred.json'), text, { mode: 0o600 });
  }
  return { secret, isTheirs };
}

/** As Node-RED keeps credentials. */
function encrypt(credentials, secret) {
  const key = createHash('sha256').update(secret).digest();
  const vector = randomBytes(16);
  const cipher = createCipheriv('aes-256-ctr', key, vector);
  const text = cipher.update(JSON.stringify(credentials), 'utf8', 'base64') + cipher.final('base64');
  return { $: vector.toString('hex') + text };
}
