import { splitArn } from '../arn.ts';
import { nearest } from '../nearest.ts';
import { faultsOfArn, invalidAccount, isAccountId, isPlaceholder } from './arns.ts';
import { type Finding, type Rule, eachStatement, quoted } from './rule.ts';
import { type PrincipalAt, type StatementView, isRecord, principalsOf } from './statement.ts';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

const TYPES = ['AWS', 'Service', 'Federated', 'CanonicalUser'];

const ELEMENTS = ['Principal', 'NotPrincipal'] as const;

const principals = (statement: StatementView): PrincipalAt[] =>
  ELEMENTS.flatMap((element) => principalsOf(statement, element)).filter(({ text }) => text !== '');

/** Unique ids that AWS shows in place of a principal that is gone. */
const UNIQUE_ID = /^A(?:ROA|IDA|GPA|NPA|NVA|PKA|SCA|IPA)[A-Z0-9]{12,}$/;

const IDENTITY_PROVIDERS = new Set([
  'cognito-identity.amazonaws.com',
  'www.amazon.com',
  'graph.facebook.com',
  'accounts.google.com',
]);

type Fault = { code: string; message: string; help?: string | undefined };

const fault = (code: string, message: string, help?: string): Fault[] => [{ code, message, help }];

function awsFaults(text: string): Fault[] {
  if (text === '*' || isAccountId(text)) return [];
  if (UNIQUE_ID.test(text)) {
    return fault(
      'stale-principal',
      `${quoted(text)} is the unique id of a principal that was deleted`,
      'Remove it, or name the new principal by its ARN; a new one of the same name does not get the access back.',
    );
  }
  if (!text.startsWith('arn:')) return notAnArn(text);
  const faults = faultsOfArn(text);
  if (faults.length > 0) return faults;
  if (/[*?]/.test(text)) {
    return fault(
      'wildcard-in-principal',
      `${quoted(text)} has a wildcard, which a principal may not have`,
      'Name the principals one by one, or write `"AWS": "*"` with a condition on `aws:PrincipalArn`.',
    );
  }
  return resourceFaults(text);
}

function notAnArn(text: string): Fault[] {
  const squeezed = text.replaceAll(/[\s-]/g, '');
  if (/^[\d\s-]+$/.test(text) || isPlaceholder(text)) {
    const { message, help } = invalidAccount(text);
    return fault('invalid-account', message, help);
  }
  if (squeezed.startsWith('arn:')) {
    return fault(
      'invalid-principal',
      `${quoted(text)} is not a principal`,
      `Write \`${text.replaceAll(/\s/g, '')}\`.`,
    );
  }
  if (/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(text)) {
    return fault('invalid-principal', `${quoted(text)} is a service`, `Write \`{"Service": "${text}"}\`.`);
  }
  return fault('invalid-principal', `${quoted(text)} is not a principal`);
}

function resourceFaults(text: string): Fault[] {
  const [, , service, region, account, resource = ''] = splitArn(text) ?? [];
  const plain =
    service === 'iam' ? /^(root|(user|role)\/.+)$/ : /^(assumed-role\/[^/]+\/.+|federated-user\/.+|self)$/;
  if ((service === 'iam' || service === 'sts') && region === '' && account !== '' && plain.test(resource))
    return [];
  if (service === 'iam' && resource.startsWith('group/')) {
    return fault('invalid-principal', 'a group cannot be a principal', 'Name its users, or a role.');
  }
  if (service === 'iam' && /^(oidc|saml)-provider\//.test(resource)) {
    return fault(
      'invalid-principal',
      `${quoted(text)} is an identity provider`,
      `Write \`{"Federated": "${text}"}\`.`,
    );
  }
  return fault('invalid-principal', `${quoted(text)} is not a principal`);
}

function serviceFaults(text: string): Fault[] {
  // An organization may name services of a region (`s3.eu-south-1.amazonaws.com`) and of other partitions.
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)$/.test(text)) return [];
  const bare = text.trim().toLowerCase();
  const help = /^[a-z0-9-]+$/.test(bare)
    ? `Write \`${bare}.amazonaws.com\`.`
    : 'Write `SERVICE.amazonaws.com`.';
  return fault('invalid-principal', `${quoted(text)} is not a service principal`, help);
}

function federatedFaults(text: string): Fault[] {
  const [scheme, , service, , , resource = ''] = splitArn(text) ?? [];
  const isProvider = scheme === 'arn' && service === 'iam' && /^(oidc|saml)-provider\//.test(resource);
  if (IDENTITY_PROVIDERS.has(text)) return [];
  if (isProvider) return faultsOfArn(text);
  const help = 'Write the ARN of the OIDC or SAML provider.';
  return fault('invalid-principal', `${quoted(text)} is not an identity provider`, help);
}

const FAULTS: Readonly<Record<string, (text: string) => Fault[]>> = {
  '*': (text) =>
    text === '*'
      ? []
      : fault(
          'invalid-principal',
          `${quoted(text)} stands where \`"*"\` or an object should`,
          `Write \`{"AWS": "${text.slice(0, 200)}"}\`.`,
        ),
  AWS: awsFaults,
  Service: serviceFaults,
  Federated: federatedFaults,
  CanonicalUser: (text) =>
    /^[0-9a-f]{64}$/.test(text)
      ? []
      : fault(
          'invalid-principal',
          `${quoted(text)} is not a canonical user id`,
          'It has 64 hexadecimal digits.',
        ),
};

const withCode = (code: string): Rule['find'] =>
  eachStatement(function* (statement): Generator<Finding> {
    for (const { type, text, path } of principals(statement)) {
      const faults = Object.hasOwn(FAULTS, type) ? FAULTS[type]!(text) : [];
      for (const { message, help, code: found } of faults) {
        if (found === code || (code === 'invalid-principal' && found === 'invalid-arn'))
          yield { path, message, help };
      }
    }
  });

export const PRINCIPAL_RULES: readonly Rule[] = [
  {
    code: 'invalid-principal-type',
    title: 'A principal of a type that AWS does not have',
    severity: 'error',
    help: 'The types are `AWS`, `Service`, `Federated` and `CanonicalUser`; the case of the letters counts.',
    find: eachStatement(function* (statement) {
      for (const element of ELEMENTS) {
        const value = statement.raw[element];
        if (!isRecord(value)) continue;
        for (const type of Object.keys(value)) {
          if (TYPES.includes(type)) continue;
          const meant = nearest(type.trim(), TYPES);
          yield {
            path: [...statement.path, element, type],
            part: 'key',
            message: `${quoted(type)} is not a type of principal`,
            help: meant && `Write \`${meant}\`.`,
          };
        }
      }
    }),
  },
  {
    code: 'invalid-principal',
    title: 'A text that names no principal',
    severity: 'error',
    help: 'Write the ARN of a user, role or session, an account id, or `*`.',
    find: withCode('invalid-principal'),
  },
  {
    code: 'invalid-account',
    title: 'The account id of a principal is not twelve digits',
    severity: 'error',
    help: 'An account id has 12 digits.',
    find: withCode('invalid-account'),
  },
  {
    code: 'wildcard-in-principal',
    title: 'A principal with a wildcard in it',
    severity: 'error',
    help: 'Only `*` alone is possible.',
    find: withCode('wildcard-in-principal'),
  },
  {
    code: 'stale-principal',
    title: 'A principal that was deleted',
    // AWS returns such documents, and refuses to take them back.
    severity: 'warning',
    help: 'Remove it.',
    find: withCode('stale-principal'),
  },
];
