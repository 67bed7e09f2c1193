const REACHABLE = 'button:not([disabled]), a[href], input:not([disabled]), select, textarea, [tabindex="0"]';

/**
 * Remembers where the keyboard is. What is given back brings it there again, or to the nearest that is still seen,
 * unless somebody has taken it elsewhere meanwhile.
 * @returns `always`: from wherever it is
 */
export function keyboardPlace(): (always?: boolean) => void {
  const before = document.activeElement;
  const around: Element[] = [];
  for (let one = before; one && one !== document.body; one = one.parentElement) around.push(one);
  return (always = false) => {
    const now = document.activeElement;
    const isLost = !now || now === document.body || now.closest('.red-ui-notification') !== null;
    if (always || isLost) nearest(around)?.focus();
  };
}

/** The element itself, what opens the closed part that it is in, or the first one beside it. */
function nearest(around: readonly Element[]): HTMLElement | undefined {
  for (const one of around) {
    if (!isSeen(one)) {
      const opener = one.id && document.querySelector(`[aria-controls="${CSS.escape(one.id)}"]`);
      if (opener && isSeen(opener)) return opener as HTMLElement;
    } else if (one.matches(REACHABLE)) return one as HTMLElement;
    else {
      const first = Array.from(one.querySelectorAll<HTMLElement>(REACHABLE)).find(isSeen);
      if (first) return first;
    }
  }
  return undefined;
}

const isSeen = (element: Element): boolean => element.isConnected && element.getClientRects().length > 0;
