import { bitsOfRange, isObject } from './conditions.ts';

/** S3's meaning of public: some Allow is not held to fixed principals, networks or sources. */
export function isPublic(document: unknown, isAccessPoint: boolean): boolean {
  if (!isObject(document)) return false;
  const statements: unknown[] = [document['Statement']].flat();
  return statements.some((statement) => {
    if (!isObject(statement) || statement['Effect'] !== 'Allow') return false;
    if (statement['NotPrincipal'] === undefined && isFixedPrincipal(statement['Principal'])) return false;
    const condition = statement['Condition'];
    if (!isObject(condition)) return true;
    for (const [operator, block] of Object.entries(condition)) {
      if (
        !/^(ForAnyValue:)?(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike)$|^IpAddress$/.test(
          operator,
        )
      ) {
        continue;
      }
      for (const [key, values] of Object.entries(isObject(block) ? block : {})) {
        const list: unknown[] = [values].flat();
        const isGood = (value: unknown) =>
          typeof value === 'string' && isFixed(key.toLowerCase(), value, isAccessPoint);
        if (list.length > 0 && list.every(isGood)) return false;
      }
    }
    return true;
  });
}

function isFixedPrincipal(principal: unknown): boolean {
  if (!isObject(principal)) return false;
  return Object.entries(principal).every(([type, value]) => {
    const names: unknown[] = [value].flat();
    const isName = (name: unknown) => typeof name === 'string' && !name.includes('*') && !name.includes('?');
    return ['AWS', 'Service', 'CanonicalUser'].includes(type) && names.every(isName);
  });
}

function isFixed(key: string, value: string, isAccessPoint: boolean): boolean {
  const isPlain = (text: string) => !text.includes('*') && !text.includes('?') && !text.includes('${');
  if (key === 'aws:sourceip') {
    const range = bitsOfRange(value);
    return range !== undefined && range.prefix.length >= (range.size === 32 ? 8 : 32);
  }
  if (key === 'aws:principalorgpaths') return /^o-[a-z0-9]+\//.test(value);
  if (key === 'aws:userid') return isPlain(value);
  if (key === 's3:dataaccesspointarn') {
    const parts = value.split(':');
    return !isAccessPoint && parts.length >= 6 && /^[0-9]{12}$/.test(parts[4]!) && !value.includes('${');
  }
  const others =
    'aws:principalorgid aws:principalaccount aws:principalarn aws:sourcearn aws:sourcevpc aws:sourcevpce aws:sourceowner ' +
    'aws:sourceaccount aws:sourceorgid s3:x-amz-server-side-encryption-aws-kms-key-id s3:dataaccesspointaccount';
  return others.split(' ').includes(key) && isPlain(value);
}
