/**
 * Words for the same thing, English and German, as {@link ./words} writes them. A question about the `kitchen` finds
 * `home/kueche/temp`, and one about the `Tür` finds `zigbee2mqtt/front_door`.
 */

/** The first word of a row stands for all of it. Words of a phrase are joined by `_`. */
const ROWS: readonly (readonly string[])[] = [
  // What is measured.
  [
    'temperature',
    'temperatures',
    'temp',
    'temperatur',
    'temperaturen',
    'warm',
    'cold',
    'hot',
    'kalt',
    'heiss',
  ],
  ['humidity', 'feuchte', 'feuchtigkeit', 'luftfeuchte', 'luftfeuchtigkeit', 'feucht', 'humid'],
  ['battery', 'batteries', 'batterie', 'batterien', 'akku', 'akkus', 'akkustand', 'batteriestand'],
  ['power', 'watt', 'leistung', 'strom'],
  ['energy', 'energie', 'verbrauch', 'consumption', 'kwh'],
  ['voltage', 'spannung', 'volt'],
  ['current', 'stromstaerke', 'ampere'],
  ['pressure', 'druck', 'luftdruck'],
  ['brightness', 'illuminance', 'lux', 'helligkeit'],
  ['occupancy', 'motion', 'presence', 'bewegung', 'anwesenheit', 'bewegungsmelder'],
  ['water', 'wasser', 'leak', 'leck', 'moisture'],
  ['smoke', 'rauch', 'rauchmelder'],
  ['level', 'fuellstand', 'pegel'],
  ['rain', 'regen'],
  ['wind', 'windstaerke'],
  ['signal', 'linkquality', 'rssi', 'empfang'],
  // What is there.
  ['door', 'doors', 'tuer', 'tueren', 'contact', 'contacts'],
  ['window', 'windows', 'fenster'],
  ['gate', 'tor', 'tore'],
  ['light', 'lights', 'lamp', 'lamps', 'licht', 'lichter', 'lampe', 'lampen', 'beleuchtung'],
  ['socket', 'sockets', 'plug', 'plugs', 'outlet', 'steckdose', 'steckdosen'],
  ['heating', 'heizung', 'thermostat', 'thermostats', 'thermostate', 'radiator', 'heizkoerper'],
  ['shutter', 'shutters', 'blind', 'blinds', 'rollo', 'rollos', 'rolladen', 'rollladen', 'jalousie', 'cover'],
  ['pump', 'pumps', 'pumpe', 'pumpen'],
  ['fan', 'fans', 'ventilator', 'luefter'],
  ['freezer', 'gefrierschrank', 'tiefkuehler', 'tiefkuehlschrank', 'gefriertruhe', 'tiefkuehltruhe', 'truhe'],
  ['fridge', 'refrigerator', 'kuehlschrank'],
  ['washer', 'washing_machine', 'waschmaschine'],
  ['dryer', 'trockner', 'waeschetrockner'],
  ['dishwasher', 'geschirrspueler', 'spuelmaschine'],
  ['boiler', 'warmwasser', 'hot_water'],
  // Where it is.
  ['kitchen', 'kueche', 'kuechen'],
  ['living_room', 'livingroom', 'lounge', 'wohnzimmer', 'stube'],
  ['bedroom', 'bed_room', 'schlafzimmer'],
  ['bathroom', 'bath_room', 'bath', 'bad', 'badezimmer'],
  ['nursery', 'kids_room', 'childrens_room', 'kinderzimmer'],
  ['office', 'study', 'buero', 'arbeitszimmer'],
  ['cellar', 'basement', 'keller'],
  ['attic', 'loft', 'dachboden', 'speicher'],
  ['corridor', 'hall', 'hallway', 'flur', 'diele', 'gang'],
  ['garage', 'garagen'],
  ['garden', 'yard', 'garten'],
  ['terrace', 'patio', 'terrasse'],
  ['balcony', 'balkon'],
  ['outside', 'outdoor', 'outdoors', 'aussen', 'draussen'],
  ['inside', 'indoor', 'indoors', 'innen', 'drinnen'],
  ['front', 'vorn', 'vorne'],
  ['front_door', 'haustuer'],
  ['back_door', 'hintertuer'],
  ['upstairs', 'oben', 'obergeschoss'],
  ['downstairs', 'unten', 'erdgeschoss'],
];

/** Words of the longest phrase. */
export const LONGEST_PHRASE = 2;

/** The word that stands for each word or phrase. */
const MEANINGS: ReadonlyMap<string, string> = new Map(
  ROWS.flatMap(([first = '', ...others]) =>
    [first, ...others].map((word) => [word.replace('_', ' '), first.replace('_', '-')] as const),
  ),
);
/** German joins words: `Kellerfenster`. Shorter ones stand in too many others. */
const SHORTEST_PART = 3;
const LONGEST_WORD = 40;

/** What a word or phrase stands for; undefined if it stands for itself alone. */
export function meaningOf(phrase: string): string | undefined {
  return MEANINGS.get(phrase);
}

/** All words and phrases, with what they stand for. */
export function allMeanings(): Iterable<readonly [word: string, meaning: string]> {
  return MEANINGS;
}

/** The two parts of a joined word whose second one is known; undefined if it is none. */
export function partsOf(word: string): readonly [string, string] | undefined {
  if (word.length > LONGEST_WORD || word.includes('-')) return undefined;
  for (let at = SHORTEST_PART; at <= word.length - SHORTEST_PART; at++) {
    const last = MEANINGS.get(word.slice(at));
    if (last === undefined) continue;
    const first = word.slice(0, at);
    const known = MEANINGS.get(first) ?? MEANINGS.get(first.replace(/(?:s|n|en|er)$/, ''));
    // A short second part that is known may be the end of any word: `Motor`.
    if (known !== undefined || word.length - at > SHORTEST_PART) return [known ?? first, last];
  }
  return undefined;
}
