import type { NodeAPI } from 'node-red';
import { systemClock } from '../../base/clock';
import { adminRoutes } from '../../runtime/admin/routes';
import { SessionLeases } from '../../runtime/chat/chat-lease';
import { knownBrokers } from '../../runtime/known-brokers';
import { openAlerts } from '../../runtime/open-alerts';
import { alertRoutes } from './routes/alerts';
import { botRoutes } from './routes/bots';
import { connectionView } from './routes/brokers';
import { coreTopicRoutes } from './routes/core-topics';
import { deviceRoutes } from './routes/devices';
import { guideRoutes } from './routes/guide';
import { homeRoutes } from './routes/home';
import { metricsRoute } from './routes/metrics';
import { peopleRoutes } from './routes/people';
import { presetRoutes } from './routes/presets';
import { proofRoutes } from './routes/proof';
import { topicRoutes } from './routes/topics';
import { writingRoutes } from './routes/writing';

/**
 * `dinox-sidebar`: the tab *DinoX* and the routes behind it. Values travel only over these routes, because
 * Node-RED's `comms` reaches everybody who may read statuses.
 */
export function registerDinoxSidebar(RED: NodeAPI): void {
  RED.plugins.registerPlugin('dinox-sidebar', {
    type: 'dinox',
    onadd: () => {
      const routes = adminRoutes(RED);
      routes.get('/dinox/brokers', () => ({
        now: Date.now(),
        brokers: knownBrokers(RED).map((known) => connectionView(RED, known)),
      }));
      botRoutes(RED, routes);
      topicRoutes(RED, routes);
      coreTopicRoutes(RED, routes, systemClock);
      deviceRoutes(RED, routes);
      writingRoutes(RED, routes);
      presetRoutes(RED, routes);
      alertRoutes(RED, routes);
      homeRoutes(RED, routes);
      metricsRoute(RED, routes, () => openAlerts(RED));
      const leases = new SessionLeases(systemClock);
      guideRoutes(RED, routes, leases);
      proofRoutes(RED, routes);
      peopleRoutes(RED, routes, leases);
    },
  });
}
