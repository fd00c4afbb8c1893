import type { Statement } from '@crossbucket/policy';

/** What a statement gives or takes, as a sentence without its end: `role/report-service of 111111111111 may s3:GetObject on ...`. */
export function describeStatement(statement: Statement, holder = 'whoever it is attached to'): string {
  const { Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition } = statement;
  const who =
    NotPrincipal === undefined
      ? Principal === undefined
        ? holder
        : principalWords(Principal)
      : `everybody but ${principalWords(NotPrincipal)}`;
  const verb = Effect === 'Allow' ? 'may' : 'may not';
  const what = NotAction === undefined ? words(Action) : `do anything but ${words(NotAction)}`;
  const where =
    NotResource === undefined
      ? Resource === undefined || Resource === '*'
        ? ''
        : ` on ${words(Resource, shortResource)}`
      : ` on anything but ${words(NotResource, shortResource)}`;
  return `${who} ${verb} ${what}${where}${conditionWords(Condition)}`;
}

function principalWords(element: NonNullable<Statement['Principal']>): string {
  if (element === '*') return 'everybody';
  return Object.entries(element)
    .flatMap(([type, names]) => [names].flat().map((name) => principalName(type, name)))
    .join(' and ');
}

function principalName(type: string, name: string): string {
  if (type !== 'AWS') return name;
  if (name === '*') return 'everybody';
  const [, account, resource] = /^arn:[^:]+:(?:iam|sts)::(\d{12}):(.+)$/.exec(name) ?? [];
  if (/^\d{12}$/.test(name) || resource === 'root') return `whoever account ${account ?? name} lets`;
  return account === undefined ? name : `${resource} of ${account}`;
}

const shortResource = (resource: string): string => resource.replace(/^arn:[^:]+:s3:::/, 's3://');

const words = (values: string | string[] | undefined, shorten: (value: string) => string = String): string =>
  [values ?? []].flat().map(shorten).join(', ');

/** Conditions by the keys that people know. */
function conditionWords(condition: Statement['Condition']): string {
  const parts = Object.entries(condition ?? {}).flatMap(([operator, block]) =>
    Object.entries(block).map(([key, values]) => {
      const list = [values].flat().map(String).join(' or ');
      return CONDITIONS[key]?.(list) ?? `where ${key} ${operator} ${list}`;
    }),
  );
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`;
}

const CONDITIONS: Partial<Record<string, (list: string) => string>> = {
  'aws:SecureTransport': () => 'over TLS',
  'sts:ExternalId': (list) => `with the external id ${list}`,
  'aws:PrincipalOrgID': (list) => `from the organization ${list}`,
  'aws:MultiFactorAuthPresent': () => 'with a second factor',
  'aws:SourceIp': (list) => `from ${list}`,
  'aws:SourceVpce': (list) => `through ${list}`,
  'aws:SourceVpc': (list) => `from ${list}`,
  's3:prefix': (list) => `under ${list}`,
  'kms:ViaService': () => 'through S3',
  'kms:EncryptionContext:aws:s3:arn': (list) => `for ${list.replaceAll(/arn:[^:]+:s3:::/g, 's3://')}`,
};
