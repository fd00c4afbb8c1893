import { addressOf, type Level } from './address.ts';
import { bindingsOf } from './bindings.ts';
import { AwsError } from './errors.ts';
import type { RequestHead } from './message.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import type { Routed, Router } from './template-router.ts';

interface Route {
  operation: OperationModel;
  method: string;
  level: Level;
  /** Query parameters that the request must have; an empty value matches any. */
  literals: [name: string, value: string][];
  /** Required query parameters and headers, which tell operations of one path apart. */
  required: { name: string; place: 'query' | 'header' }[];
}

/** Required members without which it is another operation, not this one with something missing. */
const DECISIVE = new Set(['uploadId', 'partNumber', 'x-amz-copy-source']);

const isDecisiveQuery = ({ name, place }: Route['required'][number]): boolean =>
  place === 'query' && DECISIVE.has(name);

/** Finds S3's operations by method, level and query. */
export class S3Router implements Router {
  readonly #routes = new Map<string, Route[]>();
  /** Those among them that a request without a query may be for. */
  readonly #plain = new Map<string, Route[]>();

  constructor(model: ServiceModel) {
    for (const operation of model.operations.values()) {
      const route = routeOf(operation);
      if (!route) continue;
      const key = `${route.method} ${route.level}`;
      const routes = this.#routes.get(key);
      if (routes) routes.push(route);
      else this.#routes.set(key, [route]);
    }
    for (const [key, routes] of this.#routes)
      this.#plain.set(
        key,
        routes.filter(({ literals, required }) => literals.length === 0 && !required.some(isDecisiveQuery)),
      );
  }

  find(head: RequestHead): Routed {
    const { level, bucket, key } = addressOf(head);
    return { operation: this.#operation(head, level), labels: { Bucket: bucket, Key: key } };
  }

  /** The operation with the most literal query parameters in the request, then with the most required members. */
  #operation(head: RequestHead, level: Level): OperationModel {
    let best: Route | undefined;
    let bestScore = -Infinity;
    const routes = head.query.length === 0 ? this.#plain : this.#routes;
    for (const route of routes.get(`${head.method} ${level}`) ?? []) {
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
}

function routeOf(operation: OperationModel): Route | undefined {
  if (!operation.http) return undefined;
  const { method, uri } = operation.http;
  const [path = '', query = ''] = uri.split('?');
  if (path !== '/' && path !== '/{Key+}') return undefined; // served from hosts of their own
  const { labels, query: members, headers, required } = bindingsOf(operation).input;
  const needs = (member: string) => required.includes(member);
  return {
    operation,
    method,
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
