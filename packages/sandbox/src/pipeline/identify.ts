import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { S3, SERVICES } from '../services/registry.ts';
import type { LoadedService, ServiceDefinition } from '../services/service.ts';
import { AwsError } from '../wire/errors.ts';
import { header, parseQuery, queryValue, type RequestHead, type TlsFacts } from '../wire/message.ts';
import type { OperationModel } from '../wire/model.ts';
import type { Protocol } from '../wire/protocol.ts';
import { parseForm } from '../wire/query-protocol.ts';

export function headOf(request: IncomingMessage): RequestHead {
  const url = originForm(request.url ?? '/');
  const question = url.indexOf('?');
  const tls = 'encrypted' in request.socket ? tlsOf(request.socket as TLSSocket) : undefined;
  return {
    method: request.method ?? 'GET',
    rawPath: question === -1 ? url : url.slice(0, question),
    query: question === -1 ? [] : parseQuery(url.slice(question + 1)),
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    remoteAddress: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    ...(tls && { tls }),
  };
}

/**
 * A client that takes this server for its proxy names the whole address, which is then the same as the Host header's.
 * https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
 */
function originForm(url: string): string {
  if (!url.startsWith('http://')) return url;
  const target = url.slice(7).replace(/^[^/?]*/, '');
  return target.startsWith('/') ? target : `/${target}`;
}

function tlsOf(socket: TLSSocket): TlsFacts {
  return { version: socket.getProtocol() ?? '', cipher: socket.getCipher().standardName };
}

/** The service that a request is for: by its signature's scope, its target, its form's version; else S3. */
export function definitionOf(head: RequestHead, unsignedForm: Buffer | undefined): ServiceDefinition {
  const target = header(head, 'x-amz-target');
  if (target !== undefined) {
    const found = SERVICES.find(
      (service) => service.target !== undefined && service.target === targetOf(target),
    );
    const unknown = () =>
      new AwsError('UnknownOperationException', `The sandbox has no service for \`${target}\`.`, {
        status: 400,
      });
    return found ?? refusing('json', unknown);
  }
  if (unsignedForm) {
    const version = parseForm(unsignedForm.toString('utf8')).get('Version');
    return SERVICES.find((service) => service.version !== undefined && service.version === version) ?? S3;
  }
  const scope = scopeIn(
    header(head, 'authorization') ?? `Credential=${queryValue(head, 'X-Amz-Credential') ?? ''}`,
  );
  if (scope === undefined) return S3;
  const found = SERVICES.find(({ name, scope: own = name, owns }) => own === scope && (owns?.(head) ?? true));
  const unknown = () => new AwsError('NotImplemented', `The sandbox has no service \`${scope}\`.`);
  return found ?? refusing(isForm(head) ? 'query' : 'json', unknown);
}

/** The beginning of the last credential read, up to the end of its scope. */
let latest = { text: ' ', scope: '' };

/** The service that a credential is for. */
function scopeIn(credential: string): string | undefined {
  if (credential.startsWith(latest.text)) return latest.scope;
  const found = /Credential=[^,]*\/\d{8}\/[^/,]+\/([^/,]+)\/aws4_request/.exec(credential);
  if (!found) return undefined;
  latest = { text: credential.slice(0, found.index + found[0].length), scope: found[1]! };
  return latest.scope;
}

/** botocore puts CloudTrail's namespace before it: `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents`. */
function targetOf(target: string): string | undefined {
  return target.split('.').at(-2);
}

export function isForm(head: RequestHead): boolean {
  return header(head, 'content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
}

/** Stands for a service that is not here: what it answers is at least in a form that its clients read. */
function refusing(protocol: Protocol, error: () => AwsError): ServiceDefinition {
  return { name: '', protocol, namespace: '', load: () => Promise.reject(error()) };
}

export function operationNamed(
  service: LoadedService,
  name: string | undefined,
  definition: ServiceDefinition,
): OperationModel {
  const operation = service.model.operations.get(name ?? '');
  if (operation) return operation;
  if (definition.protocol === 'json')
    throw new AwsError('UnknownOperationException', `There is no operation \`${name ?? ''}\`.`);
  if (name === undefined)
    throw new AwsError('MissingAction', 'The request is missing an Action or a required parameter.');
  throw new AwsError(
    'InvalidAction',
    `Could not find operation ${name} for version ${definition.version ?? ''}`,
  );
}
