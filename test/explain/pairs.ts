import { Random } from './random.ts';
import { ROUTES, workingSetup, type RouteKind, type Setup, type SetupOptions } from './setup.ts';
import { routesOf, WAYS, type Way } from './ways/index.ts';

/** A setup broken in one way, or in two at once. */
export interface Case {
  title: string;
  route: RouteKind;
  ways: Way[];
  original: Setup;
  broken: Setup;
  /** Broken in each of several ways alone: what one of them allows is nothing that a fix of another adds. */
  apart: Setup[];
}

const fits = (way: Way, route: RouteKind, together: boolean): boolean =>
  routesOf(way).includes(route) && (together || way.apart !== false);

/** Every way by every route that it breaks. */
export function singles(seed: number, options: SetupOptions = {}): Case[] {
  const together = options.together ?? true;
  return WAYS.flatMap((way, index) =>
    ROUTES.filter((route) => fits(way, route, together)).map((route, at) =>
      caseOf(route, [way], new Random(seed * 7919 + index * 31 + at), options),
    ),
  );
}

/** Two ways at random, of parts that have nothing to do with each other. */
export function randomPair(random: Random, options: SetupOptions = {}): Case {
  const together = options.together ?? true;
  for (;;) {
    const route = random.pick(ROUTES);
    const fitting = WAYS.filter((way) => fits(way, route, together));
    const [one, other] = [random.pick(fitting), random.pick(fitting)];
    if (!touches(one, other) && !isAlone(one) && !isAlone(other))
      return caseOf(route, [one, other], random, options);
  }
}

const partsOf = ({ part, also = [] }: Way): string[] => [part, ...also];

const touches = (one: Way, other: Way): boolean => partsOf(one).some((part) => partsOf(other).includes(part));

/** What leaves nothing of the setup for a second way to break. */
const ALONE: ReadonlySet<string> = new Set(['operation', 'ownership', 'bucket name', 'object', 'role']);

const isAlone = ({ part }: Way): boolean => ALONE.has(part);

export function caseOf(route: RouteKind, ways: Way[], random: Random, options: SetupOptions): Case {
  const seeds = ways.map(() => random.next() * 2 ** 32);
  const brokenBy = (some: readonly Way[]): Setup => {
    const setup = workingSetup(route, options);
    for (const [index, way] of ways.entries())
      if (some.includes(way)) way.breakIt(setup, new Random(seeds[index]!));
    return setup;
  };
  return {
    title: `${ways.map(({ name }) => name).join(' + ')} (${route})`,
    route,
    ways,
    original: workingSetup(route, options),
    broken: brokenBy(ways),
    apart: ways.length === 1 ? [] : ways.map((way) => brokenBy([way])),
  };
}
