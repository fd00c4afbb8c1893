import { once } from 'node:events';

/** A promise that the test opens when it likes. */
export function gate(): { opened: Promise<unknown>; open: () => void } {
  const target = new EventTarget();
  return { opened: once(target, 'open'), open: () => target.dispatchEvent(new Event('open')) };
}
