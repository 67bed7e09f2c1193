/** Scripts that tests run in the page. */
import { readFileSync } from 'node:fs';

/** Brings axe, which looks for what some people cannot use. */
export const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Makes the sidebar as narrow as it gets. */
export const NARROW = `(() => {
  const style = document.createElement('style');
  style.textContent = '.dinox-sidebar { width: 300px !important; }';
  document.head.append(style);
})()`;
