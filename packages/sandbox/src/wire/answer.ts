import type { ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';

import { type AwsError, statusOf } from './errors.ts';
import { writeJsonError, writeJsonOutput } from './json-protocol.ts';
import type { WireResponse } from './message.ts';
import type { OperationModel } from './model.ts';
import type { Protocol } from './protocol.ts';
import { writeQueryError, writeQueryOutput } from './query-protocol.ts';
import { writeRestOutput } from './rest-xml.ts';
import { writeElement } from './xml.ts';

/** What an answer is written for. */
export interface AnswerContext {
  protocol: Protocol;
  namespace: string;
  requestId: string;
  declaredErrors?: ReadonlyMap<string, number>;
  /** Path of the resource, for S3's errors. */
  resource: string;
}

export function writeOutput(
  operation: OperationModel,
  output: Record<string, unknown>,
  context: AnswerContext,
): WireResponse {
  switch (context.protocol) {
    case 'rest-xml':
      return writeRestOutput(operation, output, context.namespace);
    case 'query':
      return writeQueryOutput(operation, output, context.namespace, context.requestId);
    case 'json':
      return writeJsonOutput(operation, output);
  }
}

export function writeError(error: AwsError, context: AnswerContext): WireResponse {
  const status = statusOf(error, context.declaredErrors);
  const response = writeErrorBody(error, status, context);
  Object.assign(response.headers, error.headers);
  return response;
}

function writeErrorBody(error: AwsError, status: number, context: AnswerContext): WireResponse {
  switch (context.protocol) {
    case 'query':
      return writeQueryError(error, status, context.namespace, context.requestId);
    case 'json':
      return writeJsonError(error, status);
    case 'rest-xml': {
      if (status === 304) return { status, headers: {} };
      const body = writeElement('Error', {
        Code: error.code,
        Message: error.message,
        ...error.fields,
        Resource: context.resource,
        RequestId: context.requestId,
        HostId: context.requestId,
      });
      return { status, headers: { 'content-type': 'application/xml' }, body };
    }
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonResponseHeaders.html */
function callHeaders(protocol: Protocol, id: string): string[] {
  if (protocol !== 'rest-xml') return ['x-amzn-requestid', id];
  return ['x-amz-id-2', id, 'x-amz-request-id', id, 'server', 'AmazonS3'];
}

/** Sends an answer; resolves when its body is handed on. */
export async function send(
  response: ServerResponse,
  answer: WireResponse,
  options: { requestId: string; omitBody: boolean; protocol: Protocol },
): Promise<void> {
  const { body, status } = answer;
  const headers = callHeaders(options.protocol, options.requestId);
  for (const name in answer.headers) headers.push(name, answer.headers[name]!);
  if (body instanceof Readable) {
    response.writeHead(status, headers);
    if (options.omitBody) {
      body.destroy();
      response.end();
      return;
    }
    await new Promise<void>((resolve) => {
      // A client that goes away ends the stream; there is nobody to tell.
      pipeline(body, response, () => resolve());
    });
    return;
  }
  if (answer.headers['content-length'] === undefined && status !== 204 && status !== 304)
    headers.push('content-length', String(body === undefined ? 0 : Buffer.byteLength(body)));
  response.writeHead(status, headers);
  response.end(options.omitBody ? undefined : body);
}
