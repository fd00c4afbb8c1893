import { afterAll, beforeAll, beforeEach } from 'vitest';
import { SandboxFixture } from './fixture/fixture.ts';
import type { SandboxOptions } from './sandbox.ts';

/**
 * A sandbox for the tests of this file (or `describe`), with accounts of its own: started once, before them all, and taken
 * back before each to what it was before the first: what `beforeAll` has made stays.
 */
export function useSandbox(options: SandboxOptions = {}): SandboxFixture {
  const fixture = new SandboxFixture(options);
  let isKept = false;
  beforeAll(async () => {
    await fixture.start();
  });
  beforeEach(async () => {
    await (isKept ? fixture.reset() : fixture.keep());
    isKept = true;
  });
  afterAll(() => fixture.close());
  return fixture;
}

export type { Actor, ClientSettings, FixtureAccount, SandboxFixture } from './fixture/fixture.ts';
