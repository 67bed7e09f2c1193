/** A part of ours in one file, with @xmpp/client beside it: what a process that is measured imports. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { certificates } from '../test/support/servers/index';
import { ROOT } from './child';

export interface Bundle {
  /** The bundle and the library, as URLs to import. */
  readonly module: string;
  readonly client: string;
  remove(): void;
}

/** @param entry path from the root of the repository */
export async function bundleOf(entry: string): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'dinox-bench-xmpp-'));
  const client = pathToFileURL(join(ROOT, 'node_modules/@xmpp/client/index.js')).href;
  const file = join(folder, 'ours.mjs');
  await build({
    entryPoints: [join(ROOT, entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.10',
    logLevel: 'error',
    plugins: [
      {
        name: 'library',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^@xmpp\/client$/ }, () => ({ path: client, external: true })),
      },
    ],
  });
  // The library has no other way to learn of an authority.
  writeFileSync(join(folder, 'ca.pem'), certificates().ca);
  process.env.NODE_EXTRA_CA_CERTS = join(folder, 'ca.pem');
  return {
    module: pathToFileURL(file).href,
    client,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
