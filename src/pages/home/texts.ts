import tilesGerman from '../../editor/tiles/locales/de.json';
import tilesEnglish from '../../editor/tiles/locales/en-US.json';
import { translator } from '../../editor/tiles/texts';
import german from './locales/de.json';
import english from './locales/en-US.json';

export const translate = translator({
  german: { ...tilesGerman, ...german },
  english: { ...tilesEnglish, ...english },
});
