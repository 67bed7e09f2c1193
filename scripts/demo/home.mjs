/**
 * A simulated home of six rooms and a freezer. No clock and no network in here: `step` is told how much time went
 * by and gives the messages that the home sends, on the topics of every DinoX flow:
 * `home/sensors/<kind>/<place>` and, as commands to it, `home/actuators/<kind>/<place>/set`.
 */

const SECOND = 1_000;

const HOUR = 3_600_000;
const ROOMS = {
  living_room: { target: 21.5, watts: 90, heating: 1 },
  kitchen: { target: 20.5, watts: 140, heating: 0.8 },
  bedroom: { target: 18, watts: 15, heating: 0.7 },
  bathroom: { target: 22.5, watts: 30, heating: 1.2 },
  office: { target: 21, watts: 120, heating: 0.9 },
  hallway: { target: 17.5, watts: 10, heating: 0.6 },
};
const DOORS = ['hallway', 'living_room'];
/** How fast the air in the freezer follows: with the door open, and when it is closed again, in milliseconds. */
const WARMING = 50 * SECOND;
const COOLING = 70 * SECOND;

/** A small random generator (mulberry32), so that the same seed gives the same days. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const round = (value, digits = 1) => Number(value.toFixed(digits));

/** Milliseconds between two rooms that speak, at least. */
const SPEAKS_AFTER = 3 * SECOND;

/** How far something has come to where it goes, after `ms`. */
const approach = (ms, pace) => 1 - Math.exp(-ms / pace);

/** Degrees outside: coldest before dawn, warmest in the afternoon. */
const outside = (hour) => 9 + 6 * Math.sin(((hour - 9) / 24) * 2 * Math.PI);

/** How much goes on in the house, from 0 at night to 1 in the evening. */
function bustle(hour) {
  if (hour < 6 || hour >= 23) return 0.05;
  if (hour < 9) return 0.7;
  return hour < 17 ? 0.35 : 1;
}

/**
 * @param {{seed?: number | undefined, hour?: number | undefined, speaking?: number}} options the seed, the hour of the
 *        day at which the home begins, and how many rooms speak at once
 * @returns `step(ms)`: messages of the time that went by; `command(topic, payload)`: messages that answer a command;
 *          each message is `{topic, payload, retain}`
 */
