import type { TrailEntry } from '../trail.ts';
import { eventName, eventSource } from '../records/names.ts';
import { resourcesOf } from '../records/resources.ts';
import type { EventFacts } from './compile.ts';

/** What the selectors of an account's trails look at. */
export function eventFacts(entry: TrailEntry, recipient: string): EventFacts {
  const { kind, readOnly, service, operation, caller } = entry;
  return {
    category: kind === 'data' ? 'Data' : 'Management',
    readOnly,
    source: eventSource(service),
    name: eventName(service, operation),
    resources: resourcesOf(entry, recipient).map(({ type, ARN, ARNPrefix }) => ({
      type,
      arn: ARN ?? ARNPrefix ?? '',
    })),
    principal: caller.account === recipient ? caller.arn : undefined,
  };
}
