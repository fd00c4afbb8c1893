import { addressOf, type Level } from './address.ts';
import { inputBindings } from './bindings.ts';
import { AwsError } from './errors.ts';
import type { RequestHead } from './message.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import type { Routed, Router } from './template-router.ts';

interface Route {
  operation: OperationModel;
  level: Level;
  /** Query parameters that the request must have; an empty value matches any. */
  literals: [name: string, value: string][];
  /** Required query parameters and headers, which tell operations of one path apart. */
  required: { name: string; place: 'query' | 'header' }[];
}

/** Required members without which it is another operation, not this one with something missing. */
const DECISIVE = new Set(['uploadId', 'partNumber', 'x-amz-copy-source']);

/** A client's own are not remembered. */
const METHODS = new Set(['DELETE', 'GET', 'HEAD', 'POST', 'PUT']);

const isDecisiveQuery = ({ name, place }: Route['required'][number]): boolean =>
  place === 'query' && DECISIVE.has(name);

/** Finds S3's operations by method, level and query. */
export class S3Router implements Router {
  readonly #model: ServiceModel;
  readonly #routes = new Map<string, Route[]>();
  /** Those among them that a request without a query may be for. */
  readonly #plain = new Map<string, Route[]>();

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  find(head: RequestHead): Routed {
    const { level, bucket, key } = addressOf(head);
    return { operation: this.#operation(head, level), labels: { Bucket: bucket, Key: key } };
  }

  /** The operation with the most literal query parameters in the request, then with the most required members. */
  #operation(head: RequestHead, level: Level): OperationModel {
    let best: Route | undefined;
    let bestScore = -Infinity;
    for (const route of this.#candidates(head, level)) {
      const score = scoreRoute(route, head);
      if (score !== undefined && score > bestScore) {
        best = route;
        bestScore = score;
      }
    }
    if (best) return best.operation;
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      fields: { Method: head.method, ResourceType: level.toUpperCase() },
    });
  }

  /** Worked out with the first request of a method and level: the first answer should not wait for all of them. */
  #candidates({ method, query }: RequestHead, level: Level): readonly Route[] {
    const key = `${method} ${level}`;
    if (!this.#routes.has(key)) {
      if (!METHODS.has(method)) return [];
      const path = level === 'object' ? '/{Key+}' : '/';
      const routes = [...this.#model.operations.values()]
        .filter(({ http }) => http?.method === method && http.uri.split('?')[0] === path)
        .map(routeOf)
        .filter((route) => route.level === level);
      this.#routes.set(key, routes);
      this.#plain.set(
        key,
        routes.filter(({ literals, required }) => literals.length === 0 && !required.some(isDecisiveQuery)),
      );
    }
    return (query.length === 0 ? this.#plain : this.#routes).get(key)!;
  }
}

function routeOf(operation: OperationModel): Route {
  const [, query = ''] = operation.http!.uri.split('?');
  const { labels, query: members, headers, required } = inputBindings(operation);
  const needs = (member: string) => required.includes(member);
  return {
    operation,
    level: labels.includes('Key') ? 'object' : labels.includes('Bucket') ? 'bucket' : 'service',
    literals: query
      .split('&')
      .filter((part) => part !== '' && !part.startsWith('x-id='))
      .map((part) => part.split('=') as [string, string?])
      .map(([name, value]) => [name, value ?? '']),
    required: [
      ...members.filter(({ member }) => needs(member)).map(({ name }) => ({ name, place: 'query' as const })),
      ...headers
        .filter(({ member }) => needs(member))
        .map(({ name }) => ({ name, place: 'header' as const })),
    ],
  };
}

function scoreRoute(route: Route, head: RequestHead): number | undefined {
  for (const [name, value] of route.literals) {
    const found = head.query.find(([key]) => key === name);
    if (!found || (value !== '' && found[1] !== value)) return undefined;
  }
  let score = route.literals.length * 100;
  for (const { name, place } of route.required) {
    const present = place === 'query' ? head.query.some(([key]) => key === name) : name in head.headers;
    if (present) score += 1;
    else if (DECISIVE.has(name)) return undefined;
    else score -= 1;
  }
  return score;
}
