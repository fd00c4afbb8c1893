import { AwsError } from './errors.ts';
import { decodePercent, type RequestHead } from './message.ts';
import type { OperationModel, ServiceModel } from './model.ts';

/** An operation, and what its path holds. */
export interface Routed {
  operation: OperationModel;
  labels: Record<string, string | undefined>;
}

/** Finds the operation of a request. */
export interface Router {
  find(head: RequestHead): Routed;
}

interface Route {
  operation: OperationModel;
  path: RegExp;
  labels: string[];
  literals: [name: string, value: string][];
}

/** Finds operations by the path templates of their schemas: `/v20180820/accesspoint/{Name}/policy`. */
export class TemplateRouter implements Router {
  readonly #routes = new Map<string, Route[]>();

  constructor(model: ServiceModel) {
    for (const operation of model.operations.values()) {
      if (!operation.http) continue;
      const { method } = operation.http;
      this.#routes.set(method, [...(this.#routes.get(method) ?? []), routeOf(operation)]);
    }
    // Where two paths match, the one that says more is meant.
    for (const routes of this.#routes.values()) routes.sort((a, b) => b.literals.length - a.literals.length);
  }

  find(head: RequestHead): Routed {
    for (const { operation, path, labels, literals } of this.#routes.get(head.method) ?? []) {
      const match = path.exec(head.rawPath);
      if (!match || !literals.every((literal) => hasLiteral(head, literal))) continue;
      return {
        operation,
        labels: Object.fromEntries(
          labels.map((label, index) => [label, decodePercent(match[index + 1]!) ?? match[index + 1]]),
        ),
      };
    }
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.');
  }
}

function routeOf(operation: OperationModel): Route {
  const [path = '', query = ''] = operation.http!.uri.split('?');
  const labels: string[] = [];
  const pattern = path
    .split('/')
    .map((segment) => {
      const label = /^\{(\w+)(\+?)\}$/.exec(segment);
      if (!label) return segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
      labels.push(label[1]!);
      return label[2] === '+' ? '(.+)' : '([^/]+)';
    })
    .join('/');
  const literals = query
    .split('&')
    .filter((part) => part !== '' && !part.startsWith('x-id='))
    .map((part): [string, string] => [part.split('=')[0]!, part.split('=')[1] ?? '']);
  return { operation, path: new RegExp(`^${pattern}$`), labels, literals };
}

function hasLiteral(head: RequestHead, [name, value]: [string, string]): boolean {
  return head.query.some(([key, found]) => key === name && (value === '' || found === value));
}
