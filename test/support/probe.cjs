/**
 * Loaded into a Node-RED with `NODE_OPTIONS=--require …`: at SIGWINCH, which nobody else uses, it writes what keeps
 * the process busy into the file that DINOX_PROBE names. npm, which inherits the options, is left alone.
 */
const { renameSync, writeFileSync } = require('node:fs');

if (/red\.js$/.test(process.argv[1] ?? '')) {
  process.on('SIGWINCH', () => {
    // No type names this internal.
    const handles = /** @type {any} */ (process)._getActiveHandles();
    const sockets = handles
      .filter((handle) => handle.remotePort !== undefined)
      .map(({ remotePort }) => remotePort);
    const resources = {};
    for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
    const children = handles.filter((handle) => handle.spawnfile !== undefined).length;
    const file = process.env.DINOX_PROBE ?? '';
    writeFileSync(`${file}.tmp`, JSON.stringify({ sockets, resources, children }));
    renameSync(`${file}.tmp`, file);
  });
}
