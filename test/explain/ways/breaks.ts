import type { PolicyDocument, Statement } from '@crossbucket/policy';
import { BUCKET_ARN, POINT, type Setup } from '../setup.ts';
import {
  add,
  assumer,
  bucketOf,
  control,
  data,
  deny,
  edit,
  lastStep,
  list,
  own,
  ownObjects,
  reader,
  session,
  worker,
  write,
  type Change,
} from './parts.ts';
import type { Break } from './way.ts';

// Each of these takes several variants of one break, of which a case has one.

type DocumentOf = (setup: Setup) => PolicyDocument;
export type Condition = NonNullable<Statement['Condition']>;

const bucketPolicy: DocumentOf = (setup) => bucketOf(setup).policy!.document;
const trustPolicy: DocumentOf = (setup) => reader(setup).trust!.document;
const pointPolicy: DocumentOf = (setup) => data(setup).accessPoints![POINT]!.policy!.document;
const ownPolicy: DocumentOf = (setup) => own(worker(setup));
const boundary: DocumentOf = (setup) => worker(setup).boundary!.document;

const changes =
  (documentOf: DocumentOf, sid: string) =>
  (...variants: Change[]): Break =>
  (setup, random) =>
    edit(documentOf(setup), sid, random.pick(variants));

/** The statement of the bucket policy that allows the objects. */
export const inBucketPolicy = changes(bucketPolicy, 'Reports');
/** The one that allows the listing. */
export const inListing = changes(bucketPolicy, 'ListReports');
export const inTrust = changes(trustPolicy, 'Partners');
export const inPoint = changes(pointPolicy, 'Reports');
export const inBoundary = changes(boundary, 'Limits');
/** The caller's statement that lets it assume the owner's role. */
export const inRoles = changes((setup) => own(assumer(setup)), 'Roles');
/** The caller's statements that allow the objects. */
export const inOwnObjects =
  (...variants: Change[]): Break =>
  (setup, random) =>
    ownObjects(setup, random.pick(variants));

const adds =
  (documentOf: DocumentOf, usual: Partial<Statement>) =>
  (...variants: Partial<Statement>[]): Break =>
  (setup, random) =>
    add(documentOf(setup), deny({ ...usual, ...random.pick(variants) }));

const OBJECTS = `${BUCKET_ARN}/*`;

/** A Deny of all of S3 on the objects to everybody, but where a variant says otherwise. */
export const bucketDenies = adds(bucketPolicy, { Principal: '*', Action: 's3:*', Resource: OBJECTS });
/** The same with one of these conditions. */
export const bucketDeniesIf = (...conditions: Condition[]): Break =>
  bucketDenies(...conditions.map((Condition) => ({ Condition })));
export const pointDenies = adds(pointPolicy, { Principal: '*', Resource: `${POINT}/object/*` });
export const ownDenies = adds(ownPolicy, {});
/** A Deny in the trust policy, whose statements name no resource. */
export const trustDenies =
  (...variants: Partial<Statement>[]): Break =>
  (setup, random) =>
    add(trustPolicy(setup), {
      Sid: 'Broken',
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:AssumeRole',
      ...random.pick(variants),
    });

/** A Deny in an SCP or an RCP. */
export const controlDenies =
  (name: Parameters<typeof control>[1], usual: Partial<Statement>) =>
  (...variants: Partial<Statement>[]): Break =>
  (setup, random) =>
    control(setup, name, deny({ ...usual, ...random.pick(variants) }));

/** A statement as it stands. */
export const inOwnPolicy =
  (statement: Statement): Break =>
  (setup) =>
    add(ownPolicy(setup), statement);
export const bySession =
  (...statements: Statement[]): Break =>
  (setup) =>
    session(setup, ...statements);

/** Names another role in the last AssumeRole. */
export const toRole =
  (...arns: string[]): Break =>
  (setup, random) => {
    const roleArn = random.pick(arns);
    lastStep(setup, (step) => ({ ...step, roleArn }));
  };

/** A write in place of the read, and what breaks it. */
export const byWrite =
  (breakIt: Break): Break =>
  (setup, random) => {
    write(setup);
    breakIt(setup, random);
  };
/** A listing in place of the read, and what breaks it. */
export const byListing =
  (breakIt: Break): Break =>
  (setup, random) => {
    list(setup, { Prefix: 'reports/' });
    breakIt(setup, random);
  };
export const denyWrites = (Condition: Condition): Break =>
  byWrite(bucketDenies({ Action: 's3:PutObject', Condition }));
