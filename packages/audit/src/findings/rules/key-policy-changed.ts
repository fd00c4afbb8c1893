import { documentIn, outsiders } from '../documents.ts';
import type { EventRule } from '../rule.ts';

export const keyPolicyChanged: EventRule = {
  code: 'key-policy-changed',
  severity: 'low',
  title: 'A key policy was changed',
  help: 'see that the accounts which may use the key are meant',
  events: ['PutKeyPolicy'],
  judge(event) {
    const key = event.request['keyId'];
    const name = typeof key === 'string' ? key : event.resource;
    const document = documentIn(event.request, 'policy');
    const accounts = document === undefined ? [] : outsiders(document, event.owner);
    if (accounts.length === 0) return { message: `${event.caller} changed the policy of key ${name}` };
    return {
      message: `${event.caller} let ${accounts.join(', ')} use key ${name}`,
      severity: accounts.includes('*') ? 'high' : 'medium',
    };
  },
};
