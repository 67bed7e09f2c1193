/** Reads the playlists of radios and cameras: M3U, PLS and XSPF. */

/** What a playlist says, as far as somebody in a chat wants to know it. */
export interface Playlist {
  /** Name and address of the first stream; one of them may be missing. */
  title: string;
  url: string;
  /** Number of streams. */
  count: number;
}

/** Lines of a playlist that are read. */
const MAX_LINES = 5_000;
/** A longer one is no name, and no address that a phone opens. */
const MAX_LENGTH = 1_000;
/** Addresses that a phone can open. */
const STREAM = /^(?:https?|rtsps?|rtmps?|mmsh?|icyx?):\/\/[^\s"'<>\p{Cc}]+$/iu;

/** @param text the whole payload; undefined: it is no playlist. */
export function playlistOf(text: string): Playlist | undefined {
  const start = text
    .slice(0, 1_000)
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (/^#EXTM3U/i.test(start)) return ofM3u(linesOf(text));
  if (/^\[playlist\]/i.test(start)) return ofPls(linesOf(text));
  // An XML document may begin with a declaration or a comment.
  if (start.startsWith('<') && start.includes('<playlist') && start.includes('xspf.org/ns/'))
    return ofXspf(text);
  return undefined;
}

const linesOf = (text: string): string[] => text.split('\n', MAX_LINES).map((line) => line.trim());

function ofM3u(lines: readonly string[]): Playlist {
  const found = { title: '', url: '', count: 0 };
  let [title, isSegment] = ['', false];
  for (const line of lines) {
    if (/^#EXTINF:/i.test(line)) title = line.slice(line.indexOf(',') + 1).trim();
    // HLS: the segments of one stream are not its streams.
    else if (/^#EXT-X-TARGETDURATION/i.test(line)) isSegment = true;
    if (line === '' || line.startsWith('#')) continue;
    found.count += 1;
    if (found.count === 1) Object.assign(found, entry(title, line));
    title = '';
  }
  return isSegment ? { ...found, count: Math.min(1, found.count) } : found;
}

function ofPls(lines: readonly string[]): Playlist {
  const files = new Map<number, string>();
  const titles = new Map<number, string>();
  for (const line of lines) {
    const [, name = '', number = '', value = ''] = /^(file|title)(\d{1,6})=(.*)$/i.exec(line) ?? [];
    if (name !== '') (name.toLowerCase() === 'file' ? files : titles).set(Number(number), value.trim());
  }
  const first = Math.min(...files.keys());
  return { ...entry(titles.get(first) ?? '', files.get(first) ?? ''), count: files.size };
}

/** Its few elements are looked up by their names; an element of another kind is never read. */
function ofXspf(text: string): Playlist {
  const tracks = text.split('<track>', MAX_LINES);
  const first = tracks[1]?.split('</track>', 1)[0] ?? '';
  const within = (name: string): string => {
    const from = first.indexOf(`<${name}>`);
    const to = first.indexOf(`</${name}>`, from);
    return from < 0 || to < 0
      ? ''
      : unescaped(first.slice(from + name.length + 2, to).slice(0, 2 * MAX_LENGTH));
  };
  return { ...entry(within('title'), within('location')), count: tracks.length - 1 };
}

function entry(title: string, url: string): { title: string; url: string } {
  const isStream = url.length <= MAX_LENGTH && STREAM.test(url);
  return { title: title.length <= MAX_LENGTH ? title : '', url: isStream ? url : '' };
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function unescaped(xml: string): string {
  return xml.replace(/&(lt|gt|quot|apos|amp);/g, (_all, name: string) => ENTITIES[name] ?? '').trim();
}
