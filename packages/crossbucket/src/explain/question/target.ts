import { ExplainError } from '../explain-error.ts';

/** What a call is about. */
export type Target =
  | { kind: 's3'; bucket: string; key?: string; versionId?: string }
  | { kind: 'role'; arn: string }
  | { kind: 'key'; arn: string };

const HELP = 'name it as s3://BUCKET/KEY, or by the ARN of a bucket, object, access point, role or key';

/**
 * Reads `s3://BUCKET[/KEY][?versionId=ID]`, or an ARN.
 * @throws ExplainError `bad-question`
 */
export function parseTarget(text: string): Target {
  if (text.startsWith('s3://')) return s3Target(text.slice('s3://'.length), text);
  const [, partition = '', service, region, account, resource = ''] =
    /^arn:([a-z-]+):([a-z0-9-]+):([a-z0-9-]*):(\d{12}|):(.+)$/s.exec(text) ?? [];
  if (service === 's3' && region === '' && account === '') return s3Target(resource, text);
  if (service === 's3' && account !== '') {
    const [, name, key] = /^accesspoint[/:]([^/:]+)(?:\/object\/(.+))?$/s.exec(resource) ?? [];
    if (name !== undefined)
      return {
        kind: 's3',
        bucket: `arn:${partition}:s3:${region}:${account}:accesspoint/${name}`,
        ...(key && { key }),
      };
  }
  if (service === 'iam' && resource.startsWith('role/')) return { kind: 'role', arn: text };
  if (service === 'kms' && resource.startsWith('key/')) return { kind: 'key', arn: text };
  throw new ExplainError('bad-question', `\`${text}\` is no bucket, object, role or key`, HELP);
}

const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;

function s3Target(path: string, text: string): Target {
  const mark = path.lastIndexOf('?versionId=');
  const versionId = mark < 0 ? undefined : path.slice(mark + '?versionId='.length);
  const whole = mark < 0 ? path : path.slice(0, mark);
  const slash = whole.indexOf('/');
  const bucket = slash < 0 ? whole : whole.slice(0, slash);
  const key = slash < 0 ? '' : whole.slice(slash + 1);
  if (!BUCKET.test(bucket))
    throw new ExplainError(
      'bad-question',
      `\`${text}\` names no bucket: \`${bucket}\` is no name of one`,
      HELP,
    );
  return { kind: 's3', bucket, ...(key !== '' && { key }), ...(versionId && { versionId }) };
}
