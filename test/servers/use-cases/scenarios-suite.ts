/** The network scenarios A and C: their examples, with the warnings that each should and should not show. */
import assert from 'node:assert/strict';
import { SHARED_NETWORKS, startNonLocalHost } from '../../support/servers/index';
import { complaints, deployExample, onEjabberd, onMosquitto, press, type Stage, WAIT_MS } from './stage';

export function scenariosSuite(stage: () => Stage): void {
  it('A, all at home: no warning without TLS, only a notice', async () => {
    const { nodeRed, mosquitto } = stage();
    const before = nodeRed.logLines('info').length;
    const said = await complaints(stage(), async () => {
      await deployExample(stage(), 'scenario-lan', { 'dinox-lan-broker': onMosquitto(stage()) });
      await press(stage(), 'dinox-lan-warm', /21\.5/);
      await press(stage(), 'dinox-lan-on', /^ON$/);
    });
    assert.deepEqual(said, []);
    const notices = nodeRed
      .logLines('info')
      .slice(before)
      .map(({ text }) => text);
    assert.ok(
      notices.some((text) => text.includes(`MQTT runs unencrypted to the local address ${mosquitto.host}`)),
      notices.join('\n'),
    );
  });

  it('A, to an address that is not local: warned of', async function () {
    const { version, nodeRed, mosquitto, harness } = stage();
    // The network of a provider or of a VPN, and one of the internet.
    const host = await startNonLocalHost(version === '5' ? SHARED_NETWORKS : undefined);
    if ('unavailable' in host) return this.skip();
    assert.match(host.address, version === '5' ? /^100\.127\./ : /^(203|198|192)\./);
    harness.keep(host);
    await host.relay(1883, { port: mosquitto.port });
    const from = nodeRed.logLines('error', 'warn').length;
    const typed = { host: host.address, port: '1883', usetls: false };
    const said = await complaints(stage(), async () => {
      await deployExample(stage(), 'scenario-lan', { 'dinox-lan-broker': typed }, { waits: false });
      await nodeRed.until(
        'a warning',
        () =>
          nodeRed
            .logLines('error', 'warn')
            .slice(from)
            .some(({ text }) => /local address/.test(text)),
        WAIT_MS,
      );
    });
    assert.match(
      said.join('\n').trim(),
      /^\[dinox-broker:dinox-lan-broker\] All messages go unencrypted to .* is not a local address\. Enable TLS\.$/,
    );
    await nodeRed.deploy([]);
  });

  it('C, all on the internet: no warning with TLS', async () => {
    const said = await complaints(stage(), async () => {
      await deployExample(stage(), 'scenario-cloud', { 'dinox-cloud-broker': onEjabberd(stage()) });
      await press(stage(), 'dinox-cloud-warm', /21\.5/);
      await press(stage(), 'dinox-cloud-on', /^ON$/);
    });
    assert.deepEqual(said, []);
  });
}
