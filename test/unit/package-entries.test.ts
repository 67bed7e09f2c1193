/** The built entries as Node-RED loads them: 4.1 with `require`, 5 with `import()`. Needs `npm run build` before. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  'node-red': { nodes: Record<string, string> };
};
const NODES = Object.entries(MANIFEST['node-red'].nodes);

/** Runs `code` in a process of its own, with the entries as `entries`; gives what it passes to `tell`. */
async function inNode(code: string): Promise<unknown> {
  const entries = JSON.stringify(NODES.map(([type, entry]) => [type, join(ROOT, entry)]));
  const script = `
    const entries = ${entries};
    const registered = [];
    const RED = new Proxy({ nodes: { registerType: (type) => registered.push(type) } }, {
      get: (target, name) => target[name] ?? new Proxy(() => {}, { get: () => () => {} }),
    });
    const tell = (value) => process.stdout.write(JSON.stringify(value));
    (async () => { ${code} })();`;
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: ROOT });
  return JSON.parse(stdout);
}

describe('the built entries', () => {
  it('register their type and no other, loaded with require', async () => {
    const registered = await inNode(`
      for (const [type, file] of entries) require(file)(RED);
      tell(registered);`);
    assert.deepEqual(
      registered,
      NODES.map(([type]) => type),
    );
  });

  it('register their type and no other, loaded with import()', async () => {
    const registered = await inNode(`
      for (const [type, file] of entries) (await import(file)).default(RED);
      tell(registered);`);
    assert.deepEqual(
      registered,
      NODES.map(([type]) => type),
    );
  });

  it('share one runtime, and load no client before one is needed', async () => {
    const loaded = (await inNode(`
      for (const [type, file] of entries) require(file)(RED);
      tell(Object.keys(require.cache));`)) as string[];
    assert.deepEqual(
      loaded.sort(),
      [...NODES.map(([, entry]) => entry), 'dist/lib/runtime.js'].map(at).sort(),
    );
  });

  it('load the dependencies with import(), which their ES modules need', () => {
    const runtime = readFileSync(join(ROOT, 'dist/lib/runtime.js'), 'utf8');
    for (const name of Object.keys(MANIFEST.dependencies)) {
      assert.match(runtime, new RegExp(`import\\("${name}"\\)`));
      assert.doesNotMatch(runtime, new RegExp(`require\\("${name}"\\)`));
    }
  });
});

function at(path: string): string {
  return join(ROOT, path);
}
