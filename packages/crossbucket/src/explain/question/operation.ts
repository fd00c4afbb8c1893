import { authorizationsFor, findAction, nearestAction, operationsFor } from '@crossbucket/policy';
import { ExplainError } from '../explain-error.ts';
import type { Target } from './target.ts';

/** A call of the SDK, without who makes it. */
export interface Operation {
  service: string;
  /** `GetObject` */
  operation: string;
  input: Record<string, unknown>;
}

/** Where several operations ask for an action, the one that people mean. */
const USUAL: Partial<Record<string, string>> = {
  's3:listbucket': 'ListObjectsV2',
  's3:listallmybuckets': 'ListBuckets',
};

/** Operations that are no actions, by what people write. */
const AS_ACTIONS =
  /^(?:s3:)?(HeadObject|HeadBucket|ListObjectsV2|ListObjects|CopyObject|CreateMultipartUpload|UploadPart|CompleteMultipartUpload|DeleteObjects|ListObjectVersions)$/i;

/**
 * The call that an action stands for: `s3:GetObject` is GetObject, `s3:ListBucket` ListObjectsV2. Names of operations
 * are taken as well.
 * @throws ExplainError `bad-question`, with the nearest name
 */
export function operationOf(action: string, target: Target, input: Record<string, unknown> = {}): Operation {
  const { service, operation, ofVersion } = nameOperation(action, target);
  const made = { service, operation, input: { ...inputOf(service, operation, target, ofVersion), ...input } };
  requireFit(action, made, target);
  return made;
}

function nameOperation(
  text: string,
  target: Target,
): { service: string; operation: string; ofVersion: boolean } {
  const operation = AS_ACTIONS.exec(text)?.[1];
  if (operation !== undefined) return { service: 's3', operation: properCase(operation), ofVersion: false };
  const action = text.includes(':') ? text : `${serviceOf(target)}:${text}`;
  if (/[*?]/.test(action))
    throw new ExplainError(
      'bad-question',
      `\`${text}\` is several actions`,
      'ask about one, such as s3:GetObject',
    );
  const known = findAction(action);
  if (known === undefined) {
    const near = nearestAction(action);
    const help =
      near === undefined ? 'name an action as policies do, such as s3:GetObject' : `did you mean ${near}?`;
    throw new ExplainError('bad-question', `there is no action \`${text}\``, help);
  }
  const service = known.name.slice(0, known.name.indexOf(':'));
  const name = known.name.slice(service.length + 1);
  const uses = operationsFor(known.name);
  const use =
    uses.find((one) => one.operation === USUAL[known.name.toLowerCase()]) ??
    uses.find((one) => one.operation === name) ??
    uses[0];
  return { service, operation: use?.operation ?? name, ofVersion: use?.ofVersion ?? false };
}

const NAMES = [
  'HeadObject',
  'HeadBucket',
  'ListObjectsV2',
  'ListObjects',
  'CopyObject',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'DeleteObjects',
  'ListObjectVersions',
];

const properCase = (operation: string): string =>
  NAMES.find((name) => name.toLowerCase() === operation.toLowerCase()) ?? operation;

const serviceOf = ({ kind }: Target): string => (kind === 'role' ? 'sts' : kind === 'key' ? 'kms' : 's3');

const LISTINGS = new Set(['ListObjects', 'ListObjectsV2', 'ListObjectVersions', 'ListMultipartUploads']);

function inputOf(
  service: string,
  operation: string,
  target: Target,
  ofVersion: boolean,
): Record<string, unknown> {
  if (target.kind === 'role') return service === 'sts' ? { RoleArn: target.arn } : {};
  if (target.kind === 'key') return { KeyId: target.arn };
  const { bucket: Bucket, key, versionId } = target;
  if (LISTINGS.has(operation)) return { Bucket, ...(key !== undefined && { Prefix: key }) };
  if (operation === 'DeleteObjects')
    return { Bucket, Delete: { Objects: [{ Key: key, VersionId: versionId }] } };
  const VersionId = versionId ?? (ofVersion ? ANY_VERSION : undefined);
  return { Bucket, ...(key !== undefined && { Key: key }), ...(VersionId !== undefined && { VersionId }) };
}

/** The id of the version that has none, which stands for whichever is asked for. */
const ANY_VERSION = 'null';

/** An action on objects wants a key, and one of another service another target. */
function requireFit(action: string, { service, operation, input }: Operation, target: Target): void {
  const wanted = serviceOf(target);
  if (service !== wanted)
    throw new ExplainError(
      'bad-question',
      `\`${action}\` is an action of ${service}, and the target is one of ${wanted}`,
      `name ${service === 'sts' ? 'the ARN of a role' : service === 'kms' ? 'the ARN of a key' : 's3://BUCKET/KEY'}`,
    );
  const [first] = authorizationsFor({ service, operation, input, principal: '*' });
  const needsKey = first !== undefined && /^arn:[^:]+:s3:::[^/]+\/$/.test(first.resource);
  if (needsKey)
    throw new ExplainError(
      'bad-question',
      `\`${action}\` is about an object, and the target names none`,
      `write the key behind the bucket: s3://${String(input['Bucket'])}/KEY`,
    );
}
