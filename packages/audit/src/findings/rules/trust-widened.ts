import { statementsOf } from '@crossbucket/policy';
import { documentIn, outsiders } from '../documents.ts';
import type { EventRule } from '../rule.ts';

export const trustWidened: EventRule = {
  code: 'trust-widened',
  severity: 'medium',
  title: 'A role was opened to another account',
  help: 'name principals rather than accounts, and ask third parties for an ExternalId',
  events: ['CreateRole', 'UpdateAssumeRolePolicy'],
  judge(event) {
    const document = documentIn(event.request, 'assumeRolePolicyDocument', 'policyDocument');
    if (document === undefined) return undefined;
    const accounts = outsiders(document, event.owner);
    if (accounts.length === 0) return undefined;
    const isGuarded = statementsOf(document).every(
      ({ Effect, Condition }) =>
        Effect !== 'Allow' ||
        JSON.stringify(Condition ?? {})
          .toLowerCase()
          .includes('"sts:externalid"'),
    );
    const role = event.request['roleName'];
    return {
      message: `${event.caller} let ${accounts.join(', ')} assume role ${typeof role === 'string' ? role : event.resource}${isGuarded ? '' : ' without an ExternalId'}`,
      severity: accounts.includes('*') ? 'high' : 'medium',
    };
  },
};
