import type { IncomingMessage } from 'node:http';
import { inputBindings } from '../wire/bindings.ts';
import { bytesOf, type IncomingBody } from '../wire/body.ts';
import type { RequestHead, WireResponse } from '../wire/message.ts';
import type { OperationModel, ServiceModel } from '../wire/model.ts';
import { FormBody } from '../wire/post-form/form-body.ts';
import { headOfForm } from '../wire/post-form/form-head.ts';
import { answerForm } from '../wire/post-form/post-answer.ts';
import { readPostForm } from '../wire/post-form/post-form.ts';
import { checkPostPolicy, readPostPolicy } from '../wire/post-form/post-policy.ts';
import { readFormSignatureV2 } from '../wire/sigv2.ts';
import { missingField, readFormSignature } from '../wire/read-signature.ts';
import type { Signature } from '../wire/signature.ts';

/** A form by which a browser uploads an object, as the PUT that it comes to. */
export interface PostedObject {
  operation: OperationModel;
  labels: Record<string, string>;
  head: RequestHead;
  signature: Signature | undefined;
  /** Call when the signature has held: its file, if the form is as its policy says. */
  body(): IncomingBody;
  /** The answer that the form asks for, made of the PUT's. */
  answer(stored: WireResponse): WireResponse;
}

/** Reads a form up to its file. */
export async function readPostedObject(
  head: RequestHead,
  request: IncomingMessage,
  model: ServiceModel,
): Promise<PostedObject> {
  const form = await readPostForm(head, bytesOf(request));
  const { bucket, fields, file } = form;
  const tagging = inputBindings(model.operations.get('PutObjectTagging')!).payload!.schema;
  const put = headOfForm(head, fields, tagging);
  return {
    operation: model.operations.get('PutObject')!,
    labels: { Bucket: bucket, Key: fields.get('key') || missingField('key') },
    head: put,
    signature: readFormSignatureV2(fields) ?? readFormSignature(fields),
    body() {
      const text = fields.get('policy');
      const policy = text === undefined ? undefined : readPostPolicy(text);
      if (policy) checkPostPolicy(policy, fields, bucket, Date.now());
      return new FormBody(file, put, policy?.size);
    },
    answer: (stored) => answerForm(head, form, stored),
  };
}
