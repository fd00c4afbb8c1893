import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { PermissionCase } from './cases.ts';
import type { PermissionStage, Printed, Statement } from './stage.ts';

/** Runs a case with what is allowed; its answer, but for what differs from run to run. */
export async function attempt(
  stage: PermissionStage,
  { command, whose, runs, before, follow }: PermissionCase,
  policies: readonly Printed[] | 'everything' | 'as printed',
): Promise<{ exits: number[]; answer: string }> {
  using _ = closingConnections();
  await before?.(stage);
  await stage.allow(policies === 'as printed' ? await stage.printed(command) : policies, whose);
  const answers: string[] = [];
  const exits: number[] = [];
  for (const argv of runs(stage)) {
    const { exit, out, err } = await stage.crossbucket(...argv);
    exits.push(exit);
    const followed = exit === 0 ? await follow?.(out) : undefined;
    answers.push([argv.join(' '), exit, out, err, followed].join('\n'));
  }
  return { exits, answer: answers.map(steady).join('\n') };
}

/** Every command makes clients of its own, as a process that then ends: their connections would come to thousands. */
function closingConnections(): Disposable {
  const made: Socket[] = [];
  const note = (message: unknown) => made.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', note);
  return {
    [Symbol.dispose]() {
      unsubscribe('net.client.socket', note);
      for (const socket of made) socket.destroy();
    },
  };
}

const CHANGING: [RegExp, string][] = [
  [/crossbucket-[0-9a-f]{8}-[0-9a-f-]{27}/g, '(external id)'],
  [/crossbucket-probe-(outside-)?[0-9a-f]{12}/g, '(probe)'],
  [/\d{4}-\d\d-\d\dT\d\d[:-]?\d\d[:-]?\d\d([.-]\d+)?Z?(-[0-9a-f]{6,8})?/g, '(time)'],
  // What is looked up in between counts as well.
  [/\{"file":"LookupEvents[^}]*\}|note: LookupEvents .*\n?/g, ''],
  [/"records":\d+/g, '"records":0'],
  [/try-[0-9a-f]{12}/g, '(session)'],
  [/"(AccessKeyId|SecretAccessKey|SessionToken)":"[^"]+"/g, '"$1":"..."'],
  [/X-Amz-[A-Za-z-]+=[^&"\s]+/g, '(signed)'],
  [/"(bytesPerSecond|seconds|ms|duration|elapsed)":[\d.]+/g, '"$1":0'],
];

const steady = (text: string): string =>
  CHANGING.reduce((rest, [pattern, instead]) => rest.replaceAll(pattern, instead), text);

/** The policies without one action of one statement, or without one of several resources. */
export function* lessBy(
  policies: readonly Printed[],
): Generator<{ without: string; action: string; policies: Printed[] }> {
  for (const [index, one] of policies.entries())
    for (const [at, statement] of one.policy.Statement.entries()) {
      const replaced = (...instead: Statement[]): Printed[] =>
        policies.with(index, {
          ...one,
          policy: { ...one.policy, Statement: one.policy.Statement.toSpliced(at, 1, ...instead) },
        });
      for (const action of statement.Action) {
        const Action = statement.Action.filter((other) => other !== action);
        yield {
          without: `${one.in} ${action} on ${[statement.Resource].flat().join(' ')}`,
          action,
          policies: Action.length === 0 ? replaced() : replaced({ ...statement, Action }),
        };
      }
      const resources = [statement.Resource].flat();
      if (resources.length > 1)
        for (const resource of resources)
          yield {
            without: `${one.in} ${statement.Action.join(' ')} on ${resource}`,
            action: resource,
            policies: replaced({ ...statement, Resource: resources.filter((other) => other !== resource) }),
          };
    }
}
