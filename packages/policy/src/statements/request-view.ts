import { parseArn } from '../arn.ts';
import { UNKNOWN, lowerCase } from './condition-key.ts';
import type { Answer, ConditionKey, Context } from './condition-key.ts';
import { DERIVED_KEYS } from './derived-keys.ts';
import { parseCaller } from './principal.ts';
import type { Caller, PrincipalView } from './principal.ts';
import type { AccessRequest } from '../request.ts';
import { NO } from './truth.ts';
import type { Truth } from './truth.ts';

let requests = 0;

/** A request as the evaluation reads it: taken apart, with the keys that follow from it. */
export class RequestView implements Context, PrincipalView {
  /** Serial number, by which compiled elements remember what they came to for this request. */
  readonly id: number = ++requests;
  readonly request: AccessRequest;
  readonly caller: Caller;
  /** In lower case, as actions match without regard to it. */
  readonly action: string;
  readonly service: string;
  readonly resourceAccount: string | undefined;
  /** ARN of the access point that the call goes through. */
  readonly accessPoint: string | typeof UNKNOWN | undefined;
  readonly canonicalUser: string | undefined;
  readonly federatedBy: string | undefined;
  readonly roleArn: string | undefined;
  readonly uniqueId: string | undefined;
  /** Whether the caller has a permissions boundary. */
  hasBoundary: Truth = NO;
  private readonly given: Record<string, unknown> | undefined;
  private readonly unknownKeys: ReadonlySet<string> | undefined;
  private byLowerCase: Map<string, unknown> | undefined;
  private readonly asked: Set<string> | undefined;

  /** @param asked Gets the keys whose values are asked for, in lower case. */
  constructor(request: AccessRequest, asked?: Set<string>) {
    this.request = request;
    this.asked = asked;
    this.caller = parseCaller(request.principal);
    this.action = lowerCase(request.action);
    this.service = this.action.slice(0, Math.max(0, this.action.indexOf(':')));
    this.given = request.context;
    this.unknownKeys =
      request.unknown === undefined || request.unknown.length === 0
        ? undefined
        : new Set(request.unknown.map(lowerCase));
    this.accessPoint = this.service === 's3' ? this.findAccessPoint() : undefined;
    this.resourceAccount = request.resourceAccount ?? accountIn(request.resource) ?? this.caller.account;
    this.canonicalUser = isPerson(this.caller) ? request.canonicalUser : undefined;
    this.federatedBy = this.caller.kind === 'federated-user' ? request.federatedBy : undefined;
    this.roleArn = this.caller.kind === 'session' ? request.roleArn : undefined;
    this.uniqueId = WITH_UNIQUE_ID.has(this.caller.kind) ? request.uniqueId : undefined;
  }

  get(key: ConditionKey): Answer {
    if (key.askedBy !== this.id) {
      key.answer = this.find(key);
      key.askedBy = this.id;
    }
    return key.answer;
  }

  private find(key: ConditionKey): Answer {
    this.asked?.add(key.lower);
    if (this.unknownKeys !== undefined && this.isUnknown(key.lower)) return UNKNOWN;
    const { given } = this;
    if (given !== undefined) {
      const value = Object.hasOwn(given, key.written) ? given[key.written] : this.givenInAnyCase(key.lower);
      if (value !== undefined && value !== null) return answerOf(value);
    }
    return DERIVED_KEYS.get(key.lower)?.(this);
  }

  private findAccessPoint(): string | typeof UNKNOWN | undefined {
    const { accessPoint, context, resource } = this.request;
    if (accessPoint !== undefined) return accessPoint;
    if (this.unknownKeys?.has('s3:dataaccesspointarn') === true) return UNKNOWN;
    const inContext = context?.['s3:DataAccessPointArn'];
    if (typeof inContext === 'string') return inContext;
    return resource.startsWith('arn:aws:s3:::') ? undefined : ACCESS_POINT.exec(resource)?.[0];
  }

  /** `aws:PrincipalTag/*` stands for every key of its kind. */
  private isUnknown(lower: string): boolean {
    if (this.unknownKeys!.has(lower)) return true;
    const slash = lower.indexOf('/');
    return slash >= 0 && this.unknownKeys!.has(`${lower.slice(0, slash)}/*`);
  }

  private givenInAnyCase(lower: string): unknown {
    if (this.byLowerCase === undefined) {
      this.byLowerCase = new Map();
      for (const [name, value] of Object.entries(this.given!)) this.byLowerCase.set(lowerCase(name), value);
    }
    return this.byLowerCase.get(lower);
  }
}

function answerOf(value: unknown): Answer {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? value.map(String) : undefined;
}

const WITH_UNIQUE_ID: ReadonlySet<Caller['kind']> = new Set(['user', 'role', 'session']);

const isPerson = ({ account, kind }: Caller) => account !== undefined && kind !== 'provider';

const ACCOUNT = /^\d{12}$/;

function accountIn(resource: string): string | undefined {
  // Most requests are S3's, whose ARNs name no account.
  if (resource.startsWith('arn:aws:s3:::')) return undefined;
  const account = parseArn(resource)?.account;
  return account !== undefined && ACCOUNT.test(account) ? account : undefined;
}

const ACCESS_POINT = /^arn:[^:]+:s3:[^:]*:\d{12}:accesspoint\/[^/]+/;