export function createHome({ seed = 1, hour = 15, speaking = 1 } = {}) {
  const random = randomFrom(seed);
  const noise = (size) => (random() - 0.5) * 2 * size;
  let now = hour * HOUR;
  const rooms = Object.entries(ROOMS).map(([place, room]) => ({
    ...room,
    place,
    temperature: room.target + noise(0.5),
    humidity: 48 + noise(6),
    light: false,
  }));
  const doors = DOORS.map((place) => ({ place, open: false, closesAt: 0 }));
  const freezer = { temperature: -18.4, cooling: true, opensAt: now + 9 * HOUR, closesAt: 0 };
  let turn = 0;
  let next = 0;
  let silent = 0;

  const sensor = (kind, place, payload) => ({
    topic: `home/sensors/${kind}/${place}`,
    payload: JSON.stringify(payload),
    // A sensor's last word counts until the next one, so who comes later is to get it.
    retain: true,
  });
  const ofRoom = {
    temperature: (room) => sensor('temperature', room.place, { value: round(room.temperature), unit: '°C' }),
    humidity: (room) => sensor('humidity', room.place, { value: Math.round(room.humidity), unit: '%' }),
    power: (room) => sensor('power', room.place, { value: watts(room), unit: 'W' }),
    light: (room) => sensor('light', room.place, { state: room.light ? 'on' : 'off' }),
  };
  const ofDoor = (door) => sensor('door', door.place, { state: door.open ? 'open' : 'closed' });
  const ofFreezer = () => sensor('temperature', 'freezer', { value: round(freezer.temperature), unit: '°C' });

  function watts(room) {
    const busy = bustle((now / HOUR) % 24);
    return Math.round(room.watts * (0.3 + busy * (0.7 + noise(0.25))) + (room.light ? 60 : 0));
  }

  function stepRoom(room, hours) {
    const hourOfDay = (now / HOUR) % 24;
    const wanted = room.target - (hourOfDay < 6 ? 2 : 0);
    const isOpen = doors.some((door) => door.open && door.place === room.place);
    const change =
      room.heating * (wanted - room.temperature) +
      (isOpen ? 0.8 : 0.06) * (outside(hourOfDay) - room.temperature);
    // What happens by chance grows with the root of the time.
    const chance = Math.sqrt(Math.min(hours, 0.5) * 6);
    room.temperature += change * Math.min(hours, 0.5) + noise(0.08) * chance;
    const damp =
      room.place === 'bathroom' && hourOfDay > 6 && hourOfDay < 8 ? 78 : 50 - (room.temperature - 20) * 1.5;
    room.humidity += (damp - room.humidity) * Math.min(hours, 0.5) + noise(0.8) * chance;
  }

  /** The doors that changed. */
  function stepDoors(hours) {
    return doors.filter((door) => {
      if (door.open) {
        door.open = now < door.closesAt;
        return !door.open;
      }
      door.open = random() < bustle((now / HOUR) % 24) * hours * 0.35;
      if (door.open) door.closesAt = now + (0.1 + random() * 0.5) * HOUR;
      return door.open;
    });
  }

  /** Its compressor switches on and off; now and then somebody leaves the door open. */
  function stepFreezer(ms) {
    const wasOpen = freezer.closesAt > 0;
    if (!wasOpen && now >= freezer.opensAt) openFreezer((20 + random() * 20) * 60 * SECOND);
    if (wasOpen && now >= freezer.closesAt) closeFreezer();
    const isOpen = freezer.closesAt > 0;
    if (freezer.temperature > -17.4) freezer.cooling = true;
    if (freezer.temperature < -18.8) freezer.cooling = false;
    if (isOpen) freezer.temperature += (3 - freezer.temperature) * approach(ms, WARMING);
    else if (freezer.temperature > -17)
      freezer.temperature += (-20 - freezer.temperature) * approach(ms, COOLING);
    else freezer.temperature += (freezer.cooling ? -6 : 1.5) * Math.min(ms / HOUR, 0.5);
    freezer.temperature = Math.max(-19, freezer.temperature + noise(0.05));
  }

  function openFreezer(ms) {
    freezer.closesAt = now + ms;
  }

  function closeFreezer() {
    freezer.closesAt = 0;
    freezer.opensAt = now + (12 + random() * 24) * HOUR;
  }

  return {
    /** @param {number} ms */
    step(ms) {
      now += ms;
      const hours = ms / HOUR;
      const changed = stepDoors(hours);
      for (const room of rooms) stepRoom(room, hours);
      stepFreezer(ms);
      // All at once in the first step; then in turn, as real sensors do not speak in chorus.
      silent += ms;
      const count = turn === 0 ? rooms.length : silent >= SPEAKS_AFTER ? speaking : 0;
      if (count > 0) silent = 0;
      const messages = Array.from({ length: count }, (_, i) => rooms[(next + i) % rooms.length]).flatMap(
        (room) => [ofRoom.temperature(room), ofRoom.humidity(room), ofRoom.power(room)],
      );
      if (turn === 0) messages.push(...rooms.map(ofRoom.light), ...doors.map(ofDoor));
      else messages.push(...changed.map(ofDoor));
      turn += 1;
      next += count;
      return [...messages, ofFreezer()];
    },

    /**
     * @param {string} topic
     * @param {{toString(): string}} payload
     */
    command(topic, payload) {
      const [, kind, place] = /^home\/actuators\/([^/]+)\/([^/]+)\/set$/.exec(topic) ?? [];
      const room = rooms.find((one) => one.place === place);
      const text = String(payload).trim();
      if (room && kind === 'light' && /^(on|off)$/i.test(text)) {
        room.light = text.toLowerCase() === 'on';
        return [ofRoom.light(room), ofRoom.power(room)];
      }
      if (kind === 'door' && place === 'freezer' && /^(open|close)$/i.test(text)) {
        if (text.toLowerCase() === 'open') openFreezer(3 * 60 * SECOND);
        else closeFreezer();
        return [];
      }
      const target = room && kind === 'heating' ? targetOf(text) : undefined;
      if (!room || target === undefined) return [];
      room.target = target;
      return [sensor('heating', room.place, { target, unit: '°C' })];
    },
  };
}

/** `{"target": 21}` or `21`, within what a heating can do; undefined for anything else. */
function targetOf(text) {
  try {
    const value = JSON.parse(text);
    const target = Number(typeof value === 'object' && value !== null ? value.target : value);
    return target >= 5 && target <= 30 ? target : undefined;
  } catch {
    return undefined;
  }
}
