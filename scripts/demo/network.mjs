/** The network of the simulated home: what hangs on the router is away with it, and the printer needs longer. */

const THINGS = ['router', 'camera_porch', 'camera_garden', 'television', 'printer'];
const COMMAND = 'home/actuators/network/router/set';
/** Milliseconds from the router to what hangs on it, and until the printer has noticed that it is back. */
const FOLLOWS_AFTER = 1_000;
const BACK_AFTER = 2_000;
const PRINTER_AFTER = 40_000;

/** No clock in here, as in the home. Each message is `{topic, payload, retain}`. */
export function createNetwork() {
  let now = 0;
  /** What changes by itself, and when. */
  let due = THINGS.map((thing) => ({ at: 0, thing, isOnline: true }));
  const say = ({ thing, isOnline }) => ({
    topic: `home/network/${thing}`,
    payload: isOnline ? 'online' : 'offline',
    retain: true,
  });

  return {
    /** @param {number} ms */
    step(ms) {
      now += ms;
      const changed = due.filter(({ at }) => at <= now);
      due = due.filter(({ at }) => at > now);
      return changed.map(say);
    },

    /**
     * @param {string} topic
     * @param {{toString(): string}} payload
     */
    command(topic, payload) {
      const text = String(payload).trim().toLowerCase();
      if (topic !== COMMAND || !['on', 'off'].includes(text)) return [];
      const isOnline = text === 'on';
      const [router, ...others] = THINGS;
      due = others.map((thing) => {
        const after = !isOnline ? FOLLOWS_AFTER : thing === 'printer' ? PRINTER_AFTER : BACK_AFTER;
        return { at: now + after, thing, isOnline };
      });
      return [say({ thing: router, isOnline })];
    },
  };
}
