/** Components that take commands. A file of its own, because dialogs ask. */
const COMMANDED: ReadonlySet<string> = new Set([
  ...['alarm_control_panel', 'button', 'climate', 'cover', 'date', 'datetime', 'fan', 'humidifier'],
  ...['lawn_mower', 'light', 'lock', 'notify', 'number', 'scene', 'select', 'siren', 'switch', 'text'],
  ...['time', 'update', 'vacuum', 'valve', 'water_heater'],
]);

export const takesCommands = (component: string): boolean => COMMANDED.has(component);
