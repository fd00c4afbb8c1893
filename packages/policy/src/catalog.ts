import { GLOBAL_KEYS, SERVICE_PREFIXES } from './catalog/global.data.ts';
import { IAM } from './catalog/iam.data.ts';
import { KMS } from './catalog/kms.data.ts';
import { S3 } from './catalog/s3.data.ts';
import { STS } from './catalog/sts.data.ts';
import {
  type ActionInfo,
  type KeyInfo,
  type Service,
  type ServiceText,
  linesOf,
  readKey,
  readService,
} from './catalog/read.ts';
import { Glob } from './glob.ts';
import { nearest } from './nearest.ts';

const TEXTS: Readonly<Record<string, ServiceText>> = { s3: S3, sts: STS, kms: KMS, iam: IAM };

/** Services whose actions the catalog knows. */
export const CATALOG_SERVICES: readonly string[] = Object.keys(TEXTS);

const services = new Map<string, Service>();

/** What the catalog knows of a service: `s3`, `sts`, `kms` or `iam`, in any case. Read when first asked for. */
export function findService(prefix: string): Service | undefined {
  const name = prefix.toLowerCase();
  const text = Object.hasOwn(TEXTS, name) ? TEXTS[name] : undefined;
  if (text === undefined) return undefined;
  let service = services.get(name);
  if (service === undefined) services.set(name, (service = readService(name, text)));
  return service;
}

/** `s3:GetObject`, in any case. */
export function findAction(name: string): ActionInfo | undefined {
  const [prefix, action] = split(name);
  return findService(prefix)?.actions.get(action.toLowerCase());
}

/** Name of the action that a misspelt one may mean. */
export function nearestAction(name: string): string | undefined {
  const [prefix, action] = split(name);
  const service = findService(prefix);
  if (service === undefined) return undefined;
  const names = Array.from(service.actions.values(), ({ name }) => name);
  return nearest(`${prefix}:${action}`, names);
}

/** Actions of the catalog that a pattern like `s3:Get*`, `*` or `s3:GetObject` covers, in any case. */
export function actionsMatching(pattern: string): ActionInfo[] {
  const wanted = pattern.toLowerCase();
  const start = wanted.search(/[*?]/);
  if (start < 0) return [findAction(wanted) ?? []].flat();
  const beginning = wanted.slice(0, start);
  const glob = Glob.of(wanted);
  return everyAction().filter(({ name }) => {
    const action = name.toLowerCase();
    return action.startsWith(beginning) && glob.matches(action);
  });
}

let all: ActionInfo[] | undefined;

const everyAction = (): ActionInfo[] =>
  (all ??= CATALOG_SERVICES.flatMap((prefix) => Array.from(findService(prefix)?.actions.values() ?? [])));

let globals: KeyInfo[] | undefined;

/** Condition keys of every service. */
export function globalKeys(): readonly KeyInfo[] {
  return (globals ??= linesOf(GLOBAL_KEYS).map(readKey));
}

let prefixes: Set<string> | undefined;

/** Prefixes of all of AWS's services, the uncatalogued ones too. */
export function servicePrefixes(): ReadonlySet<string> {
  return (prefixes ??= new Set(SERVICE_PREFIXES.trim().split(/\s+/)));
}

/** Prefix and name of an action. */
function split(name: string): [prefix: string, action: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)];
}
