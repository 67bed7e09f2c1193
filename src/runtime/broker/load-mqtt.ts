/** MQTT.js, when it is first needed: it costs 45 to 90 ms and 5 MB. */
export async function loadMqtt(): Promise<typeof import('mqtt')> {
  const module = await import('mqtt');
  // A CommonJS package: its exports stand in `default`.
  return (module.default ?? module) as unknown as typeof import('mqtt');
}
