import type { PolicyDocument, PrincipalSnapshot, Statement } from '@crossbucket/policy';
import type { RoleStep } from '../../../packages/crossbucket/src/explain/question/path.ts';
import {
  APP,
  BUCKET,
  BUCKET_ARN,
  CONTROLS,
  DATA,
  HOP,
  POINT,
  READER,
  SERVICE,
  policy,
  type Setup,
} from '../setup.ts';

export const app = ({ world }: Setup) => world.accounts[APP]!;
export const data = ({ world }: Setup) => world.accounts[DATA]!;
export const bucketOf = (setup: Setup) => data(setup).buckets[BUCKET]!;
export const reader = (setup: Setup) => data(setup).principals[READER]!;
export const service = (setup: Setup) => app(setup).principals[SERVICE]!;
export const keyOf = (setup: Setup) => Object.values(data(setup).keys)[0]!;

/** Who makes the S3 call, and so whose identity policy counts for it. */
export const worker = (setup: Setup): PrincipalSnapshot =>
  setup.call.via.length > 0 ? reader(setup) : service(setup);
/** Who assumes the first role. */
export const starter = service;
/** Who assumes the owner's role. */
export const assumer = (setup: Setup): PrincipalSnapshot =>
  setup.kind === 'chain' ? app(setup).principals[HOP]! : service(setup);

export const statements = (document: PolicyDocument): Statement[] => document.Statement as Statement[];

export function own(principal: PrincipalSnapshot): PolicyDocument {
  return principal.policies[0]!.document;
}

export type Change = Partial<Statement> | ((statement: Statement) => Statement);

export function edit(document: PolicyDocument, sid: string, change: Change): void {
  document.Statement = statements(document).map((statement) => {
    if (statement.Sid !== sid) return statement;
    return typeof change === 'function' ? change(statement) : { ...statement, ...change };
  });
}

export function add(document: PolicyDocument, ...more: Statement[]): void {
  document.Statement = [...statements(document), ...more];
}

export function drop(document: PolicyDocument, sid: string): void {
  document.Statement = statements(document).filter((statement) => statement.Sid !== sid);
}

export const deny = (more: Partial<Statement>): Statement => ({
  Sid: 'Broken',
  Effect: 'Deny',
  Action: 's3:GetObject',
  Resource: '*',
  ...more,
});

/** The statement that allows the S3 call on the caller's side: through the access point, there are two. */
export function ownObjects(setup: Setup, change: Change): void {
  edit(own(worker(setup)), 'Objects', change);
  const point =
    typeof change === 'function' || change.Resource === undefined
      ? change
      : { ...change, Resource: `${POINT}/object/archive/*` };
  edit(own(worker(setup)), 'Point', point);
}

export const owners = [
  `${BUCKET_ARN}/archive/*`,
  BUCKET_ARN,
  'arn:aws:s3:::acme-report/reports/*',
  'arn:aws:s3:::other-bucket/*',
];

export const lock = (setup: Setup, facts: NonNullable<Setup['facts']['lock']>): void => {
  setup.call.operation = 'DeleteObject';
  setup.call.input = { ...setup.call.input, VersionId: 'the-version' };
  setup.facts.lock = facts;
};

/** Changes the last AssumeRole. */
export function lastStep({ call }: Setup, change: (step: RoleStep) => RoleStep): void {
  call.via = [...call.via.slice(0, -1), change(call.via.at(-1)!)];
}

/** More of the input of the last AssumeRole. */
export const assume = (setup: Setup, input: Record<string, unknown>): void =>
  lastStep(setup, (step) => ({ ...step, input: { ...step.input, ...input } }));

export const session = (setup: Setup, ...Statement: Statement[]): void =>
  assume(setup, { Policy: JSON.stringify(policy(...Statement)) });

/** Documents name a user or role by the id of the one who is gone. */
export function recreate(setup: Setup, arn = SERVICE): void {
  const principal = app(setup).principals[arn]!;
  const { uniqueId } = principal;
  setup.recreated = [arn];
  principal.uniqueId = `${uniqueId.slice(0, 4)}NEWONE0000000000`;
  const old = (statement: Statement): Statement => {
    const { Principal } = statement;
    if (Principal === undefined || Principal === '*') return statement;
    const AWS = [Principal.AWS ?? []].flat().map((name) => (name === arn ? uniqueId : name));
    return { ...statement, Principal: { ...Principal, AWS: AWS.length === 1 ? AWS[0]! : AWS } };
  };
  const documents = [
    bucketOf(setup).policy!.document,
    reader(setup).trust!.document,
    app(setup).principals[HOP]!.trust!.document,
    keyOf(setup).policy.document,
    data(setup).accessPoints![POINT]!.policy!.document,
  ];
  for (const document of documents) document.Statement = statements(document).map(old);
}

export function control({ world }: Setup, name: keyof typeof CONTROLS, statement: Statement): void {
  for (const member of Object.values(world.organization!.accounts))
    for (const level of [...member.serviceControl, ...member.resourceControl])
      for (const one of level)
        if (one.name === name) one.document = policy(...statements(CONTROLS[name]), statement);
}

/** In place of FullAWSAccess, a list of what may be allowed. */
export function allowList({ world }: Setup, account: string, name: keyof typeof CONTROLS): void {
  const member = world.organization!.accounts[account]!;
  member.serviceControl = member.serviceControl.map((level, index) =>
    index === 1 ? level.filter((one) => one.name !== 'FullAWSAccess') : level,
  );
  for (const one of member.serviceControl[1]!)
    if (one.name === name)
      one.document = policy({
        Sid: 'List',
        Effect: 'Allow',
        Action: ['kms:*', 'sts:*', 'iam:*'],
        Resource: '*',
      });
}

export const publicStatement = (): Statement => ({
  Sid: 'Public',
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: `${BUCKET_ARN}/public/*`,
});

export function withoutCondition(statement: Statement): Statement {
  const { Condition: _, ...rest } = statement;
  return rest;
}

export function missing({ call, facts }: Setup): void {
  call.input = { ...call.input, Key: 'reports/nothing.csv' };
  facts.objectMissing = true;
}

/** The statement with a condition more, or with another value of one that it has. */
export const wanting =
  (operator: string, key: string, value: string | string[]) =>
  (statement: Statement): Statement => ({
    ...statement,
    Condition: {
      ...statement.Condition,
      [operator]: { ...statement.Condition?.[operator], [key]: value },
    },
  });

/** A statement for all but what it was for. */
export const allBut =
  (element: 'Action' | 'Resource', values: string | string[]) =>
  (statement: Statement): Statement => {
    const { [element]: _, ...rest } = statement;
    return { ...rest, [`Not${element}`]: values };
  };

/** A Deny for all but what it names. */
export const denyAllBut = (element: 'Action' | 'Resource', values: string | string[], more = {}): Statement =>
  allBut(element, values)(deny(more));

/** The same actions on each side, and more. */
export function allowMore(setup: Setup, ...actions: string[]): void {
  const more = (statement: Statement): Statement => ({
    ...statement,
    Action: [...[statement.Action ?? []].flat(), ...actions],
  });
  edit(own(worker(setup)), 'Objects', more);
  edit(bucketOf(setup).policy!.document, 'Reports', more);
}

/** A write in place of the read. */
export function write({ call }: Setup, input: Record<string, unknown> = {}): void {
  call.operation = 'PutObject';
  call.input = { ...call.input, ...input };
}

/** A listing in place of the read. */
export function list({ call }: Setup, input: Record<string, unknown> = {}): void {
  call.operation = 'ListObjectsV2';
  call.input = { Bucket: call.input['Bucket'], ...input };
}
