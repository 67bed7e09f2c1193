/**
 * The use cases, each as its example is shipped, in a whole Node-RED 4 and 5, on a Mosquitto and an ejabberd that all of
 * them share. Each Node-RED has its own: last values and sessions of the one before would be there for the next.
 */
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import {
  type Ejabberd,
  type Mosquitto,
  type Prosody,
  startEjabberd,
  startMosquitto,
  startProsody,
} from '../support/servers/index';
import { Harness, OTHER, PASSWORD, USER, users } from './nodes-support';
import { dinoxSuite } from './use-cases/dinox-suite';
import { examplesSuite } from './use-cases/examples-suite';
import { fuelSuite } from './use-cases/fuel-suite';
import { homeAndCloudSuite } from './use-cases/home-and-cloud-suite';
import { homeSuite } from './use-cases/home-suite';
import { houseSuite } from './use-cases/house-suite';
import { GUEST, KickedBridges } from './use-cases/kick-suite';
import { relayProsodySuite } from './use-cases/relay-prosody-suite';
import { relaySuite } from './use-cases/relay-suite';
import { scenariosSuite } from './use-cases/scenarios-suite';
import type { Stage } from './use-cases/stage';

/** As docs/scenarios.md says it: the sessions of bridges outlast more than five minutes without a line. */
const keepingSessions = (config: string): string =>
  config.replace('  mod_mqtt: {}\n', '  mod_mqtt:\n    session_expiry: 1 hour\n');

describe('use cases', function () {
  this.timeout(120_000);
  const harness = new Harness();
  let prosody: Prosody;

  before(async () => {
    prosody = await startProsody({
      users: { ...users, [GUEST]: PASSWORD },
      extra: `admins = { "${USER}@localhost", "${OTHER}@localhost" }`,
    });
  });
  after(() => prosody?.stop());

  afterEach(() => harness.end());

  for (const version of NODE_RED_VERSIONS) {
    describe(`on Node-RED ${version}`, () => {
      let mosquitto: Mosquitto;
      let ejabberd: Ejabberd;
      let nodeRed: NodeRed;
      const stage = (): Stage => ({ version, nodeRed, mosquitto, ejabberd, harness });

      before(async () => {
        [mosquitto, ejabberd] = await Promise.all([
          startMosquitto(),
          startEjabberd({ users, edit: keepingSessions }),
        ]);
        nodeRed = await startNodeRed({ version, linkPackage: true });
      });
      after(async () => {
        await nodeRed?.stop();
        await mosquitto?.stop();
        await ejabberd?.stop();
      });

      const kicked = new KickedBridges(stage, () => prosody);
      homeAndCloudSuite(stage, () => {
        dinoxSuite(stage);
        examplesSuite(stage, () => prosody);
        fuelSuite(stage);
        homeSuite(stage);
        houseSuite(stage);
        relaySuite(stage);
        if (version === '5') relayProsodySuite(stage, () => prosody);
        scenariosSuite(stage);
        // The flow that it deploys stays until the line has been cut for long enough, and so does its pause.
        kicked.areOut();
      });
      kicked.areBack();
    });
  }
});
