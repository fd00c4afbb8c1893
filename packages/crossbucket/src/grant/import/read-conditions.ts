import type { Statement } from '@crossbucket/policy';
import type { ConditionsSpec } from '../../spec/index.ts';

export interface ReadConditions {
  conditions: ConditionsSpec | undefined;
  externalId: string | undefined;
  /** Conditions that a specification has no words for. */
  notes: string[];
}

type Reader = (values: string[], into: { conditions: ConditionsSpec; externalId?: string }) => void;

const READERS: Readonly<Record<string, Reader>> = {
  'stringequals aws:principalorgid': ([value], into) => void (into.conditions.organization = value!),
  'stringequals sts:externalid': ([value], into) => void (into.externalId = value!),
  'bool aws:multifactorauthpresent': ([value], into) => {
    if (value === 'true') into.conditions.mfa = true;
  },
  'ipaddress aws:sourceip': (values, into) => void (into.conditions.sourceIp = values),
  'stringequals aws:sourcevpce': (values, into) => void (into.conditions.vpcEndpoint = values),
  'stringequals aws:sourcevpc': (values, into) => void (into.conditions.vpc = values),
  // Every grant asks for it; prefixes are part of the access.
  'bool aws:securetransport': () => {},
  'stringlike s3:prefix': () => {},
  'stringequals s3:prefix': () => {},
};

export function readConditions({ Sid, Condition = {} }: Statement): ReadConditions {
  const into: { conditions: ConditionsSpec; externalId?: string } = { conditions: {} };
  const notes: string[] = [];
  for (const [operator, block] of Object.entries(Condition))
    for (const [key, values] of Object.entries(block)) {
      const read = READERS[`${operator.toLowerCase()} ${key.toLowerCase()}`];
      if (read) read([values].flat().map(String), into);
      else
        notes.push(
          `${Sid === undefined ? 'a statement' : `statement ${Sid}`} asks for ${operator} ${key}, which crossbucket.yaml has no word for`,
        );
    }
  const { conditions, externalId } = into;
  return { conditions: Object.keys(conditions).length === 0 ? undefined : conditions, externalId, notes };
}
