/** Loads MQTT.js on first use: it costs 45 to 90 ms and 5 MB. */
export async function loadMqtt(): Promise<typeof import('mqtt')> {
  const module = await import('mqtt');
  // A CommonJS package: its exports are in `default`.
  return (module.default ?? module) as unknown as typeof import('mqtt');
}
