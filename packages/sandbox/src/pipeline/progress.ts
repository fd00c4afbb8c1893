import type { CallDecision } from '@crossbucket/policy';
import type { RememberedDecision } from '../gate/decision-memo.ts';
import type { Caller } from '../gate/caller.ts';
import type { Endpoint } from '../gate/network.ts';
import type { LoadedService, ServiceDefinition, Survey } from '../services/service.ts';
import type { AwsError } from '../wire/errors.ts';
import type { RequestHead } from '../wire/message.ts';
import type { OperationModel } from '../wire/model.ts';
import type { PostedObject } from './post-object.ts';
import type { Signature } from '../wire/signature.ts';

export type Members = Record<string, unknown>;

/** What is known of a request so far; the trail records whatever is there when it ends. */
export interface Progress {
  head: RequestHead;
  requestId: string;
  definition: ServiceDefinition;
  service?: LoadedService;
  operation?: OperationModel;
  /** The form that it came as. */
  posted?: PostedObject;
  /** False until the signature is checked, or found to be absent. */
  authenticated: boolean;
  caller: Caller;
  signature?: Signature;
  region: string;
  /** The VPC endpoint that it came in by. */
  endpoint?: Endpoint | undefined;
  input: Members;
  output?: Members;
  survey: Survey;
  decision?: CallDecision | RememberedDecision;
  error?: AwsError;
}
